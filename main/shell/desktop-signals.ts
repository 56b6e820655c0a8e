import type { Message, MessageBus } from 'dbus-native';

/** Connects to a message bus; throws, or breaks later, where there is none. */
export type ConnectBus = () => MessageBus;

export interface DesktopSignalsOptions {
  sessionBus: ConnectBus;
  /** Where logind is; a desktop without it has the screen saver's signals only. */
  systemBus: ConnectBus;
  /** Id of the login session, as logind gave it to the desktop (XDG_SESSION_ID). */
  sessionId: string | undefined;
  onScreenLocked: () => void;
  onUserSwitched: () => void;
}

/** Which of the two could be listened to. */
export interface DesktopSignals {
  readonly screenSaver: boolean;
  readonly logind: boolean;
}

const SIGNAL = 4;
const SCREEN_SAVERS = [
  'org.freedesktop.ScreenSaver',
  'org.gnome.ScreenSaver',
  'org.cinnamon.ScreenSaver',
  'org.mate.ScreenSaver',
  'org.xfce.ScreenSaver',
];
const LOGIND = 'org.freedesktop.login1';
const SESSION = `${LOGIND}.Session`;
const PROPERTIES = 'org.freedesktop.DBus.Properties';

/**
 * On Linux Electron tells nothing of the screen lock, so the desktop is asked itself: `ActiveChanged` of its screen
 * saver, and of logind `Lock`, `LockedHint` and `Active` of this session (org.freedesktop.login1). Whoever is on the bus
 * can send the former; all that they can do with it is lock.
 */
export async function watchDesktop(options: DesktopSignalsOptions): Promise<DesktopSignals> {
  const { sessionBus, systemBus } = options;
  const [screenSaver, logind] = await Promise.all([
    listen(sessionBus, (bus) => watchScreenSaver(bus, options)),
    listen(systemBus, (bus) => watchLogind(bus, options)),
  ]);
  return { screenSaver, logind };
}

/** True once the bus has taken the request. A bus that breaks, then or later, breaks nothing else. */
async function listen(connect: ConnectBus, watch: (bus: MessageBus) => Promise<void>): Promise<boolean> {
  try {
    const bus = connect();
    const broken = new Promise<never>((_, reject) => {
      bus.connection.on('error', reject);
      bus.connection.on('close', reject);
    });
    broken.catch(() => undefined);
    await Promise.race([watch(bus), broken]);
    return true;
  } catch {
    return false;
  }
}

function onSignal(bus: MessageBus, listener: (signal: Message) => void): void {
  bus.connection.on('message', (message) => {
    if (message.type === SIGNAL) listener(message);
  });
}

async function watchScreenSaver(bus: MessageBus, { onScreenLocked }: DesktopSignalsOptions): Promise<void> {
  onSignal(bus, ({ interface: owner = '', member, body }) => {
    if (member === 'ActiveChanged' && SCREEN_SAVERS.includes(owner) && body?.[0] === true) onScreenLocked();
  });
  for (const owner of SCREEN_SAVERS) await bus.addMatch(`type='signal',interface='${owner}',member='ActiveChanged'`);
}

async function watchLogind(bus: MessageBus, options: DesktopSignalsOptions): Promise<void> {
  const { toPlain } = await import('dbus-native');
  const path = await ownSession(bus, options.sessionId);
  onSignal(bus, ({ path: from, interface: owner, member, body }) => {
    if (from !== path) return;
    if (owner === SESSION && member === 'Lock') options.onScreenLocked();
    if (owner !== PROPERTIES || body?.[0] !== SESSION) return;
    const changed = toPlain<Record<string, unknown>>(body[1]);
    if (changed['LockedHint'] === true) options.onScreenLocked();
    if (changed['Active'] === false) options.onUserSwitched();
  });
  for (const owner of [SESSION, PROPERTIES]) {
    await bus.addMatch(`type='signal',sender='${LOGIND}',path='${path}',interface='${owner}'`);
  }
}

/** Signals of other people's sessions pass on the same bus. */
function ownSession(bus: MessageBus, sessionId: string | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    bus.invoke(
      {
        destination: LOGIND,
        path: '/org/freedesktop/login1',
        interface: `${LOGIND}.Manager`,
        member: 'GetSession',
        signature: 's',
        // `auto`: the session of who asks, or the account's display session (logind since version 243).
        body: [sessionId ?? 'auto'],
      },
      (error, path) => (error ? reject(error) : resolve(String(path))),
    );
  });
}
