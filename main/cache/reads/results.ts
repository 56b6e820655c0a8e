import type { ObservationItem } from '../../../preload/contract/chart.ts';
import type { ResultGroup, Trend } from '../../../preload/contract/results.ts';
import { HIDDEN, observationBucket } from '../ingest/buckets.ts';
import { parseExact } from '../json.ts';
import type { ReadDb } from '../open.ts';
import type { ResultGroups } from '../operations.ts';
import { needCurrent, type Part, type Sight, shownLabels } from '../sight.ts';
import { sql } from '../statements.ts';
import { observationView } from '../views/observations.ts';
import { trendView } from '../views/trends.ts';
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
  const row = sql(
    db,
    `SELECT r.body, r.local FROM entry e JOIN resource r ON r.rid = e.rid
     WHERE e.patient = ? AND e.type = ? AND e.bucket = ? AND e.code = ? AND e.recency = ?
       AND e.label IN (${shownLabels(sight, 'Observation')})
     ORDER BY r.last_updated DESC, r.id LIMIT 1`,
  ).get(pid, termOf(db, 'Observation'), group.bucket, group.code, group.recency) as { body: string; local: number };
  return { resource: parseExact(row.body), local: row.local };
}

/** The results view: one line for each code. */
export function resultGroups(db: ReadDb, patientId: string, sight: Sight): ResultGroups | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return null;
  const groups = latestGroups(db, pid, sight)
    .slice(0, GROUPS_MAX)
    .map((group): ResultGroup => {
      const latest = latestOf(db, pid, group, sight);
      return { code: latest.code, name: latest.name, category: categoryOf(group), count: group.count, latest };
    });
  return { groups, ...sightOf(db, pid, sight, OBSERVATIONS) };
}

function categoryOf({ bucket }: LatestGroup): ResultGroup['category'] {
  if (bucket === observationBucket.vitalSign) return 'vital-signs';
  return bucket === observationBucket.laboratory ? 'laboratory' : 'other';
}

/** Every value of a code that may be seen, as lines. */
export function readTrend(db: ReadDb, patientId: string, code: string, sight: Sight): Trend | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return null;
  const view = trendView(valuesOf(db, pid, code, sight));
  return { code, ...view, ...sightOf(db, pid, sight, OBSERVATIONS) };
}

const VALUES_MAX = 20_000;

/** Values of a code. Unordered: sorting would drag the bodies along. */
function* valuesOf(
  db: ReadDb,
  pid: number,
  code: string,
  sight: Sight,
): Generator<{ resource: unknown; bucket: number }> {
  const rows = sql(
    db,
    `SELECT e.bucket, r.body
     FROM (SELECT bucket, rid FROM entry WHERE patient = ? AND type = ? AND code = ?
           AND bucket IN (0, 1, 2, 3, ${HIDDEN})
           AND label IN (${shownLabels(sight, 'Observation')}) ORDER BY recency LIMIT ${VALUES_MAX}) e
     CROSS JOIN resource r ON r.rid = e.rid`,
  ).iterate(pid, termOf(db, 'Observation'), termOf(db, code)) as Iterable<{ bucket: number; body: string }>;
  for (const { bucket, body } of rows) yield { bucket, resource: bucket === HIDDEN ? null : parseExact(body) };
}
