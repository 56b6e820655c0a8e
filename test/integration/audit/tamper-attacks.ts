import { readFileSync, writeFileSync } from 'node:fs';
import { signCheckpoint } from '../../../main/audit/log/checkpoint.ts';
import { leafOf, readLeaf } from '../../../main/audit/log/entry.ts';
import { leafHash, rootOf } from '../../../main/audit/log/merkle.ts';
import { createSigner } from '../../../main/audit/log/note.ts';
import { type Head, headAfter, startOf } from '../../../main/audit/log/verify.ts';
import { packed, unpacked } from '../../../main/audit/packing.ts';
import type { WriteDb } from '../../../main/cache/open.ts';
import { append, type Base, DEVICE_SEED, openVictim, SIZE, type Victim } from './tamper-bench.ts';

/* What an attacker does with the files and the keys in hand. */

export function rowOf(db: WriteDb, seq: number): { leaf: string; hash: Buffer } {
  const row = db.prepare('SELECT leaf, hash FROM entry WHERE seq = ?').get(seq) as { leaf: Buffer; hash: Buffer };
  return { leaf: unpacked(row.leaf), hash: row.hash };
}

export const put = (db: WriteDb, seq: number, leaf: string, hash: Buffer) =>
  db.prepare('UPDATE entry SET leaf = ?, hash = ? WHERE seq = ?').run(packed(leaf), hash, seq);

export const insert = (db: WriteDb, seq: number, leaf: string, hash: Buffer) =>
  db.prepare('INSERT INTO entry (seq, leaf, hash) VALUES (?, ?, ?)').run(seq, packed(leaf), hash);

/** Writes the log anew from an entry on, as it would be if that one had always been another. */
export function rewrite(db: WriteDb, from: number, edit: (event: object) => object): Head {
  const origin = db.prepare('SELECT origin FROM log').pluck().get() as string;
  let head = startOf(origin);
  for (let seq = 0; seq < SIZE; seq += 1) {
    const { leaf } = rowOf(db, seq);
    if (seq < from) {
      head = headAfter(head, leafHash(leaf));
      continue;
    }
    const event = JSON.parse(readLeaf(leaf)?.event ?? '{}') as object;
    const changed = leafOf({ seq, previous: head.chain, event: seq === from ? edit(event) : event });
    put(db, seq, changed, leafHash(changed));
    head = headAfter(head, leafHash(changed));
  }
  return head;
}

export const elsewhere = (event: object) => ({ ...event, recorded: '2020-01-01T00:00:00.000Z' });

/** Signs the newest checkpoint anew, with the key of the device in hand. */
export function resign(db: WriteDb, { range, chain }: Head, seed = DEVICE_SEED): void {
  const origin = db.prepare('SELECT origin FROM log').pluck().get() as string;
  const time = '2026-03-04T05:06:07.000Z';
  const checkpoint = { origin, size: range.size, root: rootOf(range), chain, time };
  const note = signCheckpoint(checkpoint, createSigner(origin, new Uint8Array(32).fill(seed)));
  db.prepare('UPDATE checkpoint SET note = ?, frontier = ? WHERE size = ?').run(
    note,
    Buffer.concat(range.hashes),
    range.size,
  );
}

/** Puts the file back to when it had so many entries. */
export function putBack(base: Base, victim: Victim, size: number): void {
  const older = base.then.get(size) as Victim;
  writeFileSync(victim.file, readFileSync(older.file));
}

/** Lets the program record more, with a keychain that fits. */
export async function goOn(victim: Victim, keychain: Pick<Victim, 'anchor'>): Promise<void> {
  const { log, opened } = openVictim({ ...victim, anchor: keychain.anchor });
  if (typeof opened === 'string') throw new Error(opened);
  await append(log, 200, SIZE + 50, 10_000);
  log.close();
}
