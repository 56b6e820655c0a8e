import type { NewTask, SyncTask } from '../cache/operations.ts';

/** Records of a patient, in the order in which a clinician needs them: what is dangerous not to know comes first. */
const RECORDS: readonly { label: string; types: readonly string[] }[] = [
  { label: 'Allergies', types: ['AllergyIntolerance'] },
  { label: 'Medications', types: ['MedicationRequest', 'MedicationStatement'] },
  { label: 'Problems', types: ['Condition'] },
  { label: 'Alerts', types: ['Flag'] },
  { label: 'Encounters', types: ['Encounter'] },
  { label: 'Results', types: ['Observation', 'DiagnosticReport'] },
  { label: 'Notes', types: ['DocumentReference'] },
  {
    label: 'Other records',
    types: ['Immunization', 'Procedure', 'CarePlan', 'Goal', 'FamilyMemberHistory', 'ServiceRequest'],
  },
];

/** What records refer to and the chart shows by name. */
export const referencedTypes = ['Location', 'Organization', 'Practitioner', 'PractitionerRole', 'Medication'] as const;

const PATIENTS_PER_SEARCH = 25;
const REFERENCES_PER_SEARCH = 50;
/** Large enough to be fast, small enough to be repeated without harm, below the limit of known servers. */
const PAGE = 500;
/** Server time that is fetched again, for what was committed late (design rule 2). */
const OVERLAP_MS = 2 * 60_000;

export const CARE_TEAMS = 'Care teams';
export const REFERENCES = 'Names and places';

function inGroups<Item>(items: readonly Item[], size: number): Item[][] {
  const groups: Item[][] = [];
  for (let at = 0; at < items.length; at += size) groups.push(items.slice(at, at + size));
  return groups;
}

/** `_sort=_lastUpdated`: servers that page by offset otherwise fail past some thousand records. */
function search(type: string, parameters: string): string {
  return `${type}?${parameters}&_count=${PAGE}&_sort=_lastUpdated`;
}

/** The first search of a run: whose patients these are. */
export function careTeamTask(practitioner: string): NewTask {
  return {
    label: CARE_TEAMS,
    resourceType: 'CareTeam',
    url: search('CareTeam', `participant=${encodeURIComponent(practitioner)}`),
    patients: null,
  };
}

/** Patients, by type, whose records a complete run did not get: refused, or not searchable then. */
export type Gaps = Readonly<Record<string, readonly string[]>>;

/** What the tasks of a run left out for its panel: later it is fetched whole, or a section would claim to be complete. */
export function gapsOf(tasks: readonly SyncTask[], panel: readonly string[]): Gaps {
  const types = ['Patient', ...RECORDS.flatMap((record) => record.types)];
  const gaps = types.map((type) => {
    const done = tasks.filter(({ resourceType, state }) => resourceType === type && state === 'done');
    const got = new Set(done.flatMap(({ patients }) => patients ?? []));
    return [type, panel.filter((id) => !got.has(id))] as const;
  });
  return Object.fromEntries(gaps.filter(([, patients]) => patients.length > 0));
}

export interface PanelPlan {
  panel: readonly string[];
  /** Patients whose records were completely fetched up to `asOf`; the others are fetched whole. */
  known: ReadonlySet<string>;
  /** Server time of the last complete run. */
  asOf: string | null;
  gaps: Gaps;
  /** Types that the server can search by patient; null where it didn't say. */
  searchable: ReadonlySet<string> | null;
}

/** Searches for the panel's records: whole for new patients, changes since the last run for the others. */
export function recordTasks({ panel, known, asOf, gaps, searchable }: PanelPlan): NewTask[] {
  const since = asOf === null ? null : new Date(Date.parse(asOf) - OVERLAP_MS).toISOString();

  function tasksOf(label: string, type: string, parameter: (group: readonly string[]) => string): NewTask[] {
    const missing = new Set(gaps[type]);
    const isWhole = (id: string) => since === null || !known.has(id) || missing.has(id);
    const scopes = [
      { patients: panel.filter(isWhole), filter: '' },
      { patients: panel.filter((id) => !isWhole(id)), filter: `&_lastUpdated=ge${since}` },
    ];
    return scopes.flatMap(({ patients, filter }) =>
      inGroups(patients, PATIENTS_PER_SEARCH).map((group) => ({
        label,
        resourceType: type,
        url: search(type, parameter(group) + filter),
        patients: group,
      })),
    );
  }

  const records = RECORDS.flatMap(({ label, types }) =>
    types
      .filter((type) => searchable === null || searchable.has(type))
      .flatMap((type) => tasksOf(label, type, (group) => `patient=${group.map((id) => `Patient/${id}`).join(',')}`)),
  );
  return [...tasksOf('Patients', 'Patient', (group) => `_id=${group.join(',')}`), ...records];
}

/** Searches for what cached records refer to. */
export function referenceTasks(missing: readonly { type: string; id: string }[]): NewTask[] {
  return referencedTypes.flatMap((type) => {
    const ids = missing.filter((reference) => reference.type === type).map(({ id }) => id);
    return inGroups(ids, REFERENCES_PER_SEARCH).map((group) => ({
      label: REFERENCES,
      resourceType: type,
      url: search(type, `_id=${group.join(',')}`),
      patients: null,
    }));
  });
}
