import type { AuditEvent } from 'fhir/r4';
import type { AuditFilter } from '../../preload/contract/audit.ts';
import type { ReadDb, WriteDb } from '../cache/open.ts';
import { sql } from '../cache/statements.ts';
import { entriesIn, entryIn, eventOf, type PackedEntry, type StoredEntry } from './entries.ts';

/*
 * What entries are found by: patient, agent, time and action. Rows of one patient lie far from each other's neighbours, so
 * that writing them costs more than the entry: they are written with the checkpoints, many at once. Until then the newest
 * entries are looked through one by one.
 */

/** What an entry is found by. */
export interface EntryIndex {
  readonly time: number;
  readonly action: string;
  readonly patients: readonly string[];
  readonly agents: readonly string[];
}

/** The tables, and of which column they are beside `seq`. */
export const lookupTables = [
  ['about', 'patient'],
  ['agent', 'reference'],
  ['moment', 'time'],
  ['kind', 'action'],
] as const;
export type LookupTable = (typeof lookupTables)[number][0];

/** Rows of each table that an entry has. */
export function rowsOf({
  time,
  action,
  patients,
  agents,
}: EntryIndex): Record<LookupTable, readonly (string | number)[]> {
  return { about: patients, agent: agents, moment: [time], kind: [action] };
}

/** What an event is found by; of one that isn't well formed, as much as can be told. */
export function indexOf(event: object): EntryIndex {
  const { recorded, type, subtype, entity, agent } = event as Partial<AuditEvent>;
  const time = Date.parse(recorded ?? '');
  const references = (list: unknown, of: (one: never) => unknown) =>
    Array.isArray(list) ? [...new Set(list.map(of as () => unknown).filter((one) => typeof one === 'string'))] : [];
  const subjects = references(entity, (one: NonNullable<AuditEvent['entity']>[number]) => one.what?.reference);
  return {
    time: Number.isFinite(time) ? time : 0,
    action: subtype?.[0]?.code ?? type?.code ?? '',
    patients: subjects.flatMap((one) => /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(one)?.[1] ?? []),
    agents: references(agent, (one: AuditEvent['agent'][number]) => one.who?.reference),
  };
}

/** What an entry is found by, by its text. */
export function indexOfEntry(entry: StoredEntry): EntryIndex {
  try {
    return indexOf(JSON.parse(eventOf(entry)) as object);
  } catch {
    return indexOf({});
  }
}

/** How many entries, from the first on, can be found by the tables. */
export function indexedSize(db: ReadDb): number {
  return (sql(db, 'SELECT size FROM indexed').pluck().get() as number | undefined) ?? 0;
}

/** Entries of one transaction. */
const STEP = 4_096;

/** What the entries from `first` on are found by. */
export interface KnownIndexes {
  readonly first: number;
  readonly indexes: readonly EntryIndex[];
}

/** Makes all entries before `size` known to the tables; those of which it isn't `known` what they are found by, are read. */
export function updateLookup(db: WriteDb, size: number, known: KnownIndexes = { first: size, indexes: [] }): void {
  for (let first = indexedSize(db); first < size; first += STEP) {
    const end = Math.min(size, first + STEP);
    const read = entriesIn(db, first, Math.min(end, Math.max(first, known.first))).map(
      (entry) => [entry.seq, indexOfEntry(entry)] as const,
    );
    const kept = known.indexes
      .map((index, at) => [known.first + at, index] as const)
      .filter(([seq]) => seq >= first && seq < end);
    const entries = [...read, ...kept].map(([seq, index]) => ({ seq, rows: rowsOf(index) }));
    const write = db.transaction(() => {
      for (const [table, column] of lookupTables) {
        const rows = entries.flatMap(({ seq, rows }) => rows[table].map((value) => [value, seq] as const));
        // In the order of the table, so that each of its pages is written once.
        rows.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
        const insert = sql(db, `INSERT OR IGNORE INTO ${table} (${column}, seq) VALUES (?, ?)`);
        for (const row of rows) insert.run(...row);
      }
      sql(db, 'INSERT INTO indexed (one, size) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET size = excluded.size').run(
        end,
      );
    });
    write.immediate();
  }
}

