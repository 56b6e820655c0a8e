import type { Socket } from 'node:net';
import type { MessageBus } from 'dbus-native';
import type { KeyringState } from './key-store.ts';

/** Connects to the session bus; throws where there is none. Handed in, so that other systems never load D-Bus. */
export type ConnectBus = () => MessageBus;

export interface SecretService {
  /**
   * Whether the default collection is locked (freedesktop.org Secret Service API, property `Locked` of
   * `org.freedesktop.Secret.Collection`). No session bus, no service and no default collection all read as `absent`:
   * nothing could be kept there. Waits for as long as the service does: the caller has the deadline.
   */
  state(): Promise<KeyringState>;
}

const SERVICE = { destination: 'org.freedesktop.secrets' };
const NO_DEADLINE = { timeout: 0 };

/**
 * Asked first, each time. GNOME Keyring notes whom it serves beside answering, not before: at once with a first
 * question, a busy one may not know the asker yet, and then answers with nothing or ends itself, which locks
 * everybody's keyring. By the answer to this it knows.
 */
async function greet(bus: MessageBus): Promise<void> {
  const peer = { path: '/org/freedesktop/secrets', interface: 'org.freedesktop.DBus.Peer', member: 'Ping' };
  await bus.invoke({ ...SERVICE, ...peer }, NO_DEADLINE);
}

async function isLocked(bus: MessageBus): Promise<boolean> {
  const properties = { interface: 'org.freedesktop.DBus.Properties', member: 'Get', signature: 'ss' };
  const body = ['org.freedesktop.Secret.Collection', 'Locked'];
  const path = '/org/freedesktop/secrets/aliases/default';
  return (await bus.invoke({ ...SERVICE, ...properties, path, body }, NO_DEADLINE)) === true;
}

/** The Secret Service, over one connection for as long as the bus keeps it. */
export function createSecretService(connect: ConnectBus): SecretService {
  let kept: MessageBus | null = null;
  let asking = 0;

  function connected(): MessageBus {
    if (kept) return kept;
    const bus = connect();
    const forget = () => {
      if (kept === bus) kept = null;
    };
    bus.connection.on('error', forget).on('close', forget);
    kept = bus;
    return bus;
  }

  /** The connection keeps a process running only while an answer is waited for. */
  function awaited(bus: MessageBus, change: 1 | -1): void {
    asking += change;
    const socket = bus.connection.stream as Socket;
    if (asking > 0) socket.ref();
    else socket.unref();
  }

  return {
    async state() {
      try {
        const bus = connected();
        awaited(bus, 1);
        try {
          await greet(bus);
          return (await isLocked(bus)) ? 'locked' : 'unlocked';
        } finally {
          awaited(bus, -1);
        }
      } catch {
        return 'absent';
      }
    },
  };
}
