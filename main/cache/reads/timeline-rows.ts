import type { EntryKind, TimelineFilter } from '../../../preload/contract/timeline.ts';
import { NO_DATE, startOf } from '../dates.ts';
import { fold } from '../fold.ts';
import { HIDDEN } from '../ingest/buckets.ts';
import type { ReadDb } from '../open.ts';
import { isShown, type Sight } from '../sight.ts';
import { sql } from '../statements.ts';
import { kindOf, timeless } from '../views/timeline.ts';
import { createLast } from './remembered.ts';

/** A record as the chart's index knows it. */
export interface Member {
  readonly rid: number;
  readonly type: string;
  readonly bucket: number;
}

/** One entry before it is told: a record, or the measurements of one time with their reports. */
export interface Row {
  readonly recency: number;
  /** The least of the members'. */
  readonly rid: number;
  readonly kind: EntryKind;
  readonly withdrawn: boolean;
  readonly members: readonly Member[];
}

/** What was measured at one time is one entry, so that a set of vital signs or a panel is read as what it is. */
const TOGETHER: ReadonlySet<EntryKind> = new Set(['result', 'vital']);

const rowsMemory = createLast<readonly Row[]>();

/** All entries of a patient that may be seen, newest first, those without a time last. Kept until something is written. */
export function allRows(db: ReadDb, pid: number, sight: Sight): readonly Row[] {
  return rowsMemory(db, `${pid} ${JSON.stringify(sight)}`, () => readRows(db, pid, sight));
}

type Entry = readonly [type: number, bucket: number, recency: number, rid: number, label: number];

function readRows(db: ReadDb, pid: number, sight: Sight): Row[] {
  const types = new Map<number, string>();
  const nameOf = (tid: number) => {
    const known = types.get(tid) ?? String(sql(db, 'SELECT text FROM term WHERE tid = ?').pluck().get(tid));
    types.set(tid, known);
    return known;
  };
  const shows = createShows(sight);
  const together = new Map<string, Member[]>();
  const rows: Row[] = [];
  const entries = sql(db, 'SELECT type, bucket, recency, rid, label FROM entry WHERE patient = ?').raw();
  for (const [tid, bucket, recency, rid, label] of entries.iterate(pid) as Iterable<Entry>) {
    const type = nameOf(tid);
    if (timeless.has(type) || !shows(type, label)) continue;
    const kind = kindOf(type, bucket);
    const withdrawn = bucket === HIDDEN;
    const member = { rid, type, bucket };
    if (withdrawn || recency === NO_DATE || !TOGETHER.has(kind)) {
      rows.push({ recency, rid, kind, withdrawn, members: [member] });
      continue;
    }
    const key = `${kind} ${recency}`;
    const group = together.get(key);
    if (group) group.push(member);
    else together.set(key, [member]);
  }
  for (const [key, members] of together) {
    const [kind, recency] = key.split(' ') as [EntryKind, string];
    const rid = members.reduce((least, one) => Math.min(least, one.rid), Number.MAX_SAFE_INTEGER);
    rows.push({ recency: Number(recency), rid, kind, withdrawn: false, members });
  }
  return rows.sort((a, b) => a.recency - b.recency || a.rid - b.rid);
}

function createShows(sight: Sight): (type: string, label: number) => boolean {
  const known = new Map<string, boolean>();
  return (type, label) => {
    const key = `${type} ${label}`;
    const shown = known.get(key) ?? isShown(sight, type, label);
    known.set(key, shown);
    return shown;
  };
}

/** What an entry says: what is written in the records, folded, and the codes for which the page has words. */
export interface RowWords {
  readonly said: string;
  readonly codes: ReadonlySet<string>;
}

const filteredMemory = createLast<readonly Row[]>();

/**
 * Entries that a filter lets through. `wordsOf` gives what an entry shows: it is asked only where words are looked for.
 */
export function filteredRows(
  db: ReadDb,
  pid: number,
  sight: Sight,
  filter: TimelineFilter,
  wordsOf: (row: Row) => RowWords,
): readonly Row[] {
  return filteredMemory(db, JSON.stringify([pid, sight, filter]), () => {
    const kinds = new Set(filter.kinds);
    const [from, to] = [startOf(filter.from), startOf(filter.to)];
    const words = fold(filter.text).split(/\s+/).filter(Boolean);
    const coded = new Map(filter.coded?.map(({ word, codes }) => [fold(word), codes]));
    return allRows(db, pid, sight).filter((row) => {
      if (row.withdrawn && !filter.withdrawn) return false;
      if (kinds.size > 0 && !kinds.has(row.kind)) return false;
      if ((from !== null || to !== null) && row.recency === NO_DATE) return false;
      if (from !== null && -row.recency < from) return false;
      if (to !== null && -row.recency >= to) return false;
      if (words.length === 0) return true;
      const { said, codes } = wordsOf(row);
      return words.every((word) => said.includes(word) || coded.get(word)?.some((code) => codes.has(code)));
    });
  });
}

/** How an entry is named to the page. */
export function keyOf({ recency, rid }: Pick<Row, 'recency' | 'rid'>): string {
  return `${recency}_${rid}`;
}

/** The entries after a key, or from the first one on; the key's own entry need not be there any longer. */
export function rowsAfter(rows: readonly Row[], after: string | null, limit: number): readonly Row[] {
  if (after === null) return rows.slice(0, limit);
  const [recency = 0, rid = 0] = after.split('_').map(Number);
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row && (row.recency < recency || (row.recency === recency && row.rid <= rid))) low = middle + 1;
    else high = middle;
  }
  return rows.slice(low, low + limit);
}
