import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fittingKey, rekeyDatabase } from '../../../main/cache/rekey.ts';
import { createProfiles } from '../../../main/identity/profiles.ts';
import { writeDurably } from '../../../main/vault/durable.ts';
import type { DatabaseKeys } from '../../../main/vault/vault.ts';
import { vaultWith } from '../../unit/vault/support.ts';
import { fileKeyStore } from './file-key-store.ts';
import { addNote, NOTE, openDatabases } from './support.ts';

/*
 * One action of the vault in a process of its own, which kills itself with SIGKILL at the nth point at which something
 * reaches keychain or disk. Told what to do by its parent; answers how many points there were, if it lives.
 */

export interface Task {
  readonly action: 'enrol' | 'change' | 'rotate';
  readonly root: string;
  readonly id: string;
  readonly keychain: string;
  readonly passphrase: string;
  readonly next: string;
  readonly recoveryKey: string | null;
  readonly kill: number;
}

export interface Done {
  readonly points: number;
  readonly answer: string;
}

process.once('message', async (task: Task) => {
  let points = 0;
  const reached = () => {
    if (points === task.kill) process.kill(process.pid, 'SIGKILL');
    points += 1;
  };
  const write = async (file: string, content: string) => {
    reached();
    // What a death in the middle leaves behind.
    writeFileSync(`${file}.half.new`, content.slice(0, content.length / 2));
    reached();
    await writeDurably(file, content);
    reached();
  };
  const profile = { id: task.id, folder: join(task.root, task.id) };
  const keyStore = fileKeyStore(task.keychain, reached);
  const vault = vaultWith(keyStore, {
    policy: { recoveryKey: task.recoveryKey },
    databases: databasesIn(reached),
    write,
  });
  const answers = {
    async enrol() {
      const keys = await vault.enrol(profile, task.passphrase);
      if (!keys.ok) return keys;
      const databases = openDatabases({ profile }, keys.value, true);
      if (typeof databases === 'string') throw new Error(databases);
      reached();
      addNote(databases, NOTE);
      databases.close();
      const profiles = createProfiles({ root: task.root, write, now: () => 0 });
      await profiles.add({ id: task.id, display: 'Dr A', practitioner: 'Practitioner/a', server: 'https://s' });
      return keys;
    },
    change: () => vault.changePassphrase(profile, task.passphrase, task.next),
    rotate: () =>
      vault.rotate(profile, task.passphrase, { prepare: async () => undefined, onProgress: () => undefined }),
  };
  const answer = await answers[task.action]();
  const done: Done = { points, answer: answer.ok ? 'ok' : answer.error.code };
  process.send?.(done, () => process.exit(0));
});

/** The change of keys as the maintenance process does it, with a point at each of its steps. */
function databasesIn(reached: () => void): DatabaseKeys {
  const files = ({ folder }: { folder: string }, keys: Parameters<DatabaseKeys['rekey']>[1]) => [
    { file: join(folder, 'outbox.db'), keys: [keys.outboxKeys[0]!, keys.outboxKeys[1]!] as const },
    { file: join(folder, 'cache.db'), keys: [keys.cacheKeys[0]!, keys.cacheKeys[1]!] as const },
  ];
  return {
    async fitting(profile, keys) {
      const [outbox = 0, cache = 0] = files(profile, keys).map(fittingKey);
      return { ok: true, value: { outbox, cache } };
    },
    async rekey(profile, keys) {
      for (const file of files(profile, keys)) rekeyDatabase(file, reached);
      return { ok: true, value: undefined };
    },
  };
}
