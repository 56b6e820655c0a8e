import { codesWithin, placeholder, withoutPlaceholders } from '../../../preload/contract/placeholders.ts';
import {
  type EntryKind,
  entryKind,
  TIMELINE_PAGE,
  type TimelineEntry,
  type TimelineFilter,
  type TimelineOutline,
  VALUES_SHOWN,
} from '../../../preload/contract/timeline.ts';
import { NO_DATE } from '../dates.ts';
import { fold } from '../fold.ts';
import { HIDDEN, observationBucket } from '../ingest/buckets.ts';
import { parseExact } from '../json.ts';
import type { ReadDb } from '../open.ts';
import { isBarred, needCurrent, type Sight, withheldOf } from '../sight.ts';
import { sql } from '../statements.ts';
import type { Lookup } from '../views/medications.ts';
import { type EntryText, entryText, typesOfKind } from '../views/timeline.ts';
import { createLast } from './remembered.ts';
import { createLookup, knowledgeOf, knownPatient, oldest, unsentOf } from './sections.ts';
import { allRows, filteredRows, keyOf, type Member, type Row, type RowWords, rowsAfter } from './timeline-rows.ts';

const ROWS_MAX = 200_000;
const MONTHS_MAX = 20_000;
const GROUP_MAX = 500;

interface Asked {
  readonly patientId: string;
  readonly sight: Sight;
  readonly filter: TimelineFilter;
}

/** How many entries there are, where their pages begin, and how each kind stands; null where the patient isn't cached. */
export function timelineOutline(db: ReadDb, { patientId, sight, filter }: Asked): TimelineOutline | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return null;
  const all = rowsOf(db, pid, sight, filter);
  const rows = all.slice(0, ROWS_MAX);
  const kinds = timelineKinds(db, pid, sight);
  return {
    total: rows.length,
    marks: marksOf(rows),
    months: monthsOf(rows),
    omitted: all.length - rows.length,
    kinds,
    asOf: oldest(kinds.flatMap(({ state, asOf }) => (state === 'complete' || state === 'partial' ? [asOf] : []))),
  };
}

/** Entries after one, as they are shown. */
export function timelinePage(
  db: ReadDb,
  { patientId, sight, filter, after }: Asked & { after: string | null },
): { items: TimelineEntry[] } | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return null;
  const lookup = createLookup(db, pid, sight);
  const rows = rowsAfter(rowsOf(db, pid, sight, filter), after, TIMELINE_PAGE);
  return { items: rows.map((row) => entryOf(db, row, lookup)) };
}

/** What an entry holds together, one by one; null where there is no such entry. */
export function timelineGroup(
  db: ReadDb,
  { patientId, sight, key }: Pick<Asked, 'patientId' | 'sight'> & { key: string },
): { items: TimelineEntry[]; omitted: number } | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  const row = pid === undefined ? undefined : allRows(db, pid, sight).find((one) => keyOf(one) === key);
  if (pid === undefined || !row) return null;
  const lookup = createLookup(db, pid, sight);
  const items = row.members.slice(0, GROUP_MAX).map((member) => entryOf(db, { ...row, members: [member] }, lookup));
  return {
    items: items.map((item, at) => ({ ...item, key: `${row.recency}_${row.members[at]?.rid ?? row.rid}` })),
    omitted: row.members.length - items.length,
  };
}

const wordsMemory = createLast<Map<number, RowWords>>();

function rowsOf(db: ReadDb, pid: number, sight: Sight, filter: TimelineFilter): readonly Row[] {
  const known = wordsMemory(db, `${pid} ${JSON.stringify(sight)}`, () => new Map());
  const lookup = createLookup(db, pid, sight);
  return filteredRows(db, pid, sight, filter, (row) => {
    const words = known.get(row.rid) ?? wordsOf(textsOf(db, row, lookup));
    known.set(row.rid, words);
    return words;
  });
}

/** Codes by the elements that they are of, as the page words them (`status:active`), and values by what is measured. */
function wordsOf(texts: readonly EntryText[]): RowWords {
  const said: (string | null)[] = [];
  const codes = new Set<string>();
  const say = (text: string) => {
    said.push(text);
    for (const code of codesWithin(text)) codes.add(`phrase:${code}`);
  };
  for (const { title, details, status, values } of texts) {
    say(title);
    for (const code of status?.split(/[ ()]+/) ?? []) codes.add(`status:${code}`);
    for (const bit of details.flat()) {
      if (bit.kind === 'code') codes.add(`${bit.at}:${bit.code}`);
      if (bit.kind === 'text') say(bit.text);
      // What the record itself calls a code for which nobody else has words.
      if (bit.kind === 'code' && !WORDED.has(bit.at)) said.push(bit.text);
    }
    for (const { code, name, value, unit } of values) {
      codes.add(code);
      said.push(name, value, unit);
    }
  }
  return { said: fold(withoutPlaceholders(said.filter(Boolean).join(' '))), codes };
}

