import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../../main/cache/open.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import { createTables } from '../../../main/cache/schema/0001-tables.ts';
import { createSearchTables } from '../../../main/cache/schema/0002-search.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { createWrites } from '../../../main/cache/writes/index.ts';
import type { LocalChanges, ServerVersion } from '../../../main/cache/writes/local-changes.ts';
import { keyOf, openCache, SERVER_TIME, seesAll, type TestCache, temporaryDirectory } from './support.ts';

const BASE = 'https://ehr.example/fhir/';
const at = (minute: number) => `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z`;

function condition(version: number, more: object = {}): string {
  const meta = { versionId: `v${version}`, lastUpdated: at(version) };
  return JSON.stringify({ resourceType: 'Condition', id: 'c', meta, subject: { reference: 'Patient/p' }, ...more });
}

const patient = (version = 1) =>
  JSON.stringify({
    resourceType: 'Patient',
    id: 'p',
    meta: { versionId: `v${version}`, lastUpdated: at(version) },
    name: [{ family: 'Ng', given: ['Ana'] }],
    identifier: [{ value: '4711' }],
  });

/** A run with one search after the other; each page belongs to a task of its own. */
function pages(cache: Pick<TestCache, 'read' | 'write'>) {
  const seqOf = (task: object) => {
    cache.write.appendTasks({ tasks: [{ label: 'x', resourceType: 'Condition', url: 'x', patients: null, ...task }] });
    return cache.read.tasks({}).at(-1)?.seq ?? 0;
  };
  return {
    page: (resources: string[], minute: number, task: object = {}) =>
      cache.write.applyPage({ seq: seqOf(task), resources, next: null, serverTime: at(minute) }),
    text: (text: string, minute: number, task: object) =>
      cache.write.applyText({ seq: seqOf(task), text, serverTime: at(minute), base: BASE, asked: [] }),
    gone: (type: string, id: string, minute: number, how: 'gone' | 'unavailable' = 'gone') =>
      cache.write.applyGone({
        seq: seqOf({ kind: 'read', resourceType: type, url: `${type}/${id}` }),
        how,
        serverTime: at(minute),
      }),
  };
}

const historyOf = ({ db }: TestCache) =>
  db
    .prepare(
      'SELECT id, version_id AS version, known_from AS since, known_until AS until, ended FROM history ORDER BY hid',
    )
    .all();
const ms = (minute: number) => Date.parse(at(minute));

describe('the history of a record, as this workstation knew it', () => {
  test('keeps each version that was replaced, with when it was the current one, and the last one of what was deleted', () => {
    const cache = openCache();
    const { page, gone } = pages(cache);
    page([condition(1)], 2);
    page([condition(1)], 3);
    page([condition(5)], 6);
    gone('Condition', 'c', 9);
    expect(historyOf(cache)).toEqual([
      { id: 'c', version: 'v1', since: ms(2), until: ms(6), ended: 'replaced' },
      { id: 'c', version: 'v5', since: ms(6), until: ms(9), ended: 'deleted' },
    ]);
    expect(cache.db.prepare('SELECT body FROM history WHERE version_id = ?').get('v5')).toEqual({ body: condition(5) });
  });

  test('keeps nothing of a version that was only a part', () => {
    const cache = openCache();
    const { page } = pages(cache);
    const part = { meta: { versionId: 'v1', lastUpdated: at(1), tag: [{ code: 'SUBSETTED' }] } };
    page([condition(1, part)], 2);
    page([condition(5)], 6);
    expect(historyOf(cache)).toEqual([]);
  });
});

