import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { factsOf } from '../../../main/cache/ingest/facts.ts';
import { createNames } from '../../../main/cache/ingest/names.ts';
import { removeResource, storeResource } from '../../../main/cache/ingest/store.ts';
import { openDatabase, type ReadDb, type WriteDb } from '../../../main/cache/open.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import { createTables } from '../../../main/cache/schema/0001-tables.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { createSearchIndex } from '../../../main/cache/search/index.ts';
import { keyOf, openCache, temporaryDirectory } from '../cache/support.ts';
import { resource } from './resources.ts';
import { askCache, ingest } from './support.ts';

const indexTables = [
  'search_record',
  'search_token',
  'search_identifier',
  'search_reference',
  'search_date',
  'search_date_long',
  'search_date_of',
  'search_string',
  'search_string_of',
  'search_quantity',
] as const;

/** Tables of what repeats; they are swept, not kept in step. */
const dictionaryTables = [
  'search_concept',
  'search_concept_code',
  'search_concept_text',
  'search_target',
  'search_unit',
  'search_quantity_kind',
];

function rows(db: ReadDb, table: string): unknown[] {
  return db.prepare(`SELECT * FROM ${table}`).all();
}

/** Everything in the index with names in place of integers, so that two caches can be compared. */
function readable(db: ReadDb): string[] {
  const record = `(SELECT t.text || '/' || r.id FROM resource r JOIN term t ON t.tid = r.type WHERE r.rid = x.rid)`;
  const name = '(SELECT name FROM search_parameter p WHERE p.param = x.param)';
  const kid = '(SELECT key FROM search_concept k WHERE k.kid = x.kid)';
  const patient = '(SELECT id FROM patient p WHERE p.pid = x.patient)';
  const columns: Record<(typeof indexTables)[number], string> = {
    search_record: `${patient}, updated`,
    search_token: `${name}, ${kid}, ${patient}`,
    search_identifier: `${name}, value, (SELECT text FROM search_target s WHERE s.tid = x.system), ${patient}`,
    search_reference: `${name}, (SELECT text FROM search_target s WHERE s.tid = x.tid), ${patient}`,
    search_date: `${name}, low, high, ${patient}`,
    search_date_long: `${name}, low, high, ${patient}`,
    search_date_of: `${name}, low, high`,
    search_string: `${name}, value, ${patient}`,
    search_string_of: `${name}, value`,
    search_quantity: `${name}, ${kid}, (SELECT code || unit FROM search_unit u WHERE u.uid = x.uid), value, ${patient}`,
  };
  return indexTables
    .flatMap((table) =>
      db
        .prepare(`SELECT ${record}, ${columns[table]} FROM ${table} x`)
        .raw()
        .all()
        .map((row) => JSON.stringify([table, row])),
    )
    .sort();
}

function words(db: WriteDb): string[] {
  db.exec(`CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab('main', 'search_text', 'row')`);
  return (db.prepare('SELECT term FROM temp.vocabulary').all() as { term: string }[]).map(({ term }) => term);
}

function editor(db: WriteDb) {
  const names = createNames(db);
  const index = createSearchIndex(db, names);
  const inOne = (work: () => void) =>
    db.transaction(() => {
      work();
      index.flush();
    })();
  return {
    index,
    inOne,
    put(one: object) {
      const facts = factsOf(JSON.stringify(one));
      if (!facts) throw new Error('no resource');
      storeResource(db, names, facts);
    },
    remove: (type: string, id: string) => removeResource(db, names, { type, id }, { how: 'deleted', at: null }),
  };
}

