import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3-multiple-ciphers';
import { interval } from '../../../main/cache/dates.ts';
import { field } from '../../../main/cache/json.ts';
import { openDatabase } from '../../../main/cache/open.ts';
import { leavesWalk } from '../../../main/cache/search/query/leaves.ts';
import { type Parameter, parametersOf, rowsOf } from '../../../main/cache/search/table.ts';
import {
  conceptKey,
  conceptOf,
  identifiedOf,
  intervalOf,
  measuredOf,
  targetOf,
  textsOf,
} from '../../../main/cache/search/values.ts';
import type { Page } from '../data.ts';
import { type Contender, storeFolder } from './contender.ts';

/*
 * The index layout of Google's Android FHIR SDK, as its exported schema 10 describes it (google/android-fhir,
 * engine/schemas): one row for each value of each search parameter, with the resource's UUID, its type, and the
 * parameter's name and path as text; every table has an index by value and one by resource. A resource is written as
 * `ResourceDao.insertRemoteResource` does it, with the rows that `ResourceIndexer` makes: it is looked for first; a name
 * or an address is one text; a quantity has a row for its unit as people read it and one for its code.
 *
 * Where this differs from the SDK, it is to its advantage: values are found by our compiled extraction in place of a
 * FHIRPath engine, of our search parameters only (the SDK has some for types of which we have none, such as Claim); the
 * text is stored as it came and not written anew; units are not made canonical; pages that came together share one
 * transaction; the file has the cipher of ours and its page cache, and none of the checks that the SDK doesn't ask for.
 */

const columns = {
  StringIndexEntity: ['index_value TEXT NOT NULL'],
  ReferenceIndexEntity: ['index_value TEXT NOT NULL'],
  UriIndexEntity: ['index_value TEXT NOT NULL'],
  TokenIndexEntity: ['index_system TEXT', 'index_value TEXT NOT NULL'],
  QuantityIndexEntity: ['index_system TEXT NOT NULL', 'index_code TEXT NOT NULL', 'index_value REAL NOT NULL'],
  NumberIndexEntity: ['index_value REAL NOT NULL'],
  DateIndexEntity: ['index_from INTEGER NOT NULL', 'index_to INTEGER NOT NULL'],
  DateTimeIndexEntity: ['index_from INTEGER NOT NULL', 'index_to INTEGER NOT NULL'],
} as const;

type Table = keyof typeof columns;

const byValue: Readonly<Record<Table, string>> = {
  StringIndexEntity: 'resourceType, index_name, index_value',
  ReferenceIndexEntity: 'resourceType, index_name, index_value, resourceUuid',
  UriIndexEntity: 'resourceType, index_name, index_value',
  TokenIndexEntity: 'index_value, resourceType, index_name, resourceUuid',
  QuantityIndexEntity: 'resourceType, index_name, index_value, index_code',
  NumberIndexEntity: 'resourceType, index_name, index_value',
  DateIndexEntity: 'resourceType, index_name, resourceUuid, index_from, index_to',
  DateTimeIndexEntity: 'resourceType, index_name, resourceUuid, index_from, index_to',
};

const tables = Object.keys(columns) as Table[];

function createTables(db: Database): void {
  db.exec(`
    CREATE TABLE ResourceEntity (
      id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, resourceUuid BLOB NOT NULL, resourceType TEXT NOT NULL,
      resourceId TEXT NOT NULL, serializedResource TEXT NOT NULL, versionId TEXT, lastUpdatedRemote INTEGER,
      lastUpdatedLocal INTEGER
    );
    CREATE UNIQUE INDEX ResourceEntity_uuid ON ResourceEntity (resourceUuid);
    CREATE UNIQUE INDEX ResourceEntity_id ON ResourceEntity (resourceType, resourceId);
  `);
  for (const table of tables) {
    db.exec(`
      CREATE TABLE ${table} (
        id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, resourceUuid BLOB NOT NULL, resourceType TEXT NOT NULL,
        index_name TEXT NOT NULL, index_path TEXT NOT NULL, ${columns[table].join(', ')},
        FOREIGN KEY (resourceUuid) REFERENCES ResourceEntity (resourceUuid) ON DELETE CASCADE
          DEFERRABLE INITIALLY DEFERRED
      );
      CREATE INDEX ${table}_value ON ${table} (${byValue[table]});
      CREATE INDEX ${table}_uuid ON ${table} (resourceUuid);
    `);
  }
}

interface IndexRow {
  readonly table: Table;
  readonly values: readonly (string | number | null)[];
}