describe('a record of which the server has sent a part', () => {
  const part = { meta: { versionId: 'v1', lastUpdated: at(1), tag: [{ code: 'SUBSETTED' }] } };
  const bundle = (resource: string) =>
    `{"resourceType":"Bundle","type":"searchset","entry":[{"resource":${resource}}]}`;

  test('makes no section complete, and is asked for by its id', () => {
    const cache = openCache();
    const { page, text } = pages(cache);
    page([patient()], 2);
    cache.write.expandRun({ panel: ['p'], tasks: [] });
    const search = { patients: ['p'] };
    const stateNow = () =>
      cache.db.prepare(`SELECT state FROM section_state s JOIN term ON tid = s.type AND text = 'Condition'`).get();
    text(bundle(condition(1, part)), 2, search);
    expect(stateNow()).toEqual({ state: 'partial' });
    const read = cache.read.tasks({}).at(-1);
    expect(read).toMatchObject({ kind: 'read', url: 'Condition/c', state: 'pending' });
    cache.write.applyText({ seq: read?.seq ?? 0, text: condition(1), serverTime: at(3), base: BASE, asked: [] });
    expect(cache.read.resource({ type: 'Condition', id: 'c' })).toBe(condition(1));
    text('{"resourceType":"Bundle","type":"searchset"}', 4, search);
    expect(stateNow()).toEqual({ state: 'complete' });
  });
});

describe('a record that the server has deleted', () => {
  test('is gone with everything that was derived from it', () => {
    const cache = openCache();
    const { page, gone } = pages(cache);
    page([patient(), condition(1)], 2);
    cache.write.expandRun({ panel: ['p'], tasks: [] });
    gone('Condition', 'c', 3);
    gone('Patient', 'p', 3);
    expect(cache.read.versions()).toEqual([]);
    for (const table of ['entry', 'patient_word', 'care_team_member']) {
      expect(cache.db.prepare(`SELECT count(*) AS n FROM ${table}`).get(), table).toEqual({ n: 0 });
    }
    expect(cache.db.prepare('SELECT known, family, mrn, name_key FROM patient').get()).toEqual({
      known: 0,
      family: '',
      mrn: null,
      name_key: null,
    });
    expect(cache.read.chartSummary({ ...seesAll, patientId: 'p' })).toBeNull();
  });

  test('is not brought back by a page of before, however late it comes', () => {
    const cache = openCache();
    const { page, gone } = pages(cache);
    page([condition(1)], 2);
    gone('Condition', 'c', 9);
    for (const version of [1, 3]) page([condition(version)], 8);
    expect(cache.read.versions()).toEqual([]);
    // An answer of the same minute may be older still.
    page([condition(1)], 10);
    expect(cache.read.versions()).toEqual([]);
  });

  test('is there again once the server has a later version, or names it in a search that began well after', () => {
    const later = openCache();
    const one = pages(later);
    one.page([condition(1)], 2);
    one.gone('Condition', 'c', 9);
    one.page([condition(10)], 10);
    expect(later.read.versions()).toHaveLength(1);
    const same = openCache();
    const other = pages(same);
    other.page([condition(1)], 2);
    other.gone('Condition', 'c', 9);
    other.page([condition(1)], 12);
    expect(same.read.versions()).toHaveLength(1);
  });

  test('stays so where the transaction that took a later version was rolled back', () => {
    const cache = openCache();
    const write = createWrites(cache.db);
    const { page, gone } = pages({ read: createReads(cache.db), write });
    page([condition(1)], 2);
    gone('Condition', 'c', 9);
    const failing = () =>
      write.together(() => {
        page([condition(20), patient()], 9);
        throw new Error('power');
      });
    expect(failing).toThrow('power');
    expect(page([condition(1)], 10)).toMatchObject({ stored: 0 });
    expect(cache.read.resource({ type: 'Condition', id: 'c' })).toBeNull();
  });

  test('security: that may not be read any longer is not shown any longer', () => {
    const cache = openCache();
    const { page, gone } = pages(cache);
    page([condition(1)], 2);
    gone('Condition', 'c', 3, 'unavailable');
    expect(cache.read.versions()).toEqual([]);
  });
});

