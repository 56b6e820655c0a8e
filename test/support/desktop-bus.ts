import { type MessageBus, sessionBus } from 'dbus-native';

const SCREEN_SAVER = 'org.freedesktop.ScreenSaver';

/** A connection of the test's own to the private session bus. */
export async function openBus(): Promise<MessageBus> {
  const bus = sessionBus();
  // Answered only once the connection stands.
  await bus.getId();
  return bus;
}

/** What a desktop's screen saver says when the screen is locked or unlocked. */
export async function tellScreenSaver(active: boolean, owner = SCREEN_SAVER): Promise<void> {
  const bus = await openBus();
  bus.sendSignal('/org/freedesktop/ScreenSaver', owner, 'ActiveChanged', 'b', [active]);
  // The bus keeps the order: once it has answered this, it has passed on the signal.
  await bus.getId();
  bus.connection.end();
}