function rowsOfElement({ kind }: Parameter, element: string, value: unknown): IndexRow[] {
  switch (kind) {
    case 'string':
      return [{ table: 'StringIndexEntity', values: [textsOf(value).join(element === 'Address' ? ', ' : ' ')] }];
    case 'reference':
    case 'uri': {
      const target = kind === 'uri' ? (value as string) : targetOf(value);
      const table = kind === 'uri' ? 'UriIndexEntity' : 'ReferenceIndexEntity';
      return target === null ? [] : [{ table, values: [target] }];
    }
    case 'date': {
      const found = intervalOf(value);
      if (!found) return [];
      const dateOnly = typeof value === 'string' && value.length <= 10;
      const unit = dateOnly ? 86_400_000 : 1;
      const values = [Math.floor(found.start / unit), Math.floor(found.end / unit)];
      return [{ table: dateOnly ? 'DateIndexEntity' : 'DateTimeIndexEntity', values }];
    }
    case 'quantity':
    case 'number': {
      const found = measuredOf(value);
      if (!found) return [];
      if (kind === 'number') return [{ table: 'NumberIndexEntity', values: [found.value] }];
      const coded: IndexRow = { table: 'QuantityIndexEntity', values: [found.system, found.code, found.value] };
      if (found.unit === '') return [coded];
      return [{ table: 'QuantityIndexEntity', values: ['', found.unit, found.value] }, coded];
    }
    case 'token':
      return tokenRows(element, value);
    default:
      return [];
  }
}

function tokenRows(element: string, value: unknown): IndexRow[] {
  if (element === 'ContactPoint') return [];
  if (element === 'Identifier') {
    const found = identifiedOf(value);
    return found ? [{ table: 'TokenIndexEntity', values: [found.system, found.value] }] : [];
  }
  const key = conceptKey(element, value);
  if (key === null) return [];
  return conceptOf(key).codes.map(({ system, code }) => ({ table: 'TokenIndexEntity', values: [system, code] }));
}

interface Indexed {
  readonly name: string;
  readonly path: string;
  readonly rows: (resource: unknown) => IndexRow[];
}

const compiled = new Map<string, Indexed[]>();

function distinct(rows: IndexRow[]): IndexRow[] {
  if (rows.length < 2) return rows;
  return [...new Map(rows.map((row) => [`${row.table} ${row.values.join('\u0001')}`, row])).values()];
}

/** Every search parameter of a type for itself, those too that look at the same element. */
function indexedBy(type: string): Indexed[] {
  let found = compiled.get(type);
  if (!found) {
    found = [...parametersOf(type).values()]
      .filter(({ kind }) => kind !== 'composite')
      .map((parameter) => {
        const leaves = rowsOf(parameter).flatMap((row) => row.leaves);
        const walk = leavesWalk(leaves);
        return {
          name: parameter.code,
          path: leaves.map(({ path }) => `${type}.${path}`).join(' | '),
          rows: (resource) =>
            distinct(
              walk(resource).flatMap(({ element, value }) =>
                element === 'other' ? [] : rowsOfElement(parameter, element, value),
              ),
            ),
        };
      });
    compiled.set(type, found);
  }
  return found;
}

/** The peer as a store that can be searched too. */
export interface AndroidFhir extends Contender {
  readonly db: Database;
}

/** Opens an empty store. */
export function androidFhir(): AndroidFhir {
  const folder = storeFolder('android-fhir');
  const opened = openDatabase({
    file: join(folder.path, 'resources.db'),
    key: randomBytes(32),
    mode: 'create',
    migrations: [createTables],
  });
  if (!opened.ok) throw new Error(opened.error.code);
  const db = opened.value;
  db.pragma('secure_delete = 0');
  db.pragma('cell_size_check = 0');
  const find = db.prepare('SELECT * FROM ResourceEntity WHERE resourceId = ? AND resourceType = ?');
  const insertResource = db.prepare(
    `INSERT INTO ResourceEntity (resourceUuid, resourceType, resourceId, serializedResource, versionId, lastUpdatedRemote)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const inserts = new Map(
    tables.map((table) => {
      const own = columns[table].map((column) => column.split(' ')[0]);
      const text = `INSERT INTO ${table} (resourceUuid, resourceType, index_name, index_path, ${own.join(', ')})
        VALUES (?, ?, ?, ?, ${own.map(() => '?').join(', ')})`;
      return [table, db.prepare(text)];
    }),
  );

  function store(body: string): void {
    const resource = JSON.parse(body) as { resourceType: string; id: string };
    const { resourceType: type, id } = resource;
    if (find.get(id, type)) throw new Error(`${type}/${id} came twice`);
    const uuid = Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
    const updated = interval(field(resource, 'meta', 'lastUpdated'))?.start ?? null;
    const version = field(resource, 'meta', 'versionId') ?? null;
    insertResource.run(uuid, type, id, body, version, updated);
    inserts.get('TokenIndexEntity')?.run(uuid, type, '_id', `${type}.id`, null, id);
    for (const { name, path, rows } of indexedBy(type)) {
      for (const { table, values } of rows(resource)) inserts.get(table)?.run(uuid, type, name, path, ...values);
    }
  }

  const storeAll = db.transaction((bodies: readonly string[]) => {
    for (const body of bodies) store(body);
  });
  return {
    name: 'android-fhir',
    db,
    ingest: (pages: readonly Page[]) => storeAll.immediate(pages.flatMap(({ resources }) => resources)),
    close() {
      db.close();
      folder.remove();
    },
  };
}
