import type { AuditEvent } from 'fhir/r4';
import type { AuditFilter } from '../../preload/contract/audit.ts';
import type { ReadDb, WriteDb } from '../cache/open.ts';
import { sql } from '../cache/statements.ts';
import { leafOf, readLeaf } from './log/entry.ts';
import { type CompactRange, leafHash, rangeBefore, type SubtreeHash, subtreesOf } from './log/merkle.ts';
import { type Head, headAfter } from './log/verify.ts';

/** An entry as it stands in the log. */
export interface StoredEntry {
  readonly seq: number;
  readonly leaf: string;
}

/** What an entry is found by. */
export interface EntryIndex {
  readonly time: number;
  readonly action: string;
  readonly patients: readonly string[];
  readonly agents: readonly string[];
}

/** An entry that is about to be written, and how the log stands after it. */
export interface NewEntry extends StoredEntry {
  readonly hash: Buffer;
  readonly index: EntryIndex;
  readonly tile: { readonly number: number; readonly hash: Buffer } | null;
  readonly head: Head;
}

/** Leaves below one kept root: proofs read that many hashes at most beside the kept ones. */
export const TILE_LEVEL = 8;
const TILE = 2 ** TILE_LEVEL;

/** Subtypes of an alarm and of a person's judgement of one; nothing else has them. Part of the schema. */
const alarmSubtypes = ['110132', 'amend'];
export const IS_ALARM = `action IN (${alarmSubtypes.map((one) => `'${one}'`).join()})`;
export const isAlarm = (action: string): boolean => alarmSubtypes.includes(action);

/** The entry that an event becomes at the end of a log. */
export function entryOf(head: Head, event: object): NewEntry {
  const seq = head.range.size;
  const leaf = leafOf({ seq, previous: head.chain, event });
  const hash = leafHash(leaf);
  let tile: NewEntry['tile'] = null;
  const after = headAfter(head, hash, (level, root) => {
    if (level === TILE_LEVEL) tile = { number: Math.floor(seq / TILE), hash: root };
  });
  return { seq, leaf, hash, index: indexOf(event), tile, head: after };
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

/** Writes an entry and what it is found by. */
export function insertEntry(db: WriteDb, { seq, leaf, hash, index, tile }: NewEntry): void {
  sql(db, 'INSERT INTO entry (seq, leaf, hash, time, action) VALUES (?, ?, ?, ?, ?)').run(
    seq,
    leaf,
    hash,
    index.time,
    index.action,
  );
  for (const patient of index.patients) sql(db, 'INSERT INTO about (patient, seq) VALUES (?, ?)').run(patient, seq);
  for (const agent of index.agents) sql(db, 'INSERT INTO agent (reference, seq) VALUES (?, ?)').run(agent, seq);
  if (tile) sql(db, 'INSERT INTO tile (number, hash) VALUES (?, ?)').run(tile.number, tile.hash);
}

/** Entries from `first` to before `end`, in order. */
export function entriesIn(db: ReadDb, first: number, end: number): (StoredEntry & { hash: Buffer })[] {
  return sql(db, 'SELECT seq, leaf, hash FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq').all(
    first,
    end,
  ) as (StoredEntry & {
    hash: Buffer;
  })[];
}

/** Entries that a filter lets through, newest first. */
export function queryEntries(db: ReadDb, filter: AuditFilter): StoredEntry[] {
  const { patient, agent, from, to, actions, except, before, limit = 100 } = filter;
  const [conditions, values]: [string[], unknown[]] = [[], []];
  const only = (condition: string, ...bound: unknown[]) => {
    conditions.push(condition);
    values.push(...bound);
  };
  if (patient !== undefined) only('seq IN (SELECT seq FROM about WHERE patient = ?)', patient);
  if (agent !== undefined) only('seq IN (SELECT seq FROM agent WHERE reference = ?)', agent);
  if (from !== undefined) only('time >= ?', from);
  if (to !== undefined) only('time < ?', to);
  if (actions !== undefined) only(`action IN (${actions.map(() => '?').join()})`, ...actions);
  if (except !== undefined) only(`action NOT IN (${except.map(() => '?').join()})`, ...except);
  if (before !== undefined) only('seq < ?', before);
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  return sql(db, `SELECT seq, leaf FROM entry ${where} ORDER BY seq DESC LIMIT ?`).all(
    ...values,
    limit,
  ) as StoredEntry[];
}

/** Alarms, and what persons have found of them: newest first, by an index of their own, since they are few. */
export function alarmEntries(db: ReadDb, limit: number): StoredEntry[] {
  const text = `SELECT seq, leaf FROM entry INDEXED BY entry_alarm WHERE ${IS_ALARM} ORDER BY seq DESC LIMIT ?`;
  return sql(db, text).all(limit) as StoredEntry[];
}

/** Everybody who has had to do with a patient's records, as references. */
export function agentsOf(db: ReadDb, patient: string, limit: number): string[] {
  const text = `SELECT DISTINCT agent.reference FROM about JOIN agent USING (seq)
    WHERE about.patient = ? ORDER BY agent.reference LIMIT ?`;
  return sql(db, text).pluck().all(patient, limit) as string[];
}

/** Hashes of subtrees of the log as it is kept: by the kept roots, and by single hashes where it is smaller. */
export function storedSubtrees(db: ReadDb): SubtreeHash {
  const tiles = new Map<number, Buffer>();
  const tile = (number: number) => {
    const known = tiles.get(number);
    if (known) return known;
    const hash = sql(db, 'SELECT hash FROM tile WHERE number = ?').pluck().get(number) as Buffer | undefined;
    if (hash) tiles.set(number, hash);
    return hash;
  };
  let leaves: { first: number; hashes: Buffer[] } = { first: -1, hashes: [] };
  const leaf = (seq: number) => {
    const first = seq - (seq % TILE);
    if (leaves.first !== first || leaves.hashes.length <= seq - first) {
      const read = sql(db, 'SELECT hash FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq').pluck();
      leaves = { first, hashes: read.all(first, first + TILE) as Buffer[] };
    }
    return leaves.hashes[seq - first];
  };
  return subtreesOf((first, end) => {
    if (end - first === 1) return leaf(first);
    return end - first === TILE && first % TILE === 0 ? tile(first / TILE) : undefined;
  });
}

/** Where the log stood after its first `size` entries. */
export function rangeAt(db: ReadDb, size: number): CompactRange {
  return rangeBefore(size, storedSubtrees(db));
}

/** The event of an entry, as text. */
export function eventOf({ leaf }: StoredEntry): string {
  return readLeaf(leaf)?.event ?? '{}';
}
