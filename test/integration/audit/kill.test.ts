import { cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3-multiple-ciphers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { anchorAccount } from '../../../main/audit/anchor.ts';
import { localPort } from '../../../main/audit/local-port.ts';
import { readLeaf } from '../../../main/audit/log/entry.ts';
import { type AuditStore, openAuditStore } from '../../../main/audit/store.ts';
import type { KeyStore } from '../../../main/vault/key-store.ts';
import { watchCommits } from '../../support/commits.ts';
import { memoryKeyStore, temporaryFolder } from '../../unit/vault/support.ts';
import { eventOf, NOW, workstation } from './support.ts';

interface Snapshot {
  readonly step: string;
  readonly folder: string;
  readonly entries: ReadonlyMap<string, string>;
  readonly acknowledged: readonly string[];
}

/** What the disk and the keychain held at each step of a session. */
async function sessionOf(root: string, run: (store: AuditStore, seen: (id: string) => void) => Promise<void>) {
  const folder = join(root, 'live', 'audit');
  const keyStore = memoryKeyStore();
  const [snapshots, acknowledged]: [Snapshot[], string[]] = [[], []];
  const take = (step: string) => {
    const copy = join(mkdtempSync(join(root, 'at-')), 'audit');
    mkdirSync(folder, { recursive: true });
    cpSync(folder, copy, { recursive: true });
    snapshots.push({ step, folder: copy, entries: new Map(keyStore.entries), acknowledged: [...acknowledged] });
  };
  const stop = watchConnections(take);
  const watched: Pick<KeyStore, 'get' | 'set'> = {
    get: keyStore.get,
    async set(account, secret) {
      take(`before keychain ${account}`);
      const answer = await keyStore.set(account, secret);
      take(`after keychain ${account}`);
      return answer;
    },
  };
  const opened = await openAuditStore({
    fork: localPort,
    folder,
    keyStore: watched,
    binding: undefined,
    now: () => NOW,
    newId: () => crypto.randomUUID(),
  });
  if (!opened.ok) throw new Error(opened.error.code);
  await run(opened.value, (id) => acknowledged.push(id));
  await opened.value.close();
  stop();
  return snapshots;
}

/** Hears of each commit of every connection. */
function watchConnections(take: (step: string) => void): () => void {
  const prototype = Sqlite.prototype as Database;
  const original = Object.getOwnPropertyDescriptor(prototype, 'key') as PropertyDescriptor;
  Object.defineProperty(prototype, 'key', {
    configurable: true,
    value(this: Database, key: Buffer) {
      watchCommits(this, { before: () => take('before commit'), after: () => take('after commit') });
      return (original.value as (key: Buffer) => number).call(this, key);
    },
  });
  const stop = () => {
    Object.defineProperty(prototype, 'key', original);
  };
  onTestFinished(stop);
  return stop;
}

/** Opens what was left, verifies all of it, and tells which events are there. */
async function reopen({ folder, entries }: Pick<Snapshot, 'folder' | 'entries'>) {
  const keyStore = memoryKeyStore();
  for (const [account, secret] of entries) {
    // Of the folder where it was, which was copied.
    keyStore.entries.set(account.startsWith('audit/anchor') ? anchorAccount(folder) : account, secret);
  }
  const opened = await openAuditStore({
    fork: localPort,
    folder,
    keyStore,
    binding: undefined,
    now: () => NOW,
    newId: () => crypto.randomUUID(),
  });
  if (!opened.ok) throw new Error(opened.error.code);
  const store = opened.value;
  let progress = await store.verify(true);
  while (!progress.done) progress = await store.verify(false);
  const findings = await store.findings();
  const ids = idsIn(await store.range(0, store.openedSize));
  const checkpoint = await store.newestCheckpoint();
  await store.close();
  return { findings, ids, signed: checkpoint?.size };
}

function idsIn(entries: readonly { leaf: string }[]): string[] {
  return entries.map(({ leaf }) => (JSON.parse(readLeaf(leaf)?.event ?? '{}') as { id: string }).id);
}

describe('security: the end of the process', () => {
  it('security: at any step loses no event that was acknowledged, records none twice, and raises no alarm', async () => {
    const root = temporaryFolder();
    const snapshots = await sessionOf(root, async (store, seen) => {
      const append = async (number: number) => {
        await store.append(eventOf(number));
        seen(`event-${number}`);
      };
      for (const number of [0, 1, 2]) await append(number);
      await store.checkpoint();
      await Promise.all([3, 4, 5].map(append));
      await store.checkpoint();
      await append(6);
    });
    const steps = snapshots.map(({ step }) => step.replace(/\/[0-9a-f]{16}$/, ''));
    for (const step of [
      'before commit',
      'after commit',
      'before keychain audit/anchor',
      'after keychain audit/anchor',
    ]) {
      expect(steps.filter((one) => one === step).length, step).toBeGreaterThan(2);
    }
    for (const [at, snapshot] of snapshots.entries()) {
      const { findings, ids, signed } = await reopen(snapshot);
      const name = `step ${at}, ${snapshot.step}`;
      expect(findings, name).toEqual([]);
      expect(ids.slice(0, snapshot.acknowledged.length).toSorted(), name).toEqual(snapshot.acknowledged.toSorted());
      expect(new Set(ids).size, name).toBe(ids.length);
      // Signed at the next start where it was missing.
      expect(signed, name).toBe(ids.length);
    }
  });

  it('security: by SIGKILL while many events are under way loses none that was acknowledged', async () => {
    const { opened, ports } = workstation();
    const acknowledged: string[] = [];
    for (const round of [0, 1]) {
      const store = await opened();
      const flight = Array.from({ length: 30 }, (_, at) => {
        const number = round * 100 + at;
        return store.append(eventOf(number)).then(
          () => {
            acknowledged.push(`event-${number}`);
            if (acknowledged.length === round * 10 + 10) ports.at(-1)?.child.kill('SIGKILL');
          },
          () => undefined,
        );
      });
      await Promise.all(flight);
      await store.close();
    }
    const store = await opened();
    const ids = idsIn(await store.range(0, store.openedSize));
    expect(ids).toEqual(expect.arrayContaining(acknowledged));
    expect(new Set(ids).size).toBe(ids.length);
    let progress = await store.verify(true);
    while (!progress.done) progress = await store.verify(false);
    expect(await store.findings()).toEqual([]);
    await store.close();
  });
});
