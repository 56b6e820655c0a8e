import { join } from 'node:path';
import { expect, test } from 'vitest';
import { idKey } from '../../../main/cache/id-key.ts';
import { openDatabase, type ReadDb } from '../../../main/cache/open.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import type { Migration } from '../../../main/cache/schema/migrate.ts';
import { keyOf, listsAll, openCache, seesAll, temporaryDirectory } from './support.ts';

const first: Migration = (db) => db.exec('CREATE TABLE a (x); INSERT INTO a VALUES (1)');
const second: Migration = (db) => db.exec('CREATE TABLE b AS SELECT x + 1 AS y FROM a');
const failing: Migration = (db) => db.exec('DROP TABLE a; SELECT * FROM nothing');

function open(file: string, migrations: readonly Migration[]) {
  return openDatabase({ file, key: keyOf(5), mode: 'create', migrations });
}

test('runs each migration once, in order, and keeps the data', () => {
  const file = join(temporaryDirectory(), 'a.db');
  for (const migrations of [[first], [first, second], [first, second]]) {
    const opened = open(file, migrations);
    if (!opened.ok) throw new Error(opened.error.code);
    expect(opened.value.pragma('user_version', { simple: true })).toBe(migrations.length);
    expect(opened.value.prepare('SELECT count(*) AS n FROM a').get()).toEqual({ n: 1 });
    opened.value.close();
  }
});

test('a migration that fails leaves everything as it was', () => {
  const file = join(temporaryDirectory(), 'a.db');
  const made = open(file, [first]);
  if (made.ok) made.value.close();
  expect(open(file, [first, second, failing])).toEqual({ ok: false, error: { code: 'store-failed' } });
  const again = open(file, [first]);
  if (!again.ok) throw new Error(again.error.code);
  expect(again.value.prepare('SELECT x FROM a').all()).toEqual([{ x: 1 }]);
  expect(again.value.prepare(`SELECT name FROM sqlite_master WHERE name = 'b'`).all()).toEqual([]);
  again.value.close();
});

/** Every statement that the operations prepare, with its plan. */
function plansOf(db: ReadDb, run: () => void): Map<string, string> {
  const plans = new Map<string, string>();
  const prepare = db.prepare.bind(db);
  Object.defineProperty(db, 'prepare', {
    configurable: true,
    value: (source: string) => {
      const rows = prepare(`EXPLAIN QUERY PLAN ${source}`);
      const parameters = (source.match(/\?/g) ?? []).map(() => 1);
      const named = Object.fromEntries((source.match(/@\w+/g) ?? []).map((name) => [name.slice(1), 1]));
      const plan = (source.includes('@') ? rows.all(named) : rows.all(...parameters)) as { detail: string }[];
      plans.set(source.replace(/\s+/g, ' '), plan.map(({ detail }) => detail).join(' | '));
      return prepare(source);
    },
  });
  run();
  return plans;
}

