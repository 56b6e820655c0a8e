import { expect, test } from 'vitest';
import { openDatabase } from '../../../main/cache/open.ts';
import { outboxMigrations } from '../../../main/cache/outbox/schema/index.ts';
import { temporaryDirectory } from '../cache/support.ts';
import { outboxKey } from './support.ts';

function made() {
  const file = `${temporaryDirectory()}/outbox.db`;
  const opened = openDatabase({ file, key: outboxKey(), mode: 'create', migrations: outboxMigrations });
  if (!opened.ok) throw new Error(opened.error.code);
  return opened.value;
}

const row = {
  id: 'c1',
  patient: 'p1',
  type: 'Observation',
  resource: 'o1',
  title: 't',
  author: 'a',
  changed_at: '2026-03-01T00:00:00Z',
};

test('a draft comes into a file of before there were any, beside the changes that are in it', () => {
  const file = `${temporaryDirectory()}/outbox.db`;
  const [first] = outboxMigrations;
  if (!first) throw new Error('no migration');
  const before = openDatabase({ file, key: outboxKey(), mode: 'create', migrations: [first] });
  if (!before.ok) throw new Error(before.error.code);
  const all = { ...row, action: 'create', state: 'waiting', mine: '{}' };
  const names = Object.keys(all);
  before.value
    .prepare(`INSERT INTO change (${names.join()}) VALUES (${names.map((name) => `@${name}`).join()})`)
    .run(all);
  before.value.close();
  const after = openDatabase({ file, key: outboxKey(), mode: 'write', migrations: outboxMigrations });
  if (!after.ok) throw new Error(after.error.code);
  expect(after.value.prepare('SELECT id FROM change').all()).toEqual([{ id: 'c1' }]);
  const plan = after.value.prepare(`EXPLAIN QUERY PLAN SELECT * FROM draft WHERE patient = 'p'`).all();
  expect(JSON.stringify(plan)).toContain('SEARCH draft USING PRIMARY KEY (patient=?)');
  after.value.close();
});

test('a draft of before labels were kept with it is kept, and says that none are known', () => {
  const file = `${temporaryDirectory()}/outbox.db`;
  const options = { file, key: outboxKey() };
  const before = openDatabase({ ...options, mode: 'create', migrations: outboxMigrations.slice(0, 2) });
  if (!before.ok) throw new Error(before.error.code);
  before.value.exec(`INSERT INTO draft VALUES ('p', 'n', 'progress', '1', 'Note', 'Typed.', '2026-03-01T00:00:00Z')`);
  before.value.close();
  const after = openDatabase({ ...options, mode: 'write', migrations: outboxMigrations });
  if (!after.ok) throw new Error(after.error.code);
  expect(after.value.prepare('SELECT body, labels FROM draft').all()).toEqual([{ body: 'Typed.', labels: null }]);
  after.value.close();
});

test('drafts of before there were any of vital signs are those of notes, with all that was kept of them', () => {
  const file = `${temporaryDirectory()}/outbox.db`;
  const options = { file, key: outboxKey() };
  const before = openDatabase({ ...options, mode: 'create', migrations: outboxMigrations.slice(0, 3) });
  if (!before.ok) throw new Error(before.error.code);
  const at = '2026-03-01T00:00:00Z';
  before.value.exec(`
    INSERT INTO draft VALUES ('p', 'n', 'progress', '1', 'Note', 'Typed.', '${at}', '{"confidentiality":"R"}');
    INSERT INTO draft VALUES ('p', '', 'nursing', '', 'Nursing note', 'New.', '${at}', NULL);
  `);
  before.value.close();
  const after = openDatabase({ ...options, mode: 'write', migrations: outboxMigrations });
  if (!after.ok) throw new Error(after.error.code);
  const common = { patient: 'p', type: 'DocumentReference', sealed: 0, changed_at: at };
  expect(after.value.prepare('SELECT * FROM draft ORDER BY resource').all()).toEqual([
    { ...common, resource: '', kind: 'nursing', version: '', title: 'Nursing note', body: 'New.', labels: null },
    {
      ...common,
      ...{ resource: 'n', kind: 'progress', version: '1', title: 'Note', body: 'Typed.' },
      labels: '{"confidentiality":"R"}',
    },
  ]);
  expect(after.value.prepare(`SELECT name FROM sqlite_master WHERE name = 'note_draft'`).all()).toEqual([]);
  after.value.close();
});