describe('the index', () => {
  test('holds the same after any changes as if what is left had been stored at once', { timeout: 120_000 }, () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ put: resource }) },
      {
        weight: 1,
        arbitrary: fc.record({
          remove: fc.record({
            type: fc.constantFrom('Patient', 'Observation', 'Condition'),
            id: fc.constantFrom('a', 'b', 'c'),
          }),
        }),
      },
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 }),
        (transactions) => {
          const [changed, fresh] = [inMemory(), inMemory()];
          const kept = new Map<string, object>();
          const edit = editor(changed);
          let version = 0;
          for (const steps of transactions) {
            edit.inOne(() => {
              for (const one of steps) {
                version += 1;
                if ('put' in one) {
                  const put = {
                    ...one.put,
                    meta: { versionId: String(version), lastUpdated: new Date(version * 1_000).toISOString() },
                  };
                  edit.put(put);
                  kept.set(`${put.resourceType}/${put.id}`, put);
                } else {
                  edit.remove(one.remove.type, one.remove.id);
                  kept.delete(`${one.remove.type}/${one.remove.id}`);
                }
              }
            });
          }
          const again = editor(fresh);
          again.inOne(() => {
            for (const one of kept.values()) again.put(one);
          });
          expect(readable(changed)).toEqual(readable(fresh));
          expect(words(changed)).toEqual(words(fresh));
          changed.close();
          fresh.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  test('keeps nothing of records that are gone, and after a sweep none of their words', () => {
    const { db, file } = openCache();
    const edit = editor(db);
    const note = {
      resourceType: 'DocumentReference',
      id: 'n',
      status: 'current',
      description: 'xylocanary',
      subject: { reference: 'Patient/p' },
    };
    const problem = {
      resourceType: 'Condition',
      id: 'c',
      code: { text: 'quibblepox' },
      subject: { reference: 'Patient/p' },
    };
    edit.inOne(() => {
      edit.put(note);
      edit.put(problem);
    });
    expect(words(db)).toContain('xylocanary');
    edit.inOne(() => {
      edit.remove('DocumentReference', 'n');
      edit.remove('Condition', 'c');
      edit.index.sweep();
    });
    for (const table of [...indexTables, ...dictionaryTables]) expect(rows(db, table), table).toEqual([]);
    expect(words(db)).toEqual([]);
    // What SQLite has of it, decrypted: no page still says it.
    const pages = JSON.stringify(db.prepare('SELECT hex(block) AS block FROM search_text_data').all());
    expect(pages).not.toContain(Buffer.from('xylocanary').toString('hex').toUpperCase());
    db.pragma('wal_checkpoint(TRUNCATE)');
    expect(readFileSync(file).includes('quibblepox')).toBe(false);
  });

  test('is written encrypted, full text too', () => {
    const { db, file } = openCache();
    const edit = editor(db);
    edit.inOne(() => edit.put({ resourceType: 'DocumentReference', id: 'n', description: 'xylocanary' }));
    expect(words(db)).toContain('xylocanary');
    const written = Buffer.concat([readFileSync(file), readFileSync(`${file}-wal`)]);
    expect(written.includes('xylocanary')).toBe(false);
    expect(written.includes('search_text')).toBe(false);
  });

  test('forgets what a transaction that was rolled back had collected', () => {
    const { db } = openCache();
    const edit = editor(db);
    const failing = () =>
      edit.inOne(() => {
        edit.put({ resourceType: 'Condition', id: 'c', code: { text: 'x' } });
        throw new Error('power');
      });
    expect(failing).toThrow('power');
    edit.index.forget();
    edit.inOne(() => undefined);
    for (const table of indexTables) expect(rows(db, table), table).toEqual([]);
  });
});

function inMemory(): WriteDb {
  const opened = openDatabase({
    file: join(temporary(), 'cache.db'),
    key: keyOf(2),
    mode: 'create',
    migrations: cacheMigrations,
  });
  if (!opened.ok) throw new Error(opened.error.code);
  opened.value.pragma('synchronous = 0');
  return opened.value;
}

const temporary = () => temporaryDirectory();

