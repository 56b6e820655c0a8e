import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { idKey } from '../../../main/cache/id-key.ts';
import { openDatabase } from '../../../main/cache/open.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { createWrites } from '../../../main/cache/writes/index.ts';
import { askCache } from '../search/support.ts';
import { keyOf, openCache, temporaryDirectory } from './support.ts';

/** Two ids that share a number: one in some ten thousand pairs of random ones does. */
function twins(prefix = ''): [string, string] {
  const seen = new Map<number, string>();
  for (let count = 0; ; count += 1) {
    const id = `id-${count}`;
    const key = idKey(prefix + id);
    const other = seen.get(key);
    if (other !== undefined) return [other, id];
    seen.set(key, id);
  }
}

const encounter = (id: string, version = 1) =>
  JSON.stringify({ resourceType: 'Encounter', id, meta: { versionId: String(version) }, status: 'planned' });

type Parts = Pick<ReturnType<typeof openCache>, 'write' | 'read'>;

function store({ write, read }: Parts, resources: readonly string[]) {
  write.startRun({ tasks: [{ label: 'x', resourceType: 'Encounter', url: 'x', patients: null }] });
  const seq = read.tasks({}).at(-1)?.seq ?? 0;
  return write.applyPage({ seq, resources, next: null, serverTime: '2026-03-01T10:00:00Z' });
}

function openFile(file: string, mode: 'create' | 'write') {
  const opened = openDatabase({ file, key: keyOf(4), mode, migrations: cacheMigrations });
  if (!opened.ok) throw new Error(opened.error.code);
  const db = opened.value;
  return { db, read: createReads(db), write: createWrites(db) };
}

test('records whose ids share a number stay apart', () => {
  const cache = openCache();
  const [one, other] = twins();
  expect(store(cache, [encounter(one), encounter(other)])).toMatchObject({ stored: 2 });
  expect(cache.read.resource({ type: 'Encounter', id: one })).toBe(encounter(one));
  expect(cache.read.resource({ type: 'Encounter', id: other })).toBe(encounter(other));
  expect(store(cache, [encounter(other, 2), encounter(one)])).toMatchObject({ stored: 1, unchanged: 1 });
  expect(cache.read.version({ type: 'Encounter', id: one })).toBe('1');
  expect(cache.read.version({ type: 'Encounter', id: other })).toBe('2');
  expect(askCache(cache, `Encounter?_id=${one}`).matches).toEqual([`Encounter/${one}`]);
  const both = askCache(cache, `Encounter?_id=${other},${one}`).matches;
  expect(new Set(both)).toEqual(new Set([`Encounter/${one}`, `Encounter/${other}`]));
});

test('references that share a number stay apart', () => {
  const cache = openCache();
  const [one, other] = twins('Encounter/');
  const report = (id: string) =>
    JSON.stringify({ resourceType: 'DiagnosticReport', id: `of-${id}`, encounter: { reference: `Encounter/${id}` } });
  store(cache, [encounter(one), encounter(other), report(one), report(other)]);
  for (const id of [one, other]) {
    expect(askCache(cache, `DiagnosticReport?encounter=${id}`).matches).toEqual([`DiagnosticReport/of-${id}`]);
    expect(askCache(cache, `Encounter?_has:DiagnosticReport:encounter:_id=of-${id}`).matches).toEqual([
      `Encounter/${id}`,
    ]);
  }
});

/** As the version before had it: found by the ids themselves. */
const BEFORE = `
  DROP INDEX resource_by_key;
  ALTER TABLE resource DROP COLUMN key;
  CREATE UNIQUE INDEX resource_by_id ON resource (type, id);
  CREATE TABLE old_target (tid INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
  INSERT INTO old_target SELECT tid, text FROM search_target;
  DROP TABLE search_target;
  ALTER TABLE old_target RENAME TO search_target;
  DROP TABLE device_key;
  DROP TABLE key_certificate;
  DROP TABLE key_revocations;
  DROP TABLE field_key;
  DROP TABLE field_index;
  DROP TABLE opened;
  DROP TABLE told;
  DROP TABLE section_past;
  DROP TABLE sync_past;
  DROP TRIGGER section_begun;
  DROP TRIGGER section_changed;
  ALTER TABLE sync_task DROP COLUMN total;
  ALTER TABLE sync_task DROP COLUMN failure;
  PRAGMA user_version = 5`;

test('what a cache of before holds is found by its ids, through their numbers', () => {
  const file = join(temporaryDirectory(), 'cache.db');
  const before = openFile(file, 'create');
  const set = { resourceType: 'ValueSet', id: 'v', url: 'https://e.org/ValueSet/v' };
  const report = { resourceType: 'DiagnosticReport', id: 'r', encounter: { reference: 'Encounter/b' } };
  store(before, [encounter('a'), encounter('b'), JSON.stringify(set), JSON.stringify(report)]);
  before.db.exec(BEFORE);
  before.db.close();

  const { db, read, write } = openFile(file, 'write');
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(db.pragma('foreign_key_check')).toEqual([]);
  expect(read.resource({ type: 'Encounter', id: 'b' })).toBe(encounter('b'));
  expect(store({ read, write }, [encounter('a'), encounter('b', 2)])).toMatchObject({ stored: 1, unchanged: 1 });
  expect(askCache({ read }, 'DiagnosticReport?encounter=b').matches).toEqual(['DiagnosticReport/r']);
  expect(askCache({ read }, 'ValueSet?url:below=https://e.org/').matches).toEqual(['ValueSet/v']);
  const planOf = (query: string) =>
    db
      .prepare(`EXPLAIN QUERY PLAN ${query}`)
      .all()
      .map((row) => (row as { detail: string }).detail);
  expect(planOf(`SELECT rid FROM resource WHERE type = 1 AND key = 2 AND id = 'b'`)).toEqual([
    'SEARCH resource USING INDEX resource_by_key (type=? AND key=?)',
  ]);
  expect(planOf(`SELECT tid FROM search_target WHERE key = 2 AND text = 'Encounter/b'`)).toEqual([
    'SEARCH search_target USING INDEX search_target_by_key (key=?)',
  ]);
  expect(planOf(`SELECT tid FROM search_target WHERE text GLOB '*:*' AND text >= 'a:' AND text < 'b'`)).toEqual([
    'SEARCH search_target USING COVERING INDEX search_target_by_address (text>? AND text<?)',
  ]);
  db.close();
});

test('what a history tells of is found by its ids, also while the database knows nothing of its sizes', () => {
  const { db, read } = openFile(join(temporaryDirectory(), 'cache.db'), 'create');
  const prepare = vi.spyOn(db, 'prepare');
  expect(read.outdated()).toEqual([]);
  const text = prepare.mock.calls.map(([query]) => query).find((query) => query.includes('FROM told'));
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${text}`).all({ ofType: null }) as { detail: string }[];
  expect(plan.map(({ detail }) => detail)).toContain('SEARCH r USING INDEX resource_by_key (type=? AND key=?)');
  db.close();
});
