import type { ObservationItem } from '../../../preload/contract/chart.ts';
import type { ResultGroup, Trend } from '../../../preload/contract/results.ts';
import { HIDDEN, observationBucket } from '../ingest/buckets.ts';
import { parseExact } from '../json.ts';
import type { ReadDb } from '../open.ts';
import type { ResultGroups } from '../operations.ts';
import { needCurrent, type Part, type Sight, shownLabels } from '../sight.ts';
import { sql } from '../statements.ts';
import type { Units } from '../units.ts';
import { deltaOf, flagFromOf } from '../views/deltas.ts';
import { observationView } from '../views/observations.ts';
import { type TrendSource, trendView } from '../views/trends.ts';
import { beforeCorrection } from './corrections.ts';
import { panelsOf } from './panels.ts';
import { knownPatient, sightOf, termOf, unsentOf } from './sections.ts';

const GROUPS_MAX = 2_000;
const OBSERVATIONS: Part = { types: ['Observation'], range: [0, observationBucket.group - 1], safety: false };

export interface LatestGroup {
  readonly bucket: number;
  readonly code: number;
  readonly count: number;
  readonly recency: number;
}

/** The codes of a patient that have shown values, with how many there are and how new the newest is. */
export function latestGroups(db: ReadDb, pid: number, sight: Sight): LatestGroup[] {
  const rows = sql(
    db,
    `SELECT bucket, code, count(*) AS count, min(recency) AS recency FROM entry
     WHERE patient = ? AND type = ? AND bucket < ${observationBucket.group}
       AND label IN (${shownLabels(sight, 'Observation')}) GROUP BY bucket, code`,
  ).all(pid, termOf(db, 'Observation')) as LatestGroup[];
  // One code in two categories is one line; it stands where its newest value does.
  const groups = new Map<number, LatestGroup>();
  for (const row of rows) {
    const known = groups.get(row.code);
    const newer = known && known.recency <= row.recency ? known : row;
    groups.set(row.code, { ...newer, count: row.count + (known?.count ?? 0) });
  }
  return [...groups.values()].sort((a, b) => a.bucket - b.bucket || a.recency - b.recency || a.code - b.code);
}

interface NewestRow {
  readonly body: string;
  readonly local: number;
}

/** The newest value of a group as the chart shows it. */
export function latestOf(db: ReadDb, pid: number, group: LatestGroup, sight: Sight): ObservationItem {
  const { resource, local } = newestRecord(db, pid, group, sight);
  return observationView(resource, unsentOf(local));
}

/** The newest value of a group. Of several of the same time the one that the server changed last. */
export function newestRecord(
  db: ReadDb,
  pid: number,
  group: LatestGroup,
  sight: Sight,
): { readonly resource: unknown; readonly local: number } {
  const [row] = newestOf(db, pid, group, sight, 1);
  return { resource: parseExact(row?.body ?? '{}'), local: row?.local ?? 0 };
}

/** The newest values of a group in its category, newest first. */
function newestOf(db: ReadDb, pid: number, group: LatestGroup, sight: Sight, count: number): NewestRow[] {
  const rows = sql(
    db,
    `SELECT r.body, r.local FROM entry e JOIN resource r ON r.rid = e.rid
     WHERE e.patient = ? AND e.type = ? AND e.bucket = ? AND e.code = ? AND e.recency >= ?
       AND e.label IN (${shownLabels(sight, 'Observation')})
     ORDER BY e.recency, r.last_updated DESC, r.id LIMIT ${count}`,
  ).all(pid, termOf(db, 'Observation'), group.bucket, group.code, group.recency);
  return rows as NewestRow[];
}

/** The results view: one line for each code. */
export function resultGroups(db: ReadDb, patientId: string, sight: Sight): ResultGroups | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return null;
  const panels = panelsOf(db, pid, sight);
  const groups = latestGroups(db, pid, sight)
    .slice(0, GROUPS_MAX)
    .map((group): ResultGroup => {
      const [newest, before] = newestOf(db, pid, group, sight, 2);
      const resource = parseExact(newest?.body ?? '{}');
      const latest = observationView(resource, unsentOf(newest?.local ?? 0));
      const { code, name } = latest;
      return {
        code,
        name,
        category: categoryOf(group),
        count: group.count,
        latest,
        flagFrom: flagFromOf(resource),
        delta: before ? deltaOf(resource, parseExact(before.body)) : null,
        was: beforeCorrection(db, resource),
        panel: panels.of(latest.id, group.code),
      };
    });
  return { groups, ...sightOf(db, pid, sight, OBSERVATIONS) };
}

function categoryOf({ bucket }: LatestGroup): ResultGroup['category'] {
  if (bucket === observationBucket.vitalSign) return 'vital-signs';
  return bucket === observationBucket.laboratory ? 'laboratory' : 'other';
}

/** The most values of all codes that are asked for at once. */
const VALUES_MAX = 20_000;

/** Every value of some codes that may be seen, as lines. */
export function readTrends(
  db: ReadDb,
  patientId: string,
  codes: readonly string[],
  sight: Sight,
  units: Units,
): Trend[] | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return null;
  const known = sightOf(db, pid, sight, OBSERVATIONS);
  const limit = Math.floor(VALUES_MAX / codes.length);
  return [...new Set(codes)].map((code) => {
    const of = { pid, code, sight };
    const view = trendView(sourcesOf(db, of, limit), units);
    return { code, ...view, capped: hasMoreThan(db, of, limit), ...known };
  });
}

/** Whose values of what, with what may be seen of them. */
interface ValuesOf {
  readonly pid: number;
  readonly code: string;
  readonly sight: Sight;
}

const OF_CODE = `e.patient = ? AND e.type = ? AND e.code = ? AND e.bucket IN (0, 1, 2, 3, ${HIDDEN})`;

/**
 * The newest values of a code, in one query: asking for thousands of bodies one by one takes longer than reading them.
 * One after the other, however large they are together.
 */
function* sourcesOf(db: ReadDb, { pid, code, sight }: ValuesOf, limit: number): Generator<TrendSource> {
  const rows = sql(
    db,
    `SELECT e.bucket, r.body FROM entry e CROSS JOIN resource r ON r.rid = e.rid WHERE ${OF_CODE}
       AND e.label IN (${shownLabels(sight, 'Observation')}) ORDER BY e.recency LIMIT ?`,
  ).iterate(pid, termOf(db, 'Observation'), termOf(db, code), limit);
  for (const { bucket, body } of rows as IterableIterator<{ bucket: number; body: string }>) {
    const resource = parseExact(body);
    yield { bucket, resource, was: bucket === HIDDEN ? null : beforeCorrection(db, resource) };
  }
}

function hasMoreThan(db: ReadDb, { pid, code, sight }: ValuesOf, limit: number): boolean {
  const further = sql(
    db,
    `SELECT 1 FROM entry e WHERE ${OF_CODE} AND e.label IN (${shownLabels(sight, 'Observation')}) LIMIT 1 OFFSET ?`,
  ).get(pid, termOf(db, 'Observation'), termOf(db, code), limit);
  return further !== undefined;
}
