import { type EarlyWarning, warningInput } from '../../../preload/contract/results.ts';
import { CURRENT, OTHER, observationBucket } from '../ingest/buckets.ts';
import { parseExact } from '../json.ts';
import type { ReadDb } from '../open.ts';
import { needCurrent, type Part, type Sight, shownLabels } from '../sight.ts';
import { sql } from '../statements.ts';
import type { Units } from '../units.ts';
import { type Candidate, earlyWarning } from '../views/early-warning.ts';
import { conditionWarns, PREGNANCY_CODES, saysPregnant } from '../views/safety.ts';
import { ANY_SATURATION, INPUT_CODES, SCALE_CODES } from '../views/warning-inputs.ts';
import { readRow } from './patients.ts';
import { knownPatient, sectionRecords, sightOf, termOf, unsentOf } from './sections.ts';

const OBSERVATIONS: Part = { types: ['Observation'], range: [0, observationBucket.group - 1], safety: false };
/** Of one code: some may say nothing of an input, such as a saturation without the oxygen that was given. */
const NEWEST = 4;
/** As many as the summary looks at. */
const CONDITIONS_MAX = 200;

/** NEWS2 of the newest observations that may be seen; null where the patient isn't known. */
export function readEarlyWarning(
  db: ReadDb,
  { patientId, sight, now }: { readonly patientId: string; readonly sight: Sight; readonly now: number },
  units: Units,
): EarlyWarning | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return null;
  const newest = (codes: readonly string[]) => codes.flatMap((code) => newestOf(db, pid, code, sight));
  const candidates = Object.fromEntries(
    warningInput.options.map((input) => [input, newest(INPUT_CODES[input])]),
  ) as unknown as Parameters<typeof earlyWarning>[0]['candidates'];
  const birthDate = readRow(db, pid, sight.row)?.birthDate ?? null;
  const pregnant =
    sectionRecords(db, pid, 'Condition', [CURRENT, OTHER], CONDITIONS_MAX, sight).some(
      ({ resource }) => conditionWarns(resource, now) === 'pregnancy',
    ) || PREGNANCY_CODES.some((code) => saysPregnant(newest([code])[0]?.resource, now));
  const view = earlyWarning({ candidates, scales: newest(SCALE_CODES), birthDate, pregnant, now }, units);
  return { ...view, ...sightOf(db, pid, sight, OBSERVATIONS) };
}

/** What was entered in error or withdrawn is in a bucket of its own, and no candidate. */
function newestOf(db: ReadDb, pid: number, code: string, sight: Sight): Candidate[] {
  const { vitalSign, social } = observationBucket;
  const last = code.endsWith(`|${ANY_SATURATION}`) ? vitalSign : social;
  const rows = sql(
    db,
    `SELECT r.body, r.local FROM entry e JOIN resource r ON r.rid = e.rid
     WHERE e.patient = ? AND e.type = ? AND e.code = ? AND e.bucket BETWEEN 0 AND ?
       AND e.label IN (${shownLabels(sight, 'Observation')})
     ORDER BY e.recency, r.last_updated DESC, r.id LIMIT ${NEWEST}`,
  ).all(pid, termOf(db, 'Observation'), termOf(db, code), last) as { body: string; local: number }[];
  return rows.map(({ body, local }) => ({ resource: parseExact(body), unsent: unsentOf(local) }));
}