describe('the history of a type', () => {
  const entry = (method: string, id: string, minute: number, resource?: object) => ({
    fullUrl: `${BASE}Condition/${id}`,
    ...(resource && { resource }),
    request: { method, url: `Condition/${id}` },
    response: { status: '200', lastModified: at(minute) },
  });
  const bundle = (...entries: object[]) => JSON.stringify({ resourceType: 'Bundle', type: 'history', entry: entries });
  const task = { kind: 'history' };

  test('removes what its newest entry says is deleted, and only that', () => {
    const cache = openCache();
    const { page, text } = pages(cache);
    page([condition(1), condition(1, { id: 'd' }), condition(1, { id: 'e' })], 2);
    const result = text(
      bundle(
        entry('DELETE', 'c', 5),
        entry('PUT', 'd', 5, { resourceType: 'Condition', id: 'd' }),
        entry('DELETE', 'd', 4),
        entry('DELETE', 'stranger', 4),
      ),
      6,
      task,
    );
    expect(result).toMatchObject({ kind: 'applied', removed: 1, patients: ['p'] });
    expect(cache.read.versions().map(({ id }) => id)).toEqual(['d', 'e']);
    // It says what was deleted, and is no source of records: they may be of anybody.
    expect(cache.read.versions().every(({ versionId }) => versionId === 'v1')).toBe(true);
  });

  test('asks for a record by its id where it was written after the deletion', () => {
    const cache = openCache();
    const { page, text } = pages(cache);
    page([condition(5)], 6);
    text(bundle(entry('DELETE', 'c', 4)), 7, task);
    expect(cache.read.versions()).toHaveLength(1);
    expect(cache.read.tasks({}).at(-1)).toMatchObject({ kind: 'read', url: 'Condition/c', state: 'pending' });
  });
});

describe('an unsent change', () => {
  function holding() {
    const seen: ServerVersion[] = [];
    const localChanges: LocalChanges = {
      isEmpty: () => false,
      hold(version) {
        if (version.id !== 'c') return false;
        seen.push({ type: version.type, id: version.id, versionId: version.versionId, body: version.body });
        return true;
      },
      hasUnsent: (id) => id === 'p',
    };
    const cache = openCache();
    return { ...cache, write: createWrites(cache.db, { localChanges }), seen };
  }

  test('is not overwritten, nor removed, by what the server says: that is told to the outbox', () => {
    const cache = holding();
    const { page, gone } = pages(cache);
    pages({ read: cache.read, write: createWrites(cache.db) }).page([condition(1)], 2);
    expect(page([condition(5)], 6)).toMatchObject({ stored: 0, patients: [] });
    gone('Condition', 'c', 7);
    expect(cache.read.resource({ type: 'Condition', id: 'c' })).toBe(condition(1));
    expect(cache.seen.map(({ versionId, body }) => [versionId, body === null])).toEqual([
      ['v5', false],
      ['', true],
    ]);
  });

  test('keeps the patient’s records from being purged', () => {
    const cache = holding();
    pages({ read: cache.read, write: createWrites(cache.db) }).page([patient(), condition(1)], 2);
    expect(cache.write.purgePatients({ patientIds: ['p'] })).toEqual([]);
    expect(cache.read.versions()).toHaveLength(2);
    expect(createWrites(cache.db).purgePatients({ patientIds: ['p'] })).toEqual(['p']);
    expect(cache.read.versions()).toEqual([]);
  });
});

