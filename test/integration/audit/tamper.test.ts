import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leafOf } from '../../../main/audit/log/entry.ts';
import { leafHash } from '../../../main/audit/log/merkle.ts';
import { createSigner } from '../../../main/audit/log/note.ts';
import { elsewhere, goOn, insert, put, putBack, resign, rewrite, rowOf } from './tamper-attacks.ts';
import {
  type Base,
  buildBase,
  change,
  contentsOf,
  copyVictim,
  inspect,
  removeBase,
  SIZE,
  type Victim,
} from './tamper-bench.ts';

let base: Base;
beforeAll(async () => {
  base = await buildBase();
});
afterAll(() => removeBase(base));

type Attack = (victim: Victim) => void | Promise<void>;

const sql =
  (text: string): Attack =>
  (victim) =>
    change(victim, (db) => db.exec(text));

/** Each attack with the files and the database's key in hand: what finds it, and when. */
const attacks: readonly [string, Attack, 'start' | 'verification', string][] = [
  [
    'an entry is edited',
    (victim) =>
      change(victim, (db) => {
        const { leaf, hash } = rowOf(db, 120);
        put(db, 120, leaf.replace('Practitioner/d', 'Practitioner/x'), hash);
      }),
    'verification',
    'entry-altered',
  ],
  [
    'an entry is something that was never packed',
    sql("UPDATE entry SET leaf = CAST('text' AS BLOB) WHERE seq = 120"),
    'verification',
    'entry-altered',
  ],
  [
    'an entry is something that unpacks to more than there is room for',
    (victim) =>
      change(victim, (db) => {
        const bomb = Buffer.concat([Uint8Array.of(1), deflateRawSync(Buffer.alloc(2 ** 27))]);
        db.prepare('UPDATE entry SET leaf = ? WHERE seq = 120').run(bomb);
      }),
    'verification',
    'entry-altered',
  ],
  [
    'an entry is edited, and its hash too',
    (victim) =>
      change(victim, (db) => {
        const leaf = rowOf(db, 120).leaf.replace('Practitioner/d', 'Practitioner/x');
        put(db, 120, leaf, leafHash(leaf));
      }),
    'verification',
    'checkpoint-root',
  ],
  [
    'an entry is edited, and all that follows is written anew',
    (victim) => change(victim, (db) => void rewrite(db, 120, elsewhere)),
    'verification',
    'checkpoint-root',
  ],
  [
    'the same, and the newest checkpoint is signed with the key of the device',
    (victim) => change(victim, (db) => resign(db, rewrite(db, 120, elsewhere))),
    'start',
    'log-differs',
  ],
  ['an entry is taken out', sql('DELETE FROM entry WHERE seq = 120'), 'verification', 'entry-missing'],
  [
    'an entry is taken out, and the others are moved up',
    (victim) =>
      change(victim, (db) => {
        db.exec('DELETE FROM entry WHERE seq = 120');
        for (let seq = 121; seq < SIZE; seq += 1) db.prepare('UPDATE entry SET seq = seq - 1 WHERE seq = ?').run(seq);
      }),
    'start',
    'log-truncated',
  ],
  [
    'an entry is put in between',
    (victim) =>
      change(victim, (db) => {
        for (let seq = SIZE - 1; seq >= 120; seq -= 1)
          db.prepare('UPDATE entry SET seq = seq + 1 WHERE seq = ?').run(seq);
        const { leaf, hash } = rowOf(db, 10);
        insert(db, 120, leaf, hash);
      }),
    'start',
    'entry-misplaced',
  ],
  [
    'two entries change places',
    (victim) =>
      change(victim, (db) => {
        const [one, two] = [rowOf(db, 120), rowOf(db, 121)];
        put(db, 120, two.leaf, two.hash);
        put(db, 121, one.leaf, one.hash);
      }),
    'verification',
    'entry-misplaced',
  ],
  [
    'an entry is put in the place of another',
    (victim) =>
      change(victim, (db) => {
        const { leaf, hash } = rowOf(db, 10);
        put(db, 120, leaf, hash);
      }),
    'verification',
    'entry-misplaced',
  ],
  [
    'an entry is copied to the end',
    (victim) =>
      change(victim, (db) => {
        const { leaf, hash } = rowOf(db, 10);
        insert(db, SIZE, leaf, hash);
      }),
    'start',
    'entry-misplaced',
  ],
  [
    'an entry is made up at the end, without the chain',
    (victim) =>
      change(victim, (db) => {
        const leaf = leafOf({ seq: SIZE, previous: Buffer.alloc(32), event: { resourceType: 'AuditEvent' } });
        insert(db, SIZE, leaf, leafHash(leaf));
      }),
    'start',
    'chain-broken',
  ],
  ['the last entries are cut off', sql(`DELETE FROM entry WHERE seq >= ${SIZE - 20}`), 'start', 'log-truncated'],
  [
    'the last entries are cut off, with their checkpoints',
    sql('DELETE FROM entry WHERE seq >= 200; DELETE FROM checkpoint WHERE size > 200; DELETE FROM anchored'),
    'start',
    'log-truncated',
  ],
  [
    'everything is deleted from the log',
    sql(
      'DELETE FROM entry; DELETE FROM checkpoint; DELETE FROM tile; DELETE FROM anchored; DELETE FROM about; DELETE FROM agent',
    ),
    'start',
    'log-truncated',
  ],
  ['the file is put back to an older one', (victim) => putBack(base, victim, 200), 'start', 'log-truncated'],
  [
    'the file is put back to an older one, and goes on from there',
    async (victim) => {
      putBack(base, victim, 200);
      await goOn(victim, base.then.get(200) as Victim);
    },
    'start',
    'log-differs',
  ],
  [
    'the keychain’s anchor is put back to an older one',
    (victim) => {
      victim.anchor = base.then.get(200)?.anchor ?? null;
    },
    'start',
    'anchor-behind',
  ],
  [
    'the keychain’s anchor is deleted',
    (victim) => {
      victim.anchor = null;
    },
    'start',
    'anchor-missing',
  ],
  [
    'the keychain’s anchor is another log’s',
    (victim) => {
      victim.anchor = base.other.anchor;
    },
    'start',
    'log-replaced',
  ],
  [
    'another log is put in its place',
    (victim) => {
      const there = copyVictim(base.root, base.other);
      writeFileSync(victim.file, readFileSync(there.file));
      writeFileSync(`${victim.file}.kcv`, readFileSync(`${there.file}.kcv`));
    },
    'start',
    'log-replaced',
  ],
  [
    'the log’s name is changed to another one',
    sql("UPDATE log SET origin = 'wardlight.org/audit/00000000-0000-4000-8000-000000000000'"),
    'start',
    'log-replaced',
  ],
  ['the file is deleted', (victim) => rmSync(victim.file), 'start', 'log-missing'],
  ['the file is emptied', (victim) => truncateSync(victim.file, 0), 'start', 'log-missing'],
  ['the file is cut short', (victim) => truncateSync(victim.file, 8_192), 'start', 'log-damaged'],
  ['the tables are dropped', sql('DROP TABLE entry'), 'start', 'log-damaged'],
  [
    'the key of the device in the keychain is another',
    (victim) => {
      victim.seed = 99;
    },
    'start',
    'device-key-changed',
  ],
  [
    'the log is said to be signed by another key',
    (victim) =>
      change(victim, (db) => {
        const origin = db.prepare('SELECT origin FROM log').pluck().get() as string;
        db.prepare('UPDATE log SET vkey = ?').run(createSigner(origin, new Uint8Array(32).fill(99)).vkey);
      }),
    'start',
    'device-key-changed',
  ],
  [
    'the newest checkpoint is forged with another key',
    (victim) => change(victim, (db) => resign(db, rewrite(db, SIZE - 1, elsewhere), 99)),
    'start',
    'checkpoint-signature',
  ],
  [
    'an older checkpoint is edited',
    sql(`UPDATE checkpoint SET note = replace(note, 'time 2026', 'time 2025') WHERE size = 100`),
    'verification',
    'checkpoint-signature',
  ],
  [
    'a checkpoint is put at another size',
    sql('UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 100) WHERE size = 200'),
    'verification',
    'checkpoint-signature',
  ],
  [
    'the anchored checkpoint is deleted',
    sql(`DELETE FROM checkpoint WHERE size = ${SIZE}`),
    'start',
    'checkpoint-missing',
  ],
  [
    'what the newest checkpoint goes on from is changed',
    sql(`UPDATE checkpoint SET frontier = zeroblob(length(frontier)) WHERE size = ${SIZE}`),
    'start',
    'checkpoint-signature',
  ],
  [
    'what an older checkpoint goes on from is changed',
    sql('UPDATE checkpoint SET frontier = zeroblob(length(frontier)) WHERE size = 100'),
    'verification',
    'hashes-altered',
  ],
  [
    'a kept hash that proofs are made of is changed',
    sql('UPDATE tile SET hash = zeroblob(32) WHERE number = 0'),
    'verification',
    'hashes-altered',
  ],
  [
    'a patient’s entry is hidden from the query',
    sql('DELETE FROM about WHERE seq = 120'),
    'verification',
    'index-altered',
  ],
  [
    'an agent’s entry is hidden from the query',
    sql('DELETE FROM agent WHERE seq = 120'),
    'verification',
    'index-altered',
  ],
  [
    'an entry is found under a patient whom it isn’t about',
    sql("INSERT INTO about (patient, seq) VALUES ('framed', 120)"),
    'verification',
    'index-altered',
  ],
  [
    'an entry is moved to another time in the query',
    sql('UPDATE moment SET time = 0 WHERE seq = 120'),
    'verification',
    'index-altered',
  ],
  [
    'an entry is of another action in the query',
    sql("UPDATE kind SET action = 'x' WHERE seq = 120"),
    'verification',
    'index-altered',
  ],
  [
    'the database’s key in the keychain is another',
    (victim) => {
      victim.key = 99;
    },
    'start',
    'cache-key-wrong',
  ],
];

