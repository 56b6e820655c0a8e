import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3-multiple-ciphers';
import { openDatabase, type ReadDb, type WriteDb } from '../../main/cache/open.ts';
import { createReads } from '../../main/cache/reads/index.ts';
import { cacheMigrations } from '../../main/cache/schema/index.ts';
import { migrate } from '../../main/cache/schema/migrate.ts';
import { createWrites } from '../../main/cache/writes/index.ts';
import { type Page, pagesOf } from './data.ts';
import { androidFhir } from './peers/android-fhir.ts';
import { storeFolder } from './peers/contender.ts';
import { searchSet, wordsOf } from './search-data.ts';
import { type BenchResult, percentile, rounded } from './statistics.ts';

/** Resources of the larger size; the smaller is a tenth. */
const SIZE = 300_000;
const SAMPLES = 40;
const ROUNDS = 6;
/** The peer takes long for some: it is asked one question of so many. */
const PEER_EVERY = 4;
/** Questions of a kind from which those are taken that fill a page. */
const CANDIDATES = 400;
/** A page, small enough that both sizes fill it: what grows is then the search, not the answer. */
const COUNT = 20;

/** One search, as each store is asked for it. */
interface Question {
  readonly type: string;
  readonly query: string;
  /** In the SQL that the Android FHIR SDK makes of it; null for what it doesn't have. */
  readonly peer: { readonly sql: string; readonly args: readonly (string | number)[] } | null;
}

/** A store of pages that answers questions with how many records it found. */
interface Store {
  readonly name: string;
  readonly db: Database;
  ingest(page: Page): void | Promise<void>;
  ask(question: Question): number;
  close(): void | Promise<void>;
}

/** Our cache on a connection, without a run of sync around it. */
function cacheOn(name: string, db: WriteDb, reader: ReadDb, remove: () => void): Store {
  const writes = createWrites(db);
  const reads = createReads(reader);
  let seq = 0;
  return {
    name,
    db,
    ingest({ type, resources }) {
      writes.startRun({ tasks: [{ label: 'bench', resourceType: type, url: type, patients: null }] });
      seq = reads.run().tasks.at(-1)?.seq ?? seq;
      writes.applyPage({ seq, resources, next: null, serverTime: '2026-01-01T00:00:00.000Z' });
    },
    ask({ type, query }) {
      const answer = reads.search({ type, query: `${query}&_count=${COUNT}` });
      if (!answer.ok) throw new Error(`${answer.error.code}: ${query}`);
      return answer.value.entries.length;
    },
    close() {
      reader.close();
      db.close();
      remove();
    },
  };
}

function encrypted(): Store {
  const folder = storeFolder('search');
  const file = join(folder.path, 'cache.db');
  const key = randomBytes(32);
  const opened = openDatabase({ file, key, mode: 'create', migrations: cacheMigrations });
  if (!opened.ok) throw new Error(opened.error.code);
  const reader = openDatabase({ file, key, mode: 'read', migrations: cacheMigrations });
  if (!reader.ok) throw new Error(reader.error.code);
  return cacheOn('wardlight', opened.value, reader.value, folder.remove);
}

/** Our own schema in a plaintext file, with the same pragmas otherwise. */
function plain(): Store {
  const folder = storeFolder('search-plain');
  const file = join(folder.path, 'cache.db');
  const db = new Sqlite(file);
  for (const pragma of ['journal_mode = wal', 'synchronous = 2', 'wal_autocheckpoint = 8000', 'cache_size = -64000']) {
    db.pragma(pragma);
  }
  db.pragma('temp_store = 2');
  migrate(db, cacheMigrations);
  const reader = new Sqlite(file);
  for (const pragma of ['cache_size = -16000', 'temp_store = 2', 'mmap_size = 0', 'query_only = 1'])
    reader.pragma(pragma);
  return cacheOn('plain', db as WriteDb, reader as ReadDb, folder.remove);
}

function android(): Store {
  const contender = androidFhir();
  return {
    ...contender,
    ask: ({ peer }) => (peer ? contender.db.prepare(peer.sql).all(...peer.args).length : 0),
  };
}

/** Lets the planner of each store know its data, as it does when it is closed in order. */
function settle(db: Database): void {
  db.pragma('analysis_limit = 400');
  db.pragma('optimize');
  db.pragma('wal_checkpoint(TRUNCATE)');
}