describe('security: purging a patient', () => {
  test('security: leaves nothing of her but an integer and her id, and never happens while she is on the panel', () => {
    const cache = openCache();
    const { page } = pages(cache);
    page([patient(), condition(1)], 2);
    page([condition(3)], 4);
    cache.write.expandRun({ panel: ['p'], tasks: [] });
    expect(cache.write.purgePatients({ patientIds: ['p'] })).toEqual([]);
    expect(cache.write.purgePatients({ patientIds: ['nobody'] })).toEqual([]);
    cache.write.expandRun({ panel: [], tasks: [] });
    expect(cache.write.purgePatients({ patientIds: ['p'] })).toEqual(['p']);
    const tables = cache.db.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all() as { name: string }[];
    const text = tables
      .filter(({ name }) => !/^(sqlite_|.*_(data|idx|docsize|config|content)$)/.test(name))
      .flatMap(({ name }) => cache.db.prepare(`SELECT * FROM "${name}"`).all());
    expect(JSON.stringify(text)).not.toMatch(/Ng|Ana|4711|Condition\/c|"body":"\{/);
  });
});

describe('the third migration', () => {
  test('keeps what was there, knows the newest versions, counts the days of who had left, and plans an unfinished run anew', () => {
    const file = join(temporaryDirectory(), 'a.db');
    const key = keyOf(5);
    const before = openDatabase({ file, key, mode: 'create', migrations: [createTables, createSearchTables] });
    if (!before.ok) throw new Error(before.error.code);
    before.value.exec(`
      INSERT INTO term VALUES (1, 'Patient'), (2, 'Condition');
      INSERT INTO patient (pid, id, panel, known) VALUES (1, 'stays', 1, 1), (2, 'left', 0, 1), (3, 'named', 0, 0);
      INSERT INTO resource (type, id, version_id, last_updated, patient, bucket, code, recency, subsetted, body) VALUES
        (2, 'old', 'v1', '2026-01-01T00:00:00.5Z', 1, 0, 0, 0, 0, '{}'),
        (2, 'new', 'v2', '2026-01-01T02:00:00+01:00', 1, 0, 0, 0, 0, '{}'),
        (2, 'timeless', 'v3', NULL, 2, 0, 0, 0, 0, '{}');
      INSERT INTO meta VALUES ('panel.asOf', '2026-01-02T00:00:00Z'), ('run.asOf', '2026-01-02T00:00:00Z');
      INSERT INTO sync_task (label, resource_type, url) VALUES ('x', 'Condition', 'x');
    `);
    before.value.close();
    const after = openDatabase({ file, key, mode: 'write', migrations: cacheMigrations });
    if (!after.ok) throw new Error(after.error.code);
    const db = after.value;
    expect(db.prepare('SELECT id, local, stored_at FROM resource ORDER BY id').all()).toEqual([
      { id: 'new', local: 0, stored_at: Date.parse('2026-01-01T01:00:00Z') },
      { id: 'old', local: 0, stored_at: Date.parse('2026-01-01T00:00:00.5Z') },
      { id: 'timeless', local: 0, stored_at: null },
    ]);
    expect(db.prepare('SELECT patient, id, version_id, updated FROM witness').all()).toEqual([
      { patient: 1, id: 'new', version_id: 'v2', updated: Date.parse('2026-01-01T01:00:00Z') },
    ]);
    expect(db.prepare('SELECT id, left_at FROM patient ORDER BY pid').all()).toEqual([
      { id: 'stays', left_at: null },
      { id: 'left', left_at: Date.parse('2026-01-02T00:00:00Z') },
      { id: 'named', left_at: null },
    ]);
    expect(db.prepare('SELECT count(*) AS n FROM sync_task').get()).toEqual({ n: 0 });
    expect(db.prepare('SELECT value FROM meta WHERE key = ?').get('run.asOf')).toEqual({
      value: '2026-01-02T00:00:00Z',
    });
    db.close();
  });

  test('history, graves and comparisons are found through their indexes', () => {
    const { db } = openCache();
    const plan = (source: string) =>
      (
        db.prepare(`EXPLAIN QUERY PLAN ${source}`).all(...(source.match(/\?/g) ?? []).map(() => 1)) as {
          detail: string;
        }[]
      )
        .map(({ detail }) => detail)
        .join(' | ');
    expect(plan('SELECT body FROM history WHERE type = ? AND id = ?')).toContain('INDEX history_by_resource');
    expect(plan('DELETE FROM history WHERE patient = ?')).toContain('INDEX history_by_patient');
    expect(plan('SELECT deleted FROM tombstone WHERE type = ? AND id = ?')).toContain('PRIMARY KEY (type=? AND id=?)');
    expect(plan('SELECT 1 FROM seen WHERE seq = ? AND id = ?')).toContain('PRIMARY KEY (seq=? AND id=?)');
    expect(plan('SELECT 1 FROM witness WHERE patient = ?')).toContain('INTEGER PRIMARY KEY');
  });
});

test('the times of a run are the server’s', () => {
  const { read, write } = openCache();
  write.startRun({ tasks: [{ label: 'x', resourceType: 'CareTeam', url: 'x', patients: null, phase: 'panel' }] });
  write.applyPage({ seq: read.tasks({})[0]?.seq ?? 0, resources: [], next: null, serverTime: SERVER_TIME });
  expect(read.run()).toMatchObject({ startedAt: SERVER_TIME, panelAt: SERVER_TIME, planned: false });
  write.expandRun({ panel: [], tasks: [] });
  expect(read.run().planned).toBe(true);
  write.reopenRun({ tasks: [] });
  expect(read.run()).toMatchObject({ startedAt: SERVER_TIME, panelAt: null, planned: false });
});
