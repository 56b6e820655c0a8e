import type { ChartSummary, Unsent } from '../../../preload/contract/chart.ts';
import { CURRENT, HIDDEN, OTHER, observationBucket } from '../ingest/buckets.ts';
import { cachedResource, encounterLocation } from '../ingest/location.ts';
import { identifiersOf } from '../ingest/patient.ts';
import type { ReadDb } from '../open.ts';
import { sql } from '../statements.ts';
import { allergyStatement, allergyView } from '../views/allergies.ts';
import { medicationView } from '../views/medications.ts';
import { alertView, encounterView, noteView, problemView } from '../views/sections.ts';
import { readRow } from './patients.ts';
import { type LatestGroup, latestGroups, latestOf } from './results.ts';
import {
  compareRecords,
  countRecords,
  createLookup,
  type Knowledge,
  knowledgeOf,
  knownPatient,
  oldest,
  type StoredRecord,
  sectionRecords,
  termOf,
  unsentOf,
} from './sections.ts';

const ITEMS_MAX = 200;
const SHOWN = [CURRENT, OTHER] as const;
const CURRENT_ONLY = [CURRENT, CURRENT] as const;

type Section<Item> = Knowledge & { items: Item[]; total: number };

/** The whole summary of a patient, or null where the Patient isn't cached. */
export function chartSummary(db: ReadDb, patientId: string): ChartSummary | null {
  const pid = knownPatient(db, patientId);
  const row = pid === undefined ? null : readRow(db, pid);
  if (pid === undefined || row === null) return null;
  const sections = readSections(db, pid);
  return {
    patient: { ...row, identifiers: identifiers(db, patientId) },
    asOf: asOfAll(Object.values(sections)),
    allergyStatement: allergyStatement(allergyBuckets(db, pid), sections.allergies.state),
    ...sections,
  };
}

function readSections(db: ReadDb, pid: number) {
  const lookup = createLookup(db);
  const groups = latestGroups(db, pid);
  const section = <Item>(
    types: readonly string[],
    range: readonly [number, number],
    view: (resource: unknown, unsent: Unsent) => Item,
  ) => readSection(db, pid, types, range, view);
  return {
    allergies: section(['AllergyIntolerance'], SHOWN, allergyView),
    problems: section(['Condition'], SHOWN, problemView),
    medications: section(['MedicationRequest', 'MedicationStatement'], SHOWN, (one) => medicationView(one, lookup)),
    alerts: section(['Flag'], CURRENT_ONLY, alertView),
    vitals: latestValues(db, pid, groups, observationBucket.vitalSign, observationBucket.vitalSign),
    results: latestValues(db, pid, groups, observationBucket.laboratory, observationBucket.other),
    encounters: section(['Encounter'], SHOWN, (one) => encounterView(one, encounterLocation(db, one))),
    notes: section(['DocumentReference'], CURRENT_ONLY, (one, unsent) => noteView(one, lookup, unsent)),
  };
}

function readSection<Item>(
  db: ReadDb,
  pid: number,
  types: readonly string[],
  range: readonly [number, number],
  view: (resource: unknown, unsent: Unsent) => Item,
): Section<Item> {
  const records: StoredRecord[] = types.flatMap((type) => sectionRecords(db, pid, type, range, ITEMS_MAX));
  records.sort(compareRecords);
  const total = types.reduce((sum, type) => sum + countRecords(db, pid, type, range), 0);
  const items = records.slice(0, ITEMS_MAX).map(({ resource, local }) => view(resource, unsentOf(local)));
  return { ...knowledgeOf(db, pid, types), items, total };
}

/** The newest value of each code; `total` counts the codes. */
function latestValues(db: ReadDb, pid: number, groups: readonly LatestGroup[], from: number, to: number) {
  const shown = groups.filter(({ bucket }) => bucket >= from && bucket <= to);
  const items = shown.slice(0, ITEMS_MAX).map((group) => latestOf(db, pid, group));
  return { ...knowledgeOf(db, pid, ['Observation']), items, total: shown.length };
}

function allergyBuckets(db: ReadDb, pid: number): ReadonlySet<number> {
  const rows = sql(db, `SELECT DISTINCT bucket FROM entry WHERE patient = ? AND type = ? AND bucket < ${HIDDEN}`).all(
    pid,
    termOf(db, 'AllergyIntolerance'),
  ) as { bucket: number }[];
  return new Set(rows.map(({ bucket }) => bucket));
}

/** How old the chart is as a whole; a section that isn't permitted has no age. */
function asOfAll(sections: readonly Knowledge[]): string | null {
  return oldest(sections.filter(({ state }) => state !== 'not-permitted').map(({ asOf }) => asOf));
}

function identifiers(db: ReadDb, patientId: string): { label: string; value: string }[] {
  return identifiersOf(cachedResource(db, 'Patient', patientId))
    .slice(0, 20)
    .map(({ label, value }) => ({ label, value }));
}
