import type { ChartSummary } from '../../../preload/contract/chart.ts';
import { HIDDEN } from '../ingest/buckets.ts';
import { cachedResource } from '../ingest/location.ts';
import { identifiersOf } from '../ingest/patient.ts';
import { encryptedPaths } from '../json.ts';
import type { ReadDb } from '../open.ts';
import type { Seen } from '../operations.ts';
import { needCurrent, shownLabels } from '../sight.ts';
import { sql } from '../statements.ts';
import { allergyStatement } from '../views/allergies.ts';
import { replacementOf } from './marks.ts';
import { readRow } from './patients.ts';
import { type Knowledge, knownPatient, oldest, termOf } from './sections.ts';
import { readSections, type Scope } from './summary.ts';

/** Whose chart is read; `testPatients`: by what policy tells test patients. */
export type ChartRequest = Seen & { readonly testPatients?: readonly string[] };

/** Most records of a section, where not more are asked for. */
const ITEMS_MAX = 200;

/** The whole summary of a patient as far as it may be seen, or null where the Patient isn't cached. */
export function chartSummary(
  db: ReadDb,
  { patientId, sight, testPatients }: ChartRequest,
  { now, max = ITEMS_MAX }: { readonly now: number; readonly max?: number },
): ChartSummary | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  const row = pid === undefined ? null : readRow(db, pid, sight.row, testPatients);
  if (pid === undefined || row === null) return null;
  const patient = cachedResource(db, 'Patient', patientId);
  const scope: Scope = { db, pid, patient, sight, now, max };
  const sections = readSections(scope);
  const { allergies, problems, medications, alerts, vitals, results, encounters, notes } = sections;
  return {
    patient: { ...row, ...details(patient), replacedBy: replacement(db, patient) },
    asOf: asOfAll([allergies, problems, medications, alerts, vitals, results, encounters, notes]),
    allergyStatement: allergyStatement(allergyBuckets(scope), allergies.state, allergies.withheld),
    ...sections,
  };
}

function allergyBuckets({ db, pid, sight }: Scope): ReadonlySet<number> {
  const rows = sql(
    db,
    `SELECT DISTINCT bucket FROM entry WHERE patient = ? AND type = ? AND bucket < ${HIDDEN}
     AND label IN (${shownLabels(sight, 'AllergyIntolerance')})`,
  ).all(pid, termOf(db, 'AllergyIntolerance')) as { bucket: number }[];
  return new Set(rows.map(({ bucket }) => bucket));
}

/** How old the chart is as a whole; a section that isn't permitted, or isn't kept, has no age. */
function asOfAll(sections: readonly Knowledge[]): string | null {
  return oldest(
    sections.filter(({ state }) => state !== 'not-permitted' && state !== 'not-kept').map(({ asOf }) => asOf),
  );
}

function details(patient: unknown): Pick<ChartSummary['patient'], 'identifiers' | 'encrypted'> {
  const identifiers = identifiersOf(patient)
    .slice(0, 20)
    .map(({ label, value }) => ({ label, value }));
  return { identifiers, encrypted: encryptedPaths(patient) };
}

/** Of a record that is replaced by one that isn't named, the clinician is told no less. */
function replacement(db: ReadDb, patient: unknown): ChartSummary['patient']['replacedBy'] {
  const id = replacementOf(patient);
  if (id === null) return null;
  const row = sql(db, 'SELECT 1 FROM patient WHERE id = ? AND panel = 1 AND known = 1').get(id);
  return { id: id === '' ? 'unknown' : id, here: row !== undefined };
}
