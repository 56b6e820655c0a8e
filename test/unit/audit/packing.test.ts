import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DICTIONARY } from '../../../main/audit/dictionary.ts';
import { entryOf, type NewEntry } from '../../../main/audit/entries.ts';
import { auditEvent } from '../../../main/audit/events/event.ts';
import { originOf } from '../../../main/audit/log/entry.ts';
import { createSigner } from '../../../main/audit/log/note.ts';
import { startOf } from '../../../main/audit/log/verify.ts';
import { packed, unpacked } from '../../../main/audit/packing.ts';
import { auditMigrations } from '../../../main/audit/schema.ts';
import { openDatabase } from '../../../main/cache/open.ts';
import { openLogFile } from '../../support/audit.ts';
import { temporaryFolder } from '../vault/support.ts';
import { openTestLog } from './delivery/support.ts';
import { recorder } from './support.ts';

function eventAt(number: number): object {
  const stamp = { id: randomUUID(), recorded: '2026-03-04T05:06:07.000Z', requestId: randomUUID(), recorder };
  const read = { action: 'read', practitioner: 'Practitioner/d', server: 'https://s.example/r4' } as const;
  return auditEvent({ ...read, patientId: `p-${number}`, view: 'chart.read' }, stamp);
}

describe('the text of an entry', () => {
  it('is the same after it was packed, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 4_000 }), (leaf) => {
        expect(unpacked(packed(leaf))).toBe(leaf);
      }),
    );
  });

  it('of an event takes a tenth of the room', () => {
    const { leaf } = entryOf(startOf(originOf(randomUUID())), eventAt(1));
    expect(packed(leaf).length).toBeLessThan(leaf.length / 10);
  });

  it('security: of what was never packed is none', () => {
    const bomb = Buffer.concat([Uint8Array.of(1), deflateRawSync(Buffer.alloc(2 ** 27))]);
    const whole = packed('{"event":{}}');
    const ofAnother = Buffer.concat([Uint8Array.of(2), whole.subarray(1)]);
    const none = [Buffer.alloc(0), Buffer.from('text'), bomb, whole.subarray(0, 4), whole.subarray(1), ofAnother];
    for (const kept of none) expect(unpacked(kept).length).toBe(0);
  });

  it('can still be read by the dictionary that it was packed by', () => {
    // Another dictionary is a format of its own: logs that are out there are packed by this one.
    expect(createHash('sha256').update(DICTIONARY).digest('hex')).toBe(
      '9f73ae2945dba519a004f09b4178d6bef6e7b2b7a8c10cac85f8c0d33098e554',
    );
  });
});

it('a log of a version that kept its entries as text goes on, and all of it verifies', async () => {
  const folder = temporaryFolder();
  const [key, seed, logId] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2), randomUUID()];
  const origin = originOf(logId);
  const { vkey } = createSigner(origin, seed);
  const file = join(folder, 'audit.db');
  const migrations = auditMigrations({ origin, vkey, predecessor: null }).slice(0, 5);
  const older = openDatabase({ file, key, mode: 'create', migrations });
  if (!older.ok) throw new Error(older.error.code);
  const db = older.value;
  const entries: NewEntry[] = [];
  for (let seq = 0; seq < 300; seq += 1) entries.push(entryOf(entries.at(-1)?.head ?? startOf(origin), eventAt(seq)));
  for (const { seq, leaf, hash, tile } of entries) {
    db.prepare('INSERT INTO entry (seq, leaf, hash) VALUES (?, ?, ?)').run(seq, leaf, hash);
    if (tile) db.prepare('INSERT INTO tile (number, hash) VALUES (?, ?)').run(tile.number, tile.hash);
  }
  db.close();

  const { log } = openTestLog(folder, { logId });
  expect(await log.append(JSON.stringify(eventAt(300)))).toEqual({ seq: 300 });
  expect(log.range({ first: 0, end: 300 })).toEqual(entries.map(({ seq, leaf }) => ({ seq, leaf })));
  let progress = log.verify({ anew: { anchor: null } });
  while (!progress.done) progress = log.verify({ anew: null });
  expect(log.findings()).toEqual([]);
  log.close();

  const after = openLogFile(file, key);
  for (const change of ["UPDATE entry SET leaf = x'01'", 'DELETE FROM entry'])
    expect(() => after.exec(change), change).toThrow(/append only/);
  after.close();
});