test('a change is found by its resource, by its id and by its patient without looking at the others', () => {
  const db = made();
  const plan = (query: string) =>
    (db.prepare(`EXPLAIN QUERY PLAN ${query}`).all() as { detail: string }[]).map(({ detail }) => detail).join(' | ');
  for (const condition of [`type = 'a' AND resource = 'b' ORDER BY sequence`, `id = 'a'`, `patient = 'a'`]) {
    expect(plan(`SELECT * FROM change WHERE ${condition}`)).toMatch(/^SEARCH change USING INDEX \S+ \([^|]*\)$/);
  }
  db.close();
});

test('a change keeps what it is: no conflict without their version, no edit without a text, no other state', () => {
  const db = made();
  const insert = (given: object) => {
    const all = { ...row, action: 'update', state: 'waiting', mine: '{}', ...given };
    const names = Object.keys(all);
    db.prepare(`INSERT INTO change (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`).run(
      all,
    );
  };
  insert({});
  for (const wrong of [{ state: 'conflict' }, { mine: null }, { state: 'lost' }, { action: 'patch' }]) {
    expect(() => insert({ ...wrong, id: 'c2' })).toThrow(/constraint/);
  }
  expect(() => insert({ id: 'c1' })).toThrow(/constraint/);
  insert({ id: 'c3', action: 'delete', mine: null });
  insert({ id: 'c4', state: 'conflict', theirs_version: '' });
  db.close();
});

test('transfers come into a file of before there were any, and a record is known by one of them alone', () => {
  const file = `${temporaryDirectory()}/outbox.db`;
  const options = { file, key: outboxKey() };
  const before = openDatabase({ ...options, mode: 'create', migrations: outboxMigrations.slice(0, 4) });
  if (!before.ok) throw new Error(before.error.code);
  before.value.close();
  const after = openDatabase({ ...options, mode: 'write', migrations: outboxMigrations });
  if (!after.ok) throw new Error(after.error.code);
  const add = (id: string, state = 'waiting') =>
    after.value
      .prepare(
        `INSERT INTO transfer (id, document, patient, title, author, file, size, sha256, place, state)
         VALUES (?, 'd', 'p', 't', 'a', 'f', 1, 'h', 1, ?)`,
      )
      .run(id, state);
  expect(() => add('stored-nowhere', 'stored')).toThrow(/CHECK/);
  add('one');
  expect(() => add('another')).toThrow(/UNIQUE/);
  const plan = after.value.prepare(`EXPLAIN QUERY PLAN UPDATE transfer SET record = 'sent' WHERE document = 'd'`).all();
  expect(JSON.stringify(plan)).toContain('sqlite_autoindex_transfer_2 (document=?)');
  after.value.close();
});

test('withdrawn creates are kept in a file of before any were, and are found by their id', () => {
  const file = `${temporaryDirectory()}/outbox.db`;
  const options = { file, key: outboxKey() };
  const before = openDatabase({ ...options, mode: 'create', migrations: outboxMigrations.slice(0, 10) });
  if (!before.ok) throw new Error(before.error.code);
  before.value.exec(`INSERT INTO alias VALUES ('Observation', 'l1', 's1')`);
  before.value.close();
  const after = openDatabase({ ...options, mode: 'write', migrations: outboxMigrations });
  if (!after.ok) throw new Error(after.error.code);
  expect(after.value.prepare('SELECT * FROM alias').all()).toEqual([
    { type: 'Observation', local: 'l1', server: 's1' },
  ]);
  expect(after.value.prepare('SELECT * FROM dropped').all()).toEqual([]);
  const plan = after.value.prepare(`EXPLAIN QUERY PLAN SELECT type FROM dropped WHERE resource = 'l1'`).all();
  expect(JSON.stringify(plan)).toContain('SEARCH dropped USING PRIMARY KEY (resource=?)');
  after.value.close();
});