describe('the migration', () => {
  function migrated() {
    const file = join(temporaryDirectory(), 'cache.db');
    const first = openDatabase({ file, key: keyOf(3), mode: 'create', migrations: [createTables] });
    if (!first.ok) throw new Error(first.error.code);
    const insert = first.value.prepare(
      `INSERT INTO resource (type, id, version_id, patient, bucket, code, recency, subsetted, body)
       VALUES (?, ?, '1', ?, 0, 0, 0, 0, ?)`,
    );
    first.value.exec(
      `INSERT INTO term VALUES (1, 'Patient'), (2, 'Observation'); INSERT INTO patient (pid, id) VALUES (7, 'p')`,
    );
    const patient = { resourceType: 'Patient', id: 'p', name: [{ family: 'Ó Briain' }] };
    const observation = {
      resourceType: 'Observation',
      id: 'o',
      code: { coding: [{ code: 'X' }] },
      subject: { reference: 'Patient/p' },
      note: [{ text: 'seen twice' }],
    };
    insert.run(1, 'p', 7, JSON.stringify(patient));
    insert.run(2, 'o', 7, JSON.stringify(observation));
    first.value.close();
    const opened = openDatabase({ file, key: keyOf(3), mode: 'write', migrations: cacheMigrations });
    if (!opened.ok) throw new Error(opened.error.code);
    return opened.value;
  }

  test('indexes what an older cache holds', () => {
    const db = migrated();
    const cache = { read: createReads(db) };
    expect(askCache(cache, 'Patient?name=o briain').matches).toEqual(['Patient/p']);
    expect(askCache(cache, 'Observation?patient=p&code=x').matches).toEqual(['Observation/o']);
    expect(askCache(cache, 'Observation?_content=twice').matches).toEqual(['Observation/o']);
    db.close();
  });

  test('lets no search read a whole table', () => {
    const db = migrated();
    const plans: string[] = [];
    const prepare = db.prepare.bind(db);
    Object.defineProperty(db, 'prepare', {
      value: (source: string) => {
        const marks = (source.match(/\?/g) ?? []).map(() => 1);
        const plan = prepare(`EXPLAIN QUERY PLAN ${source}`).all(...marks) as { detail: string }[];
        plans.push(...plan.map(({ detail }) => detail));
        return prepare(source);
      },
    });
    const { search } = createReads(db);
    const searches = [
      ['Patient', 'name=o'],
      ['Patient', 'identifier=a|b'],
      ['Patient', '_has:Observation:patient:code=x'],
      ['Patient', '_sort=birthdate,family'],
      ['Observation', 'patient=p&code=x&date=ge2020&_sort=-date'],
      ['Observation', 'code=x&date=gt2024'],
      ['Observation', 'patient.name=o'],
      ['Observation', 'encounter=e'],
      ['Observation', '_lastUpdated=gt2024&_sort=-_lastUpdated'],
      ['Observation', 'code-value-quantity=x$gt5'],
      ['Observation', 'value-quantity=5||mg'],
      ['Observation', '_content=twice'],
    ] as const;
    const shown = { types: ['Patient', 'Observation'], labels: [1] };
    const sight = { newest: 9, patients: [{ ids: ['p', 'q'], shown }], shared: shown };
    for (const [type, query] of searches) {
      for (const one of [null, sight]) expect(search({ type, query, sight: one }).ok, query).toBe(true);
    }
    expect(plans.length).toBeGreaterThan(searches.length);
    // json_each, the full text, inner results and the dictionary of units are no tables of records, and few have a label.
    const scans = plans.filter(
      (detail) =>
        /^SCAN/.test(detail) && !/VIRTUAL TABLE|CONSTANT|\(subquery|json_each|resource_labelled| c$/.test(detail),
    );
    expect(scans).toEqual([]);
    db.close();
  });
});

test('one page of the cache can be searched at once', () => {
  const cache = openCache();
  ingest(cache, [JSON.stringify({ resourceType: 'Patient', id: 'p', name: [{ family: 'Zo' }] })]);
  expect(askCache(cache, 'Patient?family=zo').matches).toEqual(['Patient/p']);
});