test('chart, results, trend, list and shared records are read through their indexes, without scans or sorting of rows', () => {
  const { reader, read, write } = openCache();
  write.startRun({ tasks: [{ label: 'x', resourceType: 'Patient', url: 'x', patients: null }] });
  const resources = [
    { resourceType: 'Patient', id: 'p' },
    { resourceType: 'Observation', id: 'o', status: 'final', subject: { reference: 'Patient/p' }, valueInteger: 1 },
    { resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/p' } },
  ];
  write.applyPage({ seq: 1, resources: resources.map((one) => JSON.stringify(one)), next: null, serverTime: '2026' });
  const plans = plansOf(reader, () => {
    read.chartSummary({ ...seesAll, patientId: 'p' });
    read.resultGroups({ ...seesAll, patientId: 'p' });
    void read.trend({ ...seesAll, patientId: 'p', code: 'unknown' });
    void read.earlyWarning({ ...seesAll, patientId: 'p' });
    read.sharedResources({ types: ['Location'] });
    for (const sort of ['name', 'location', 'age', 'updated'] as const) {
      for (const descending of [false, true]) {
        read.patientList({ ...listsAll, query: '', sort, descending, offset: 0, limit: 10 });
        read.patientList({ ...listsAll, query: 'a b', sort, descending, offset: 0, limit: 10 });
      }
    }
  });
  const all = [...plans];
  const matching = (text: string) => all.filter(([source]) => source.includes(text));
  expect(matching('FROM entry').length).toBeGreaterThan(3);
  for (const [source, plan] of matching('FROM entry')) {
    expect(plan, source).toMatch(/(PRIMARY KEY|COVERING INDEX entry_labelled) \(patient=\? AND type=\?/);
    expect(plan, source).not.toMatch(/SCAN (resource|entry)/);
  }
  for (const [source, plan] of matching('FROM patient p INDEXED BY')) {
    expect(plan, source).toContain('COVERING INDEX patient_by_');
    expect(plan, source).not.toContain('TEMP B-TREE');
  }
  expect(matching('patient_word').length).toBeGreaterThan(0);
  for (const [source, plan] of matching('patient_word')) {
    expect(plan, source).toContain('SEARCH w USING PRIMARY KEY (word>? AND word<?)');
  }
  expect(matching('search_record s').length).toBe(1);
  for (const [source, plan] of matching('search_record s')) {
    expect(plan, source).toContain('SEARCH s USING PRIMARY KEY (type=? AND patient=?)');
    expect(plan, source).toContain('SEARCH r USING INTEGER PRIMARY KEY');
  }
  for (const [source, plan] of matching('FROM resource')) {
    expect(plan, source).toMatch(/SEARCH (resource|r) USING (INTEGER PRIMARY KEY|INDEX resource_by_key)/);
  }
});

test('sections of a cache of before are not said to miss deletions, and keep their state', () => {
  const file = join(temporaryDirectory(), 'a.db');
  const before = open(file, cacheMigrations.slice(0, 3));
  if (!before.ok) throw new Error(before.error.code);
  before.value.exec(`
    INSERT INTO patient (pid, id, known, panel) VALUES (1, 'p', 1, 1);
    INSERT INTO term (tid, text) VALUES (1, 'Flag');
    INSERT INTO section_state (patient, type, state, as_of) VALUES (1, 1, 'complete', '2026-03-01T10:00:00Z');
  `);
  before.value.close();
  const after = open(file, cacheMigrations);
  if (!after.ok) throw new Error(after.error.code);
  const read = createReads(after.value);
  expect(read.knownSections({ ...seesAll, patientId: 'p' })).toEqual([
    { resourceType: 'Flag', state: 'complete', asOf: '2026-03-01T10:00:00Z', count: 0, deletionsUnknown: false },
  ]);
  expect(read.run().deletionsKnown).toBe(true);
  after.value.close();
});

test('records of a cache of before get their labels, and the list tells of them no longer what they say', () => {
  const file = join(temporaryDirectory(), 'a.db');
  const before = open(file, cacheMigrations.slice(0, 4));
  if (!before.ok) throw new Error(before.error.code);
  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }];
  const stay = {
    resourceType: 'Encounter',
    id: 'e',
    meta: { security, lastUpdated: '2026-03-01T10:00:00Z' },
    status: 'in-progress',
    subject: { reference: 'Patient/p' },
    location: [{ location: { display: 'Psychiatry' } }],
  };
  const insert = before.value.prepare(
    `INSERT INTO resource (rid, type, id, version_id, last_updated, patient, bucket, code, recency, subsetted, body)
     VALUES (?, ?, ?, '1', ?, 1, 0, 0, 0, 0, ?)`,
  );
  before.value.exec(`
    INSERT INTO patient (pid, id, known, panel, location, location_key, updated, last_updated)
      VALUES (1, 'p', 1, 1, 'Psychiatry', 'psychiatry', 1, '2026-03-01T10:00:00Z');
    INSERT INTO term (tid, text) VALUES (1, 'Encounter'), (2, 'Flag');
    INSERT INTO entry (patient, type, bucket, code, recency, rid) VALUES (1, 1, 0, 0, 0, 1), (1, 2, 0, 0, 0, 2);
  `);
  insert.run(1, 1, 'e', '2026-03-01T10:00:00Z', JSON.stringify(stay));
  insert.run(2, 2, 'f', '2026-02-01T10:00:00Z', '{"resourceType":"Flag","id":"f","meta":{}}');
  before.value.close();
  const after = open(file, cacheMigrations);
  if (!after.ok) throw new Error(after.error.code);
  const db = after.value;
  expect(db.prepare('SELECT rid, label FROM resource ORDER BY rid').all()).toEqual([
    { rid: 1, label: 1 },
    { rid: 2, label: 0 },
  ]);
  expect(db.prepare('SELECT rid, label FROM entry ORDER BY rid').pluck(false).all()).toEqual([
    { rid: 1, label: 1 },
    { rid: 2, label: 0 },
  ]);
  expect(createReads(db).labels({ after: 0 })).toEqual([
    { number: 1, type: 'Encounter', labels: { confidentiality: 'V', sensitivity: [], authors: [] } },
  ]);
  expect(db.prepare('SELECT location, last_updated AS updated FROM patient').get()).toEqual({
    location: null,
    updated: '2026-02-01T10:00:00Z',
  });
  db.close();
});