const SELECT = 'SELECT a.serializedResource FROM ResourceEntity a';
const LIMIT = `LIMIT ${COUNT}`;

function token(type: string, name: string, code: string): { sql: string; args: string[] } {
  return {
    sql: `SELECT resourceUuid FROM TokenIndexEntity WHERE index_value = ? AND resourceType = ? AND index_name = ?`,
    args: [code, type, name],
  };
}

type Maker = (values: Values, at: number) => Question;

interface Values {
  readonly names: readonly string[];
  readonly identifiers: readonly string[];
  readonly codes: readonly string[];
  readonly conditions: readonly string[];
  readonly months: readonly string[];
  readonly updates: readonly string[];
  readonly words: readonly string[];
}

function pick(list: readonly string[], at: number): string {
  return list[(at * 7919) % list.length] ?? '';
}

/** The kinds of searches, each with other values every time. */
const kinds: Readonly<Record<string, Maker>> = {
  name: ({ names }, at) => {
    const name = pick(names, at).slice(0, 1 + (at % 3));
    return {
      type: 'Patient',
      query: `name=${encodeURIComponent(name)}`,
      peer: {
        sql: `${SELECT} WHERE a.resourceType = 'Patient' AND a.resourceUuid IN (
          SELECT resourceUuid FROM StringIndexEntity WHERE resourceType = 'Patient' AND index_name = 'name'
            AND index_value LIKE ? || '%' COLLATE NOCASE) ${LIMIT}`,
        args: [name],
      },
    };
  },
  identifier: ({ identifiers }, at) => {
    const [system = '', value = ''] = pick(identifiers, at).split('|');
    return {
      type: 'Patient',
      query: `identifier=${encodeURIComponent(`${system}|${value}`)}`,
      peer: {
        sql: `${SELECT} WHERE a.resourceType = 'Patient' AND a.resourceUuid IN (
          SELECT resourceUuid FROM TokenIndexEntity WHERE index_value = ? AND resourceType = 'Patient'
            AND index_name = 'identifier' AND IFNULL(index_system, '') = ?) ${LIMIT}`,
        args: [value.toLowerCase(), system],
      },
    };
  },
  code_and_date: ({ codes, months }, at) => {
    const [code, month] = [pick(codes, at), pick(months, at)];
    const from = Date.parse(`${month}-01T00:00:00Z`);
    const inner = token('Observation', 'code', code);
    return {
      type: 'Observation',
      query: `code=http://loinc.org|${code}&date=ge${month}`,
      peer: {
        sql: `${SELECT} WHERE a.resourceType = 'Observation' AND a.resourceUuid IN (
          SELECT resourceUuid FROM DateTimeIndexEntity WHERE resourceType = 'Observation' AND index_name = 'date'
            AND index_to >= ?) AND a.resourceUuid IN (${inner.sql}) ${LIMIT}`,
        args: [from, ...inner.args],
      },
    };
  },
  last_updated: ({ updates }, at) => {
    const time = pick(updates, at);
    return {
      type: 'Observation',
      query: `_lastUpdated=ge${encodeURIComponent(time)}`,
      peer: {
        sql: `${SELECT} WHERE a.resourceType = 'Observation' AND a.resourceUuid IN (
          SELECT resourceUuid FROM DateTimeIndexEntity WHERE resourceType = 'Observation' AND index_name = '_lastUpdated'
            AND index_to >= ?) ${LIMIT}`,
        args: [Date.parse(time)],
      },
    };
  },
  has: ({ conditions }, at) => {
    const code = pick(conditions, at);
    const inner = token('Condition', 'code', code);
    return {
      type: 'Patient',
      query: `_has:Condition:patient:code=${code}`,
      peer: {
        sql: `${SELECT} WHERE a.resourceType = 'Patient' AND a.resourceUuid IN (
          SELECT resourceUuid FROM ResourceEntity a WHERE a.resourceId IN (
            SELECT substr(a.index_value, 9) FROM ReferenceIndexEntity a
            WHERE a.resourceType = 'Condition' AND a.index_name = 'patient' AND a.resourceUuid IN (${inner.sql})))
          ${LIMIT}`,
        args: inner.args,
      },
    };
  },
  sort: (_values, at) => {
    const descending = at % 2 === 1;
    return {
      type: 'Patient',
      query: `_sort=${descending ? '-' : ''}birthdate,family`,
      peer: {
        sql: `${SELECT} LEFT JOIN DateIndexEntity b ON a.resourceType = b.resourceType AND a.resourceUuid = b.resourceUuid
            AND b.index_name = 'birthdate' WHERE a.resourceType = 'Patient'
          ORDER BY b.index_from ${descending ? 'DESC' : 'ASC'} ${LIMIT}`,
        args: [],
      },
    };
  },
  sorted_results: ({ codes }, at) => {
    const code = pick(codes, at);
    const inner = token('Observation', 'code', code);
    return {
      type: 'Observation',
      query: `code=http://loinc.org|${code}&_sort=-date`,
      peer: {
        sql: `${SELECT} LEFT JOIN DateTimeIndexEntity b ON a.resourceType = b.resourceType
            AND a.resourceUuid = b.resourceUuid AND b.index_name = 'date'
          WHERE a.resourceType = 'Observation' AND a.resourceUuid IN (${inner.sql})
          ORDER BY b.index_from DESC ${LIMIT}`,
        args: inner.args,
      },
    };
  },
  text: ({ words }, at) => ({ type: 'DocumentReference', query: `_content=${pick(words, at)}`, peer: null }),
};

