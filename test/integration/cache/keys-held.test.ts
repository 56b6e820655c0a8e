import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idKey } from '../../../main/cache/id-key.ts';
import { keysHeld } from '../../../main/cache/keys-held.ts';
import { openDatabase } from '../../../main/cache/open.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { createWrites } from '../../../main/cache/writes/index.ts';
import { keyOf, SERVER_TIME, temporaryDirectory } from './support.ts';

const KEY = keyOf(1);

function open(file: string, mode: 'create' | 'write') {
  const opened = openDatabase({ file, key: KEY, mode, migrations: cacheMigrations });
  if (!opened.ok) throw new Error(opened.error.code);
  const db = opened.value;
  return { db, write: createWrites(db), read: createReads(db) };
}

type Store = ReturnType<typeof open>;

interface Version {
  readonly number: number;
  readonly version: number;
}

/** An encounter and the report that tells of it: records, and what is referred to, are looked for. */
function resourcesOf({ number, version }: Version): string[] {
  const meta = { versionId: String(version), lastUpdated: `2026-03-01T10:00:0${version}Z` };
  const encounter = { resourceType: 'Encounter', id: `e${number}`, meta, status: 'planned' };
  const report = { resourceType: 'DiagnosticReport', id: `r${number}`, meta };
  return [encounter, { ...report, encounter: { reference: `Encounter/e${number}` } }].map((one) => JSON.stringify(one));
}

/** Stores versions as one page; where it is in vain, the next one of the same transaction fails. */
function store({ write, read }: Store, versions: readonly Version[], isInVain: boolean): void {
  write.startRun({ tasks: [{ label: 'x', resourceType: 'Encounter', url: 'x', patients: null }] });
  const seq = read.tasks({}).at(-1)?.seq ?? 0;
  const page = { seq, resources: versions.flatMap(resourcesOf), next: null, serverTime: SERVER_TIME };
  const pages = isInVain ? [page, { ...page, seq: -1 }] : [page];
  const all = () => write.together(() => pages.map((one) => write.applyPage(one)));
  if (isInVain) expect(all).toThrow('task-not-pending');
  else all();
}

/** The server no longer gives an encounter out. */
function withhold({ write, read }: Store, number: number): void {
  const task = { label: 'x', resourceType: 'Encounter', url: `Encounter/e${number}`, patients: null };
  write.startRun({ tasks: [{ ...task, kind: 'read' }] });
  write.applyGone({ seq: read.tasks({}).at(-1)?.seq ?? 0, how: 'unavailable', serverTime: SERVER_TIME });
}

const rows = ({ db }: Store, text: string) => db.prepare(text).raw().all() as [string, string][];

const number = fc.nat(5);
const versions = fc.array(fc.record({ number, version: fc.integer({ min: 1, max: 5 }) }), { maxLength: 6 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('store', 'store-in-vain'), versions }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('withhold'), number }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('open-again') }) },
) as fc.Arbitrary<Step>;

type Step =
  | { readonly kind: 'store' | 'store-in-vain'; readonly versions: readonly Version[] }
  | { readonly kind: 'withhold'; readonly number: number }
  | { readonly kind: 'open-again' };

test('a record is there once, whatever was stored, undone, withheld and stored again', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const file = join(temporaryDirectory(), 'cache.db');
      let cache = open(file, 'create');
      const encounters = new Map<number, number>();
      for (const one of steps) {
        if (one.kind === 'withhold') {
          withhold(cache, one.number);
          encounters.delete(one.number);
        } else if (one.kind === 'open-again') {
          cache.db.close();
          cache = open(file, 'write');
        } else {
          store(cache, one.versions, one.kind === 'store-in-vain');
          if (one.kind === 'store-in-vain') continue;
          for (const { number: of, version } of one.versions) {
            encounters.set(of, Math.max(version, encounters.get(of) ?? 0));
          }
        }
      }
      const stored = rows(cache, `SELECT id, version_id FROM resource WHERE id LIKE 'e%' ORDER BY id`);
      expect(stored).toEqual([...encounters].sort(([a], [b]) => a - b).map(([of, v]) => [`e${of}`, String(v)]));
      expect(rows(cache, 'SELECT type, id FROM resource GROUP BY type, id HAVING count(*) > 1')).toEqual([]);
      expect(rows(cache, 'SELECT text FROM search_target GROUP BY text HAVING count(*) > 1')).toEqual([]);
      cache.db.close();
    }),
    { numRuns: 60 },
  );
});

test('nothing is looked for in an empty table, and everything in one that was filled before', () => {
  const file = join(temporaryDirectory(), 'cache.db');
  const fresh = open(file, 'create');
  expect(keysHeld(fresh.db, 'resource').may(idKey('e1'))).toBe(false);
  store(fresh, [{ number: 1, version: 1 }], false);
  expect(keysHeld(fresh.db, 'resource').may(idKey('e1'))).toBe(true);
  expect(keysHeld(fresh.db, 'search_target').may(idKey('Encounter/e1'))).toBe(true);
  expect(keysHeld(fresh.db, 'resource').may(idKey('e2'))).toBe(false);
  fresh.db.close();
  const again = open(file, 'write');
  expect(keysHeld(again.db, 'resource').may(idKey('e2'))).toBe(true);
  again.db.close();
});