test('a cache of before can tell from when on it knows what it knows, and looks at its past by its indexes', () => {
  const file = join(temporaryDirectory(), 'a.db');
  const before = open(file, cacheMigrations.slice(0, 9));
  if (!before.ok) throw new Error(before.error.code);
  const body = (n: number, security: object[] = []) =>
    JSON.stringify({ resourceType: 'Flag', id: 'f', meta: { security }, code: { text: `Flag ${n}` } });
  const R = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
  before.value.exec(`
    INSERT INTO patient (pid, id, known, panel) VALUES (1, 'p', 1, 1);
    DELETE FROM term;
    INSERT INTO term (tid, text) VALUES (1, 'Flag');
    INSERT INTO section_state (patient, type, state, as_of) VALUES (1, 1, 'complete', '2026-03-01T10:00:00Z');
    INSERT INTO meta VALUES ('run.asOf', '2026-03-01T10:00:00Z');
  `);
  before.value
    .prepare(
      `INSERT INTO resource (type, id, key, version_id, last_updated, patient, bucket, code, recency, subsetted, body)
       VALUES (1, 'f', ?, '3', '2026-03-01T09:00:00Z', 1, 0, 0, 0, 0, ?)`,
    )
    .run(idKey('f'), body(3));
  const insert = before.value.prepare(
    `INSERT INTO history (type, id, version_id, last_updated, patient, known_from, known_until, ended, body)
     VALUES (1, 'f', ?, ?, 1, ?, NULL, 'replaced', ?)`,
  );
  insert.run('1', '2026-03-01T07:00:00Z', null, body(1, R));
  insert.run('2', '2026-03-01T08:00:00Z', 1_000, body(2));
  before.value.close();
  const after = open(file, cacheMigrations);
  if (!after.ok) throw new Error(after.error.code);
  const db = after.value;
  const at = (hour: number) => Date.UTC(2026, 2, 1, hour);
  expect(db.prepare('SELECT body, stored_at AS at FROM resource').get()).toEqual({ body: body(3), at: at(9) });
  expect(db.prepare('SELECT known_from AS since, known_until AS until FROM history ORDER BY hid').all()).toEqual([
    { since: at(7), until: 1_000 },
    { since: 1_000, until: at(9) },
  ]);
  expect(db.prepare('SELECT type, labels FROM label').all()).toHaveLength(1);
  expect(db.prepare('SELECT since, state FROM section_past').all()).toEqual([{ since: at(10), state: 'complete' }]);
  db.exec(`INSERT INTO meta VALUES ('run.answeredAt', '2026-03-01T11:00:00Z')`);
  db.exec(`UPDATE section_state SET as_of = '2026-03-01T11:00:00Z'; UPDATE section_state SET state = 'partial'`);
  expect(db.prepare('SELECT since, state FROM section_past').all()).toEqual([
    { since: at(10), state: 'complete' },
    { since: at(11), state: 'partial' },
  ]);
  const read = createReads(db);
  const filter = { kinds: [], text: '', from: null, to: null, withdrawn: false };
  const asked = { sight: { ...seesAll.sight, newest: 1 }, patientId: 'p', asOf: '2026-03-01T10:00:00Z' };
  const plans = plansOf(db, () => {
    read.chartSummary(asked);
    read.timelinePage({ ...asked, asOf: undefined, filter, after: null });
    read.record({ ...asked, type: 'Flag', id: 'f', version: null });
    read.pastMoments(asked);
  });
  const looked = [...plans].filter(([source]) => /FROM (history|entry|section_past|sync_past)/.test(source));
  expect(looked.length).toBeGreaterThan(5);
  for (const [source, plan] of looked) expect(plan, source).not.toMatch(/SCAN (h|history|e|entry|r|p|section_past)\b/);
  for (const [source, plan] of looked.filter(([source]) => source.includes('FROM history h'))) {
    expect(plan, source).toMatch(/SEARCH h USING INDEX history_by_(patient|resource)/);
  }
  db.close();
});

