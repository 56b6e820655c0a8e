import { type MessageBus, sessionBus } from 'dbus-native';

const SERVICE = 'org.freedesktop.secrets';
const ROOT = '/org/freedesktop/secrets';
const COLLECTION = '/org/freedesktop/secrets/collection/login';
/** The password of the private keyring that `runInDesktop` makes. */
const PASSWORD = 'pw';

async function onBus<Value>(work: (bus: MessageBus) => Promise<Value>): Promise<Value> {
  const bus = sessionBus();
  try {
    return await work(bus);
  } finally {
    bus.connection.end();
  }
}

function ask(bus: MessageBus, member: string, signature: string, body: unknown[], owner: string): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const message = { destination: SERVICE, path: ROOT, interface: owner, member, signature, body };
    bus.invoke(message, (error: { message?: unknown } | null, ...values: unknown[]) =>
      error ? reject(new Error(String(error.message))) : resolve(values),
    );
  });
}

/** Locks the session's keyring, as a desktop does when its owner is away. */
export function lockKeyring(): Promise<void> {
  return onBus(async (bus) => {
    await ask(bus, 'Lock', 'ao', [[COLLECTION]], 'org.freedesktop.Secret.Service');
  });
}

/** Unlocks it as GNOME's login does, without a prompt (gnome-keyring's own interface). */
export function unlockKeyring(): Promise<void> {
  return onBus(async (bus) => {
    const [, session] = await ask(bus, 'OpenSession', 'sv', ['plain', ['s', '']], 'org.freedesktop.Secret.Service');
    const secret = [session, Buffer.alloc(0), Buffer.from(PASSWORD), 'text/plain'];
    const owner = 'org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface';
    await ask(bus, 'UnlockWithMasterPassword', 'o(oayays)', [COLLECTION, secret], owner);
  });
}

/** Lets the keyring's process stand still, so that it takes calls and answers none; answers the function that wakes it. */
export async function freezeKeyring(): Promise<() => void> {
  const pid = await onBus(
    (bus) =>
      new Promise<number>((resolve, reject) => {
        const owner = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus' };
        const message = { ...owner, interface: owner.destination, member: 'GetConnectionUnixProcessID' };
        bus.invoke({ ...message, signature: 's', body: [SERVICE] }, (error: unknown, value: number) =>
          error ? reject(new Error('no keyring')) : resolve(value),
        );
      }),
  );
  process.kill(pid, 'SIGSTOP');
  return () => process.kill(pid, 'SIGCONT');
}
