import type { ChartSummary, Unsent, Withheld } from '../../../preload/contract/chart.ts';
import { CURRENT, HIDDEN, OTHER, observationBucket } from '../ingest/buckets.ts';
import { cachedResource, encounterLocation } from '../ingest/location.ts';
import { identifiersOf } from '../ingest/patient.ts';
import { encryptedPaths } from '../json.ts';
import type { ReadDb } from '../open.ts';
import { needCurrent, type Part, type Sight, shownLabels } from '../sight.ts';
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
  knownPatient,
  oldest,
  type StoredRecord,
  sectionRecords,
  sightOf,
  termOf,
  unsentOf,
} from './sections.ts';

const ITEMS_MAX = 200;
const SHOWN = [CURRENT, OTHER] as const;
const CURRENT_ONLY = [CURRENT, CURRENT] as const;
const NOT_HIDDEN = [CURRENT, HIDDEN - 1] as const;

type Section<Item> = Knowledge & { items: Item[]; total: number; withheld: Withheld };

/** The whole summary of a patient as far as it may be seen, or null where the Patient isn't cached. */
export function chartSummary(
  db: ReadDb,
  patientId: string,
  sight: Sight,
  max: number = ITEMS_MAX,
): ChartSummary | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  const row = pid === undefined ? null : readRow(db, pid, sight.row);
  if (pid === undefined || row === null) return null;
  const scope: Scope = { db, pid, sight, max };
  const sections = readSections(scope);
  const { state, withheld } = sections.allergies;
  return {
    patient: { ...row, ...details(db, patientId) },
    asOf: asOfAll(Object.values(sections)),
    allergyStatement: allergyStatement(allergyBuckets(scope), state, withheld),
    ...sections,
  };
}

/** Whose records are read, and which of them may be seen. */
interface Scope {
  readonly db: ReadDb;
  readonly pid: number;
  readonly sight: Sight;
  /** Most records of a section. */
  readonly max: number;
}

function readSections(scope: Scope) {
  const { db, pid, sight } = scope;
  const lookup = createLookup(db, pid, sight);
  const groups = latestGroups(db, pid, sight);
  const part = (types: readonly string[], range: Part['range'], safety = false): Part => ({ types, range, safety });
  /** Withheld may be what would be no entry of the list, such as a statement that there are no allergies. */
  const safe = (...types: string[]) => part(types, NOT_HIDDEN, true);
  return {
    allergies: readSection(scope, safe('AllergyIntolerance'), SHOWN, allergyView),
    problems: readSection(scope, safe('Condition'), SHOWN, problemView),
    medications: readSection(scope, safe('MedicationRequest', 'MedicationStatement'), SHOWN, (one) =>
      medicationView(one, lookup),
    ),
    alerts: readSection(scope, part(['Flag'], CURRENT_ONLY, true), CURRENT_ONLY, alertView),
    vitals: latestValues(scope, groups, [observationBucket.vitalSign, observationBucket.vitalSign]),
    results: latestValues(scope, groups, [observationBucket.laboratory, observationBucket.other]),
    encounters: readSection(scope, part(['Encounter'], SHOWN), SHOWN, (one) =>
      encounterView(one, encounterLocation(db, one)),
    ),
    notes: readSection(scope, part(['DocumentReference'], CURRENT_ONLY), CURRENT_ONLY, (one, unsent) =>
      noteView(one, lookup, unsent),
    ),
  };
}

function readSection<Item>(
  { db, pid, sight, max }: Scope,
  part: Part,
  range: readonly [number, number],
  view: (resource: unknown, unsent: Unsent) => Item,
): Section<Item> {
  const { types } = part;
  const records: StoredRecord[] = types.flatMap((type) => sectionRecords(db, pid, type, range, max, sight));
  records.sort(compareRecords);
  const total = types.reduce((sum, type) => sum + countRecords(db, pid, type, range, sight), 0);
  const items = records.slice(0, max).map(({ resource, local }) => view(resource, unsentOf(local)));
  return { ...sightOf(db, pid, sight, part), items, total };
}

/** The newest value of each code; `total` counts the codes. */
function latestValues({ db, pid, sight, max }: Scope, groups: readonly LatestGroup[], range: Part['range']) {
  const [from, to] = range;
  const shown = groups.filter(({ bucket }) => bucket >= from && bucket <= to);
  const items = shown.slice(0, max).map((group) => latestOf(db, pid, group, sight));
  return { ...sightOf(db, pid, sight, { types: ['Observation'], range, safety: false }), items, total: shown.length };
}

function allergyBuckets({ db, pid, sight }: Scope): ReadonlySet<number> {
  const rows = sql(
    db,
    `SELECT DISTINCT bucket FROM entry WHERE patient = ? AND type = ? AND bucket < ${HIDDEN}
     AND label IN (${shownLabels(sight, 'AllergyIntolerance')})`,
  ).all(pid, termOf(db, 'AllergyIntolerance')) as { bucket: number }[];
  return new Set(rows.map(({ bucket }) => bucket));
}

/** How old the chart is as a whole; a section that isn't permitted has no age. */
function asOfAll(sections: readonly Knowledge[]): string | null {
  return oldest(sections.filter(({ state }) => state !== 'not-permitted').map(({ asOf }) => asOf));
}

function details(db: ReadDb, patientId: string): Pick<ChartSummary['patient'], 'identifiers' | 'encrypted'> {
  const resource = cachedResource(db, 'Patient', patientId);
  const identifiers = identifiersOf(resource)
    .slice(0, 20)
    .map(({ label, value }) => ({ label, value }));
  return { identifiers, encrypted: encryptedPaths(resource) };
}