test('the search index of a cache of before is filled anew, and no longer holds what it had', () => {
  const file = join(temporaryDirectory(), 'a.db');
  const before = open(file, cacheMigrations.slice(0, 11));
  if (!before.ok) throw new Error(before.error.code);
  const body = JSON.stringify({ resourceType: 'Flag', id: 'f', text: { div: '<div>Lungen&ouml;dem</div>' } });
  before.value.exec(`
    DELETE FROM term;
    INSERT INTO term (tid, text) VALUES (1, 'Flag');
    INSERT INTO patient (pid, id, known, name_key, location_key) VALUES (1, 'p', 1, 'παπαδοπουλος\tκως', 'κως');
    INSERT INTO patient_word VALUES ('κως', 1, 0), ('κωσ', 1, 0), ('παπαδοπουλος', 1, 0), ('ana', 1, 0);
    INSERT INTO search_parameter VALUES (1, 'Flag.gone');
    INSERT INTO search_token VALUES (1, 1, 0, 1);
    INSERT INTO search_text (rowid, narrative, content) VALUES (1, 'Lungen ouml dem', '');
  `);
  before.value
    .prepare(
      `INSERT INTO resource (rid, type, id, key, version_id, bucket, code, recency, subsetted, body)
       VALUES (1, 1, 'f', ?, '1', 0, 0, 0, 0, ?)`,
    )
    .run(idKey('f'), body);
  before.value.close();
  const after = open(file, cacheMigrations);
  if (!after.ok) throw new Error(after.error.code);
  const db = after.value;
  const found = (word: string) => {
    const result = createReads(db).search({ type: 'Flag', query: `_text=${word}`, sight: null });
    return result.ok && result.value.entries.map(({ id }) => id);
  };
  expect(found('lungenoedem')).toEqual([]);
  expect(found('lungen%C3%B6dem')).toEqual(['f']);
  expect(found('ouml')).toEqual([]);
  expect(db.prepare(`SELECT count(*) AS n FROM search_parameter WHERE name = 'Flag.gone'`).get()).toEqual({ n: 0 });
  expect(db.prepare('SELECT count(*) AS n FROM search_token').get()).toEqual({ n: 0 });
  expect(db.prepare('SELECT name_key, location_key FROM patient').raw().get()).toEqual(['παπαδοπουλοσ\tκωσ', 'κωσ']);
  expect(db.prepare('SELECT word FROM patient_word ORDER BY word').pluck().all()).toEqual([
    'ana',
    'κωσ',
    'παπαδοπουλοσ',
  ]);
  // What is deleted still leaves the index at once.
  expect(db.prepare(`SELECT v FROM search_text_config WHERE k = 'secure-delete'`).get()).toEqual({ v: 1 });
  db.close();
});