interface Resource {
  readonly resourceType: string;
  readonly [member: string]: unknown;
}

/** Values that occur in the smaller set, and so in both. */
function valuesOf(pages: readonly Page[]): Values {
  const resources = pages.flatMap((page) => page.resources);
  const names: string[] = [];
  const identifiers: string[] = [];
  const counts = { Observation: new Map<string, number>(), Condition: new Map<string, number>() };
  const updates: string[] = [];
  for (const text of resources) {
    const one = JSON.parse(text) as Resource & {
      name?: { family?: string; given?: string[] }[];
      identifier?: { system?: string; value?: string }[];
      code?: { coding?: { code?: string }[] };
      meta?: { lastUpdated?: string };
    };
    const type = one.resourceType;
    if (type === 'Patient') {
      names.push(...(one.name ?? []).flatMap(({ family, given }) => [family ?? '', ...(given ?? [])]).filter(Boolean));
      identifiers.push(...(one.identifier ?? []).map(({ system, value }) => `${system}|${value}`));
    } else if (type === 'Observation' || type === 'Condition') {
      const code = one.code?.coding?.[0]?.code ?? '';
      counts[type].set(code, (counts[type].get(code) ?? 0) + 1);
      if (type === 'Observation' && one.meta?.lastUpdated) updates.push(one.meta.lastUpdated);
    }
  }
  const common = (map: Map<string, number>) =>
    [...map]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 25)
      .map(([code]) => code);
  return {
    names,
    identifiers,
    codes: common(counts.Observation),
    conditions: common(counts.Condition),
    months: Array.from(
      { length: 60 },
      (_, at) => `${2008 + Math.floor(at / 12) * 2}-${String((at % 12) + 1).padStart(2, '0')}`,
    ),
    updates,
    words: wordsOf(resources).slice(20, 220),
  };
}

/**
 * The questions of each kind that find as much as any of the kind at the smaller size: a full page, or the one record of
 * an identifier. Both sizes then answer alike.
 */
function questionsFor(store: Store, values: Values): Map<string, Question[]> {
  return new Map(
    Object.entries(kinds).map(([kind, make]) => {
      const asked = Array.from({ length: CANDIDATES }, (_, at) => make(values, at)).map((question) => ({
        question,
        found: store.ask(question),
      }));
      const most = Math.max(...asked.map(({ found }) => found));
      return [kind, asked.filter(({ found }) => found === most).map(({ question }) => question)] as const;
    }),
  );
}

/** Milliseconds of every search, by store and kind; the stores take turns at each. */
function measure(stores: readonly Store[], questions: ReadonlyMap<string, readonly Question[]>): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [kind, list] of questions) {
      for (let at = 0; at < SAMPLES; at += 1) {
        const question = list[(round * SAMPLES + at) % list.length];
        for (let turn = 0; turn < stores.length; turn += 1) {
          const store = stores[(at + turn) % stores.length];
          if (!question || !store) continue;
          if (store.name === 'android-fhir' && (question.peer === null || at % PEER_EVERY !== 0)) continue;
          const begun = performance.now();
          store.ask(question);
          const spent = performance.now() - begun;
          // The first round brings the pages into memory.
          if (round > 0) times.set(`${store.name} ${kind}`, [...(times.get(`${store.name} ${kind}`) ?? []), spent]);
        }
      }
    }
  }
  return times;
}