describe('security: the tamper table', () => {
  it('an untouched log has no findings, at the start or after', () => {
    const result = inspect(copyVictim(base.root, base.now));
    expect(result).toEqual({ start: [], verification: [], setAside: false });
  });

  it.each(attacks)('security: %s', async (_name, attack, when, code) => {
    const victim = copyVictim(base.root, base.now);
    await attack(victim);
    expect(inspect(victim)[when]).toContain(code);
  });

  it('security: there are 25 attacks at least', () => {
    expect(attacks.length).toBeGreaterThanOrEqual(25);
  });

  it('security: a log that can’t be gone on with stays beside the new one, with everything that was in it', async () => {
    const victim = copyVictim(base.root, base.now);
    putBack(base, victim, 200);
    const before = readFileSync(victim.file);
    expect(inspect(victim)).toMatchObject({ start: ['log-truncated'], setAside: true });
    expect(readFileSync(`${victim.file}.aside-1`).equals(before)).toBe(true);
    // The new one is told of once.
    expect(inspect({ ...victim, anchor: null }).start).toEqual(['log-truncated']);
  });

  /** Noticed, or else in a part of the file that holds nothing: a free page, or how much was anchored or made findable at least. */
  function isNoticed(content: Buffer): boolean {
    const victim = copyVictim(base.root, base.now);
    writeFileSync(victim.file, content);
    const { start, verification } = inspect(victim);
    if (start.length + verification.length > 0) return true;
    expect(contentsOf(victim)).toEqual(contentsOf(base.now));
    return false;
  }

  it('security: no bit of what the log holds can be turned without notice', () => {
    const content = readFileSync(base.now.file);
    let noticed = 0;
    const flip = fc.property(fc.nat({ max: content.length - 1 }), fc.nat({ max: 7 }), (at, bit) => {
      const changed = Buffer.from(content);
      changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      if (isNoticed(changed)) noticed += 1;
    });
    fc.assert(flip, { numRuns: 60 });
    // About one page of seven is free.
    expect(noticed).toBeGreaterThan(30);
  });

  /** SQLCipher takes an older page for good, as it was encrypted with the same key. */
  it('security: no page of what the log holds can be put back to what it was without notice', () => {
    const [older, newer] = [readFileSync((base.then.get(200) as Victim).file), readFileSync(base.now.file)];
    const PAGE = 4_096;
    const different = Array.from({ length: older.length / PAGE }, (_, page) => page * PAGE).filter(
      (at) => !older.subarray(at, at + PAGE).equals(newer.subarray(at, at + PAGE)),
    );
    const noticed = different.filter((at) => {
      const changed = Buffer.from(newer);
      older.copy(changed, at, at, at + PAGE);
      return isNoticed(changed);
    });
    expect(noticed.length).toBeGreaterThan(3);
    expect(different.length - noticed.length).toBeLessThanOrEqual(2);
  });
});