/** Elements of whose codes the page knows all. */
const WORDED: ReadonlySet<string> = new Set(['class', 'criticality', 'verificationStatus']);

function textsOf(db: ReadDb, { members }: Pick<Row, 'members'>, lookup: Lookup): EntryText[] {
  return members.flatMap((member) => textOf(db, member, lookup) ?? []);
}

function textOf(db: ReadDb, { rid, type, bucket }: Member, lookup: Lookup): EntryText | null {
  const row = sql(db, 'SELECT body, local FROM resource WHERE rid = ?').get(rid) as
    | { body: string; local: number }
    | undefined;
  return row ? entryText(type, bucket, parseExact(row.body), lookup, unsentOf(row.local)) : null;
}

const GRAVE = ['critical-high', 'critical-low', 'high', 'low', 'abnormal'];

function entryOf(db: ReadDb, row: Row, lookup: Lookup): TimelineEntry {
  const texts = textsOf(db, row, lookup);
  const [first] = texts;
  if (!first) throw new Error('an entry without a record');
  const values = texts.flatMap((one) => one.values);
  const isGrave = ({ flag }: (typeof values)[number]) => flag !== null && GRAVE.includes(flag);
  const shared = {
    key: keyOf(row),
    kind: row.kind,
    count: row.members.length,
    abnormal: values.filter(isGrave).length,
    // What is out of range is never among those that are left out.
    values: [...values.filter(isGrave), ...values.filter((one) => !isGrave(one))].slice(0, VALUES_SHOWN),
  };
  if (texts.length === 1) return { ...first, ...shared };
  const heads = texts.filter((_, at) => isHead(row.members[at]));
  const named = heads[0] ?? first;
  return {
    ...named,
    ...shared,
    title:
      [...new Set(heads.map(({ title }) => title))].join(', ').slice(0, 4_000) ||
      placeholder(row.kind === 'vital' ? 'vital-signs' : 'results'),
    details: heads.find(({ details }) => details.length > 0)?.details ?? [],
    masked: texts.some(({ masked }) => masked),
    unsent: texts.find(({ unsent }) => unsent !== null)?.unsent ?? null,
  };
}

/** A report, or an observation that only holds others together: what its measurements are called by. */
function isHead(member: Member | undefined): boolean {
  return member?.type === 'DiagnosticReport' || member?.bucket === observationBucket.group;
}

/** The last entry of each page, but for the last page. */
function marksOf(rows: readonly Row[]): string[] {
  const marks: string[] = [];
  for (let at = TIMELINE_PAGE; at < rows.length; at += TIMELINE_PAGE) {
    const row = rows[at - 1];
    if (row) marks.push(keyOf(row));
  }
  return marks;
}

function monthsOf(rows: readonly Row[]): TimelineOutline['months'] {
  const months: { month: string | null; count: number }[] = [];
  for (const { recency } of rows) {
    const month = recency === NO_DATE ? null : monthOf(-recency);
    const last = months.at(-1);
    if (last && (last.month === month || months.length === MONTHS_MAX)) last.count += 1;
    else months.push({ month, count: 1 });
  }
  return months;
}

const DAY_MS = 86_400_000;

/** The month of the workstation's calendar. A date without a time is of its own month everywhere. */
function monthOf(time: number): string {
  const date = new Date(time);
  const isDay = time % DAY_MS === 0;
  const [year, month] = isDay ? [date.getUTCFullYear(), date.getUTCMonth()] : [date.getFullYear(), date.getMonth()];
  return `${String(year).padStart(4, '0')}-${String(month + 1).padStart(2, '0')}`;
}

/** How each kind stands. What may not be seen and was never asked for is not there: nobody has withheld it. */
export function timelineKinds(db: ReadDb, pid: number, sight: Sight): TimelineOutline['kinds'] {
  const counts = new Map<EntryKind, number>();
  for (const { kind, withdrawn } of allRows(db, pid, sight)) {
    if (!withdrawn) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return entryKind.options.flatMap((kind) => {
    const count = counts.get(kind) ?? 0;
    const types = typesOfKind(kind);
    if (types.length === 0 && count === 0) return [];
    const known = knowledgeOf(db, pid, types);
    const barred = types.length > 0 && isBarred(sight, types) && known.state !== 'not-fetched';
    if (barred) {
      const withheld = { restricted: null, denied: false };
      return [{ kind, count: 0, state: 'not-permitted' as const, asOf: null, deletionsUnknown: false, withheld }];
    }
    const part = {
      types: types.filter((type) => !isBarred(sight, [type])),
      range: [0, HIDDEN] as const,
      safety: false,
    };
    return [{ kind, count, ...known, withheld: withheldOf(db, pid, sight, part) }];
  });
}
