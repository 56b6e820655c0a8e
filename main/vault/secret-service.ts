import type { MessageBus } from 'dbus-native';
import type { KeyringState } from './key-store.ts';

/** Connects to the session bus; throws where there is none. Handed in, so that other systems never load D-Bus. */
export type ConnectBus = () => MessageBus;

/**
 * Asks the Secret Service whether its default collection is locked (freedesktop.org Secret Service API, property
 * `Locked` of `org.freedesktop.Secret.Collection`). No session bus, no service and no default collection all read
 * as `absent`: nothing could be kept there.
 */
export async function secretServiceState(connect: ConnectBus): Promise<KeyringState> {
  let bus: MessageBus;
  try {
    bus = connect();
  } catch {
    return 'absent';
  }
  try {
    const broken = new Promise<never>((_, reject) => bus.connection.once('error', reject));
    const asked = new Promise<unknown>((resolve, reject) => {
      bus.invoke(
        {
          destination: 'org.freedesktop.secrets',
          path: '/org/freedesktop/secrets/aliases/default',
          interface: 'org.freedesktop.DBus.Properties',
          member: 'Get',
          signature: 'ss',
          body: ['org.freedesktop.Secret.Collection', 'Locked'],
        },
        (error, value) => (error ? reject(error) : resolve(value)),
      );
    });
    return (await Promise.race([asked, broken])) === true ? 'locked' : 'unlocked';
  } catch {
    return 'absent';
  } finally {
    bus.connection.end();
  }
}
