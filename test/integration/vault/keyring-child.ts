import { spawnSync } from 'node:child_process';
import { createSystemKeyStore } from '../../../main/vault/system-key-store.ts';

/*
 * Runs in a private desktop as an ordinary user: does to the real keychain what the test asks for, and prints one JSON
 * value of what came back.
 */
const store = createSystemKeyStore();

/** The process of the keyring, and how many are connected to the bus. */
function onTheBus(): { keyring: string; connections: number } {
  const bus = ['call', '--session', '--dest', 'org.freedesktop.DBus', '--object-path', '/org/freedesktop/DBus'];
  const ask = (method: string, ...args: string[]) =>
    spawnSync('gdbus', [...bus, '--method', `org.freedesktop.DBus.${method}`, ...args], { encoding: 'utf8' }).stdout;
  return {
    keyring: ask('GetConnectionUnixProcessID', 'org.freedesktop.secrets'),
    connections: ask('ListNames').match(/':/g)?.length ?? 0,
  };
}

/** Locks the login collection as a screen lock does. */
function lock(): void {
  const collection = '[objectpath "/org/freedesktop/secrets/collection/login"]';
  const method = ['--method', 'org.freedesktop.Secret.Service.Lock', collection];
  const service = ['--dest', 'org.freedesktop.secrets', '--object-path', '/org/freedesktop/secrets'];
  const { status } = spawnSync('gdbus', ['call', '--session', ...service, ...method]);
  if (status !== 0) throw new Error('the keyring could not be locked');
}

const scenarios: Record<string, () => Promise<unknown>> = {
  roundTrip: async () => ({
    before: await store.get('a'),
    set: await store.set('a', 'sëcret ✓'),
    kept: await store.get('a'),
    other: await store.get('b'),
    replaced: [await store.set('a', 'second'), await store.get('a')],
    deleted: await store.delete('a'),
    after: await store.get('a'),
  }),
  lockedWithEntry: async () => {
    const set = await store.set('a', 'secret');
    lock();
    return { set, get: await store.get('a'), again: await store.set('b', 'secret') };
  },
  manyAtOnce: async () => {
    await store.set('a', 'secret');
    const before = onTheBus();
    let kept = 0;
    for (let round = 0; round < 60; round += 1) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => store.get('a')));
      kept += answers.filter((answer) => answer.ok && answer.value === 'secret').length;
    }
    const after = onTheBus();
    return { kept, sameKeyring: after.keyring === before.keyring, more: after.connections - before.connections };
  },
  ask: async () => ({ get: await store.get('a'), set: await store.set('a', 'secret') }),
};

const answer = await scenarios[process.argv[2] ?? '']?.();
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