async function filled(pages: readonly Page[], say: (message: string) => void): Promise<Store[]> {
  const stores = [encrypted(), plain(), android()];
  for (const store of stores) {
    const begun = performance.now();
    for (const page of pages) await store.ingest(page);
    settle(store.db);
    say(`  ${store.name} took ${rounded((performance.now() - begun) / 1_000, 1)} s to ingest`);
  }
  return stores;
}

/** Searches at two sizes, against the peer's index layout and against our own schema without encryption. */
export async function benchSearch(say: (message: string) => void, size = SIZE): Promise<BenchResult[]> {
  const { source, resources } = searchSet(size);
  const pages = firstPages(pagesOf(resources), size);
  const tenth = firstPages(pages, size / 10);
  const values = valuesOf(tenth);
  const measured: Map<string, number[]>[] = [];
  let questions: Map<string, Question[]> | undefined;
  for (const some of [tenth, pages]) {
    say(`search in ${some.reduce((sum, page) => sum + page.resources.length, 0)} resources (${source})`);
    const stores = await filled(some, say);
    questions ??= questionsFor(stores[0] as Store, values);
    measured.push(measure(stores, questions));
    for (const store of stores) await store.close();
  }
  const [small, large] = measured;
  return small && large ? resultsOf(small, large) : [];
}

/** All pages of the first groups of patients, up to about a size. */
function firstPages(pages: readonly Page[], size: number): Page[] {
  let count = 0;
  let last = '';
  return pages.filter(({ patients, resources }) => {
    const group = patients[0] ?? '';
    if (count >= size && group !== last) return false;
    count += resources.length;
    last = group;
    return true;
  });
}

type Times = ReadonlyMap<string, readonly number[]>;

const p50 = (times: Times, name: string) => percentile(times.get(name) ?? [], 0.5);
const p95 = (times: Times, name: string) => percentile(times.get(name) ?? [], 0.95);

function resultsOf(small: Times, large: Times): BenchResult[] {
  const names = Object.keys(kinds);
  const each = names.map((kind): BenchResult => {
    const [own, bare, peer] = ['wardlight', 'plain', 'android-fhir'].map((store) => `${store} ${kind}`) as [
      string,
      string,
      string,
    ];
    const peers = {
      p50: rounded(p50(large, own), 3),
      'p95 at a tenth': rounded(p95(small, own), 3),
      'p50 at a tenth': rounded(p50(small, own), 3),
      'plain p95': rounded(p95(large, bare), 3),
      'plain p50': rounded(p50(large, bare), 3),
      ...(large.has(peer)
        ? { 'android-fhir p95': rounded(p95(large, peer), 3), 'android-fhir p50': rounded(p50(large, peer), 3) }
        : {}),
    };
    return {
      name: `search.${kind}_p95_ms`,
      value: rounded(p95(large, own), 3),
      unit: 'ms',
      better: 'lower',
      target: 25,
      peers,
    };
  });
  return [
    ...each,
    ...[p95, p50].flatMap((of) => {
      const suffix = of === p50 ? '_median' : '';
      const part = (times: Times, store: string) => (kind: string) => of(times, `${store} ${kind}`);
      const [own, bare, before] = [part(large, 'wardlight'), part(large, 'plain'), part(small, 'wardlight')];
      return [
        ratio(`search.vs_plain${suffix}`, 1.5, names, (kind) => own(kind) / bare(kind)),
        ratio(`search.growth_10x${suffix}`, 1.5, names, (kind) => own(kind) / before(kind)),
      ];
    }),
    ratio(
      'search.vs_android_fhir_median',
      null,
      names.filter((kind) => large.has(`android-fhir ${kind}`)),
      (kind) => p50(large, `wardlight ${kind}`) / p50(large, `android-fhir ${kind}`),
    ),
  ];
}

/** The worst kind's ratio of times, of the 95th percentile or the median; each kind's beside it. */
function ratio(
  name: string,
  target: number | null,
  kindsOf: readonly string[],
  of: (kind: string) => number,
): BenchResult {
  const peers = Object.fromEntries(kindsOf.map((kind) => [kind, rounded(of(kind))]));
  const value = rounded(Math.max(...kindsOf.map(of)));
  return { name, value, unit: 'ratio of times, the worst kind', better: 'lower', target, peers };
}