/** Entries that a filter lets through, newest first. */
export function queryEntries(db: ReadDb, filter: AuditFilter): StoredEntry[] {
  const { before = Number.MAX_SAFE_INTEGER, limit = 100 } = filter;
  const indexed = indexedSize(db);
  const newest = before > indexed ? entriesIn(db, indexed, before).reverse() : [];
  const found = newest.filter((entry) => passes(indexOfEntry(entry), filter)).slice(0, limit);
  const rest = limit - found.length;
  const older = rest > 0 ? queryTables(db, { ...filter, before: Math.min(before, indexed), limit: rest }) : [];
  return [...found, ...older].map(({ seq, leaf }) => ({ seq, leaf }));
}

function passes(index: EntryIndex, { patient, agent, from, to, actions, except }: AuditFilter): boolean {
  return (
    (patient === undefined || index.patients.includes(patient)) &&
    (agent === undefined || index.agents.includes(agent)) &&
    (from === undefined || index.time >= from) &&
    (to === undefined || index.time < to) &&
    (actions === undefined || actions.includes(index.action)) &&
    !except?.includes(index.action)
  );
}

function queryTables(db: ReadDb, filter: AuditFilter): StoredEntry[] {
  const { patient, agent, from, to, actions, except, before, limit } = filter;
  const [conditions, values]: [string[], unknown[]] = [['seq < ?'], [before]];
  const only = (condition: string, ...bound: unknown[]) => {
    conditions.push(condition);
    values.push(...bound);
  };
  if (patient !== undefined) only('seq IN (SELECT seq FROM about WHERE patient = ?)', patient);
  if (agent !== undefined) only('seq IN (SELECT seq FROM agent WHERE reference = ?)', agent);
  if (from !== undefined || to !== undefined) {
    const [least, most] = [from ?? Number.MIN_SAFE_INTEGER, to ?? Number.MAX_SAFE_INTEGER];
    only('seq IN (SELECT seq FROM moment WHERE time >= ? AND time < ?)', least, most);
  }
  if (actions !== undefined) {
    only(`seq IN (SELECT seq FROM kind WHERE action IN (${actions.map(() => '?').join()}))`, ...actions);
  }
  if (except !== undefined) {
    const kinds = except.map(() => '?').join();
    only(`NOT EXISTS (SELECT 1 FROM kind WHERE action IN (${kinds}) AND kind.seq = entry.seq)`, ...except);
  }
  const text = `SELECT seq, leaf FROM entry WHERE ${conditions.join(' AND ')} ORDER BY seq DESC LIMIT ?`;
  return (sql(db, text).all(...values, limit) as PackedEntry[]).map(entryIn);
}

/** Subtypes of an alarm and of a person's judgement of one; nothing else has them. */
const ALARM = '110132';
const ALARMS = [ALARM, 'amend'];

/** Alarms, and what persons have found of them: newest first. */
export function alarmEntries(db: ReadDb, limit: number): StoredEntry[] {
  return queryEntries(db, { actions: ALARMS, limit });
}

/** Where alarms stand in the log, oldest first. */
export function alarmSeqs(db: ReadDb): number[] {
  const known = sql(db, 'SELECT seq FROM kind WHERE action = ? ORDER BY seq').pluck().all(ALARM) as number[];
  const newest = entriesIn(db, indexedSize(db), Number.MAX_SAFE_INTEGER);
  return [...known, ...newest.filter((entry) => indexOfEntry(entry).action === ALARM).map(({ seq }) => seq)];
}

/** Everybody who has had to do with a patient's records, as references in their order. */
export function agentsOf(db: ReadDb, patient: string, limit: number): string[] {
  const text = 'SELECT DISTINCT agent.reference FROM about JOIN agent USING (seq) WHERE about.patient = ? LIMIT ?';
  const known = sql(db, text).pluck().all(patient, limit) as string[];
  const newest = entriesIn(db, indexedSize(db), Number.MAX_SAFE_INTEGER).map(indexOfEntry);
  const fresh = newest.flatMap(({ patients, agents }) => (patients.includes(patient) ? agents : []));
  return [...new Set([...known, ...fresh])].sort().slice(0, limit);
}
