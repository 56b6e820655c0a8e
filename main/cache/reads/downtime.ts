import type { ObservationItem } from '../../../preload/contract/chart.ts';
import { observationBucket } from '../ingest/buckets.ts';
import { ENCRYPTED, parseExact } from '../json.ts';
import type { ReadDb } from '../open.ts';
import type { DowntimeRecords } from '../operations.ts';
import { type Sight, shownLabels } from '../sight.ts';
import { sql } from '../statements.ts';
import { observationView } from '../views/observations.ts';
import { type ChartRequest, chartSummary } from './chart.ts';
import { knownPatient, termOf, unsentOf } from './sections.ts';

/** More than anybody prints of one patient; what is beyond is counted. */
const ITEMS_MAX = 1_000;

/** What stands on paper in the place of an encrypted value. */
const SEALED = 'Encrypted: open in Wardlight';

/** What a patient's downtime sheet is made of: the summary, and all vital signs since a moment (ISO instant). */
export function downtimeRecords(
  db: ReadDb,
  seen: ChartRequest,
  { since, now }: { readonly since: string; readonly now: number },
): DowntimeRecords | null {
  const chart = chartSummary(db, seen, { now, max: ITEMS_MAX });
  const { patientId, sight } = seen;
  const pid = knownPatient(db, patientId);
  if (!chart || pid === undefined) return null;
  return unmasked({ chart, recentVitals: vitalsSince(db, pid, sight, Date.parse(since)) });
}

/** Newest first. Time is kept as its negative: `recency`. */
function vitalsSince(db: ReadDb, pid: number, sight: Sight, since: number): DowntimeRecords['recentVitals'] {
  const rows = sql(
    db,
    `SELECT r.body, r.local FROM entry e JOIN resource r ON r.rid = e.rid
     WHERE e.patient = ? AND e.type = ? AND e.bucket = ? AND e.recency <= ?
       AND e.label IN (${shownLabels(sight, 'Observation')}) ORDER BY e.recency, r.id LIMIT ?`,
  ).all(pid, termOf(db, 'Observation'), observationBucket.vitalSign, -since, ITEMS_MAX + 1) as {
    body: string;
    local: number;
  }[];
  const items = rows.slice(0, ITEMS_MAX).map(({ body, local }): ObservationItem => {
    return observationView(parseExact(body), unsentOf(local));
  });
  return { items, more: rows.length > ITEMS_MAX };
}

/** With words that say where an encrypted value is read, wherever one is masked. */
function unmasked<Value>(value: Value): Value {
  const ends = new RegExp(`(^|: )${ENCRYPTED}(?=;|$)`, 'g');
  return JSON.parse(JSON.stringify(value), (_key, one: unknown) =>
    typeof one === 'string' ? one.replace(ends, `$1${SEALED}`) : one,
  ) as Value;
}
