import type { Gaps, NewTask, SyncTask, TaskPhase } from '../cache/operations.ts';
import type { Capabilities } from './capabilities.ts';

/** In the order in which a run does them. */
export const taskPhases = [
  'panel',
  'safety',
  'changes',
  'recent',
  'rest',
  'references',
  'check',
] as const satisfies TaskPhase[];

interface RecordKind {
  readonly label: string;
  readonly types: readonly string[];
}

/** Records that are dangerous not to know. The code status stands in Flags, and in Consents as an advance directive. */
const SAFETY: readonly RecordKind[] = [
  { label: 'Allergies', types: ['AllergyIntolerance'] },
  { label: 'Medications', types: ['MedicationRequest', 'MedicationStatement'] },
  { label: 'Problems', types: ['Condition'] },
  { label: 'Alerts', types: ['Flag', 'Consent'] },
];
/** The others, in the order in which a clinician needs them. */
const OTHERS: readonly RecordKind[] = [
  { label: 'Encounters', types: ['Encounter', 'Appointment'] },
  { label: 'Results', types: ['Observation', 'DiagnosticReport'] },
  { label: 'Notes', types: ['DocumentReference'] },
  {
    label: 'Other records',
    types: [
      'Immunization',
      'Procedure',
      'CarePlan',
      'Goal',
      'FamilyMemberHistory',
      'ServiceRequest',
      'Specimen',
      'Task',
      'Device',
      'QuestionnaireResponse',
    ],
  },
];
const PATIENTS: RecordKind = { label: 'Patients', types: ['Patient'] };
/** Types of a patient's records, in the order in which a clinician needs them. */
export const recordTypes = [PATIENTS, ...SAFETY, ...OTHERS].flatMap(({ types }) => types);

/** What records refer to and the chart shows by name. */
export const referencedTypes = ['Location', 'Organization', 'Practitioner', 'PractitionerRole', 'Medication'] as const;

const FORMS = 'Questionnaire';
/** What is held of the server beside records of patients. */
export const sharedTypes = [...referencedTypes, FORMS] as const;
/** Forms are large: so few come on one page, and so many pages at most. */
const FORMS_PER_PAGE = 50;
export const FORM_PAGES = 10;
/** By their addresses, which are long. */
const FORMS_PER_SEARCH = 20;

const PATIENTS_PER_SEARCH = 25;
const REFERENCES_PER_SEARCH = 50;
/** Of searches that mostly find nothing: few of them matter more than short ones. */
const CHANGED_PER_SEARCH = 2 * REFERENCES_PER_SEARCH;
/** Largest page: as large as known servers make one, and small enough to be repeated without harm (pace.ts). */
export const PAGE = 1_000;
/** Server time that is fetched again, for what was committed late (design rule 2). */
const OVERLAP_MS = 2 * 60_000;

export const CARE_TEAMS = 'Care teams';
export const REFERENCES = 'Names and places';
const COMPARISON = 'Comparison with the server';
const DELETIONS = 'Deletions';

function inGroups<Item>(items: readonly Item[], size: number): Item[][] {
  const groups: Item[][] = [];
  for (let at = 0; at < items.length; at += size) groups.push(items.slice(at, at + size));
  return groups;
}

/** `_sort=_lastUpdated`: servers that page by offset otherwise fail past some thousand records. */
function search(type: string, parameters: string): string {
  return `${type}?${parameters}&_count=${PAGE}&_sort=_lastUpdated`;
}

/** Time since when changes are asked for, so that what was committed late is not missed. */
function sinceOf(asOf: string): string {
  return new Date(Date.parse(asOf) - OVERLAP_MS).toISOString();
}

export interface PanelScope {
  /** `Practitioner/<id>`. */
  readonly practitioner: string;
  readonly group: string | null;
  readonly list: string | null;
}

/** The first searches of a run: whose patients these are. */
export function panelTasks({ practitioner, group, list }: PanelScope, capabilities: Capabilities): NewTask[] {
  const named = [
    ...(group === null ? [] : [{ type: 'Group', id: group }]),
    ...(list === null ? [] : [{ type: 'List', id: list }]),
  ];
  return [
    teamsTask([practitioner]),
    ...(capabilities.hasType('PractitionerRole') ? [rolesTask(practitioner)] : []),
    ...named.map(({ type, id }) => readTask(type, id, { label: CARE_TEAMS, phase: 'panel' })),
  ];
}

/** Whether a task is one of those that say who is on the panel: a search for teams, or what policy names. */
export function saysPanel({ kind, phase, resourceType }: Pick<SyncTask, 'kind' | 'phase' | 'resourceType'>): boolean {
  if (phase !== 'panel') return false;
  return kind === 'teams' ? resourceType === 'CareTeam' : resourceType === 'Group' || resourceType === 'List';
}

function rolesTask(practitioner: string): NewTask {
  return {
    label: CARE_TEAMS,
    resourceType: 'PractitionerRole',
    url: search('PractitionerRole', `practitioner=${encodeURIComponent(practitioner)}`),
    patients: null,
    kind: 'teams',
    phase: 'panel',
  };
}

/** The care teams of a practitioner or of roles. */
export function teamsTask(members: readonly string[]): NewTask {
  return {
    label: CARE_TEAMS,
    resourceType: 'CareTeam',
    url: search('CareTeam', `participant=${members.map(encodeURIComponent).join(',')}`),
    patients: null,
    kind: 'teams',
    phase: 'panel',
  };
}

/** One resource, asked for by its id: the only way to know that it is gone (design rule 3). */
export function readTask(type: string, id: string, about: { label: string; phase: TaskPhase }): NewTask {
  return { ...about, resourceType: type, url: `${type}/${id}`, patients: null, kind: 'read' };
}

/** Reads for what a comparison found to differ. */
export function differenceTasks(items: readonly { type: string; id: string }[]): NewTask[] {
  return items.map(({ type, id }) => readTask(type, id, { label: COMPARISON, phase: 'check' }));
}

export interface PanelPlan {
  readonly panel: readonly string[];
  /** Patients whose records were completely fetched up to `asOf`; the others are fetched whole. */
  readonly known: ReadonlySet<string>;
  /** Server time of the last complete run. */
  readonly asOf: string | null;
  readonly gaps: Gaps;
  readonly capabilities: Capabilities;
  /** Server time now, from which the last twelve months are counted. */
  readonly at: string;
}

type Filter = { readonly phase: TaskPhase; readonly filter: string; readonly perSearch?: number };

/** Searches for the panel's records: whole for new patients, in phases; changes since the last run for the others. */
export function recordTasks({ panel, known, asOf, gaps, capabilities, at }: PanelPlan): NewTask[] {
  const since = asOf === null ? null : sinceOf(asOf);

  function tasksOf(label: string, type: string, wholly: readonly Filter[]): NewTask[] {
    if (!capabilities.canSearch(type)) return [];
    const missing = new Set(gaps[type]);
    const isWhole = (id: string) => since === null || !known.has(id) || missing.has(id);
    const changes: Filter = { phase: 'changes', filter: `&_lastUpdated=ge${since}`, perSearch: CHANGED_PER_SEARCH };
    const scopes = [
      { patients: panel.filter(isWhole), filters: wholly },
      { patients: panel.filter((id) => !isWhole(id)), filters: [changes] },
    ];
    return scopes.flatMap(({ patients, filters }) =>
      filters.flatMap(({ phase, filter, perSearch = PATIENTS_PER_SEARCH }) =>
        inGroups(patients, perSearch).map((group) => ({
          label,
          resourceType: type,
          url: search(type, scopeOf(type, group) + filter),
          patients: group,
          phase,
        })),
      ),
    );
  }

  const safe = [PATIENTS, ...SAFETY].flatMap(({ label, types }) =>
    types.flatMap((type) => tasksOf(label, type, [{ phase: 'safety', filter: '' }])),
  );
  const others = OTHERS.flatMap(({ label, types }) =>
    types.flatMap((type) => tasksOf(label, type, byDate(capabilities.dateParameter(type), at))),
  );
  return [...safe, ...others];
}

/** Which patients a search is about. */
function scopeOf(type: string, patients: readonly string[]): string {
  return type === 'Patient'
    ? `_id=${patients.join(',')}`
    : `patient=${patients.map((id) => `Patient/${id}`).join(',')}`;
}

/** The last twelve months first; then what is older, and what has no date, which no comparison of dates finds. */
function byDate(parameter: string | null, at: string): Filter[] {
  if (parameter === null) return [{ phase: 'rest', filter: '' }];
  const day = twelveMonthsBefore(at);
  return [
    { phase: 'recent', filter: `&${parameter}=ge${day}` },
    { phase: 'rest', filter: `&${parameter}=lt${day}` },
    { phase: 'rest', filter: `&${parameter}:missing=true` },
  ];
}

function twelveMonthsBefore(at: string): string {
  const date = new Date(at);
  date.setUTCFullYear(date.getUTCFullYear() - 1);
  return date.toISOString().slice(0, 10);
}

export function patientsOf(tasks: readonly Pick<SyncTask, 'patients'>[]): ReadonlySet<string> {
  return new Set(tasks.flatMap(({ patients }) => patients ?? []));
}

/** The same search without `:missing`, for a server that doesn't know it; null where it has none. */
export function withoutMissing(url: string): string | null {
  const plain = url.replace(/&[a-z-]+:missing=true/, '');
  return plain === url ? null : plain;
}

/** Pending tasks whose patients are no longer all on the panel: dropped, and planned anew for those who stayed. */
export function withoutLeavers(
  tasks: readonly SyncTask[],
  panel: ReadonlySet<string>,
): { drop: number[]; tasks: NewTask[] } {
  const outdated = tasks.filter(
    ({ state, kind, patients }) =>
      state === 'pending' && kind !== 'export' && patients !== null && !patients.every((id) => panel.has(id)),
  );
  const again = outdated.flatMap((task) => {
    const left = (task.patients ?? []).filter((id) => panel.has(id));
    return left.length > 0 ? [aboutOnly(task, left)] : [];
  });
  return { drop: outdated.map(({ seq }) => seq), tasks: again };
}

/** A search in two, each about half of its patients. */
export function inHalves(task: SyncTask, patients: readonly string[]): NewTask[] {
  const middle = Math.ceil(patients.length / 2);
  return [patients.slice(0, middle), patients.slice(middle)].map((half) => aboutOnly(task, half));
}

function aboutOnly({ label, resourceType, url, kind, phase }: SyncTask, patients: readonly string[]): NewTask {
  const changed = url.replace(/(\?)(?:patient|_id)=[^&]*/, `$1${scopeOf(resourceType, patients)}`);
  return { label, resourceType, url: changed, patients, kind, phase };
}

/**
 * The forms in use, or those of them that policy offers; once all of these came those that are new or other ones. Whether one
 * that is here is out of use by now, the search for what is cached tells (`referenceTasks`).
 */
export function formTasks(urls: readonly string[] | null, asOf: string | null, capabilities: Capabilities): NewTask[] {
  if (!capabilities.canSearch(FORMS)) return [];
  const groups = urls === null ? [''] : inGroups(urls, FORMS_PER_SEARCH).map(offered);
  const changes = asOf === null ? '' : `&_lastUpdated=ge${sinceOf(asOf)}`;
  return groups.map((group) => ({
    label: 'Forms',
    resourceType: FORMS,
    url: `${FORMS}?status=active${group}${changes}&_count=${FORMS_PER_PAGE}&_sort=_lastUpdated`,
    patients: null,
    phase: 'references' as const,
  }));
}

function offered(urls: readonly string[]): string {
  return `&url=${urls.map(encodeURIComponent).join(',')}`;
}

/** Searches for what cached records refer to. */
export function referenceTasks(
  missing: readonly { type: string; id: string }[],
  asOf: string | null = null,
): NewTask[] {
  const changes = asOf === null ? '' : `&_lastUpdated=ge${sinceOf(asOf)}`;
  return sharedTypes.flatMap((type) => {
    const ids = missing.filter((reference) => reference.type === type).map(({ id }) => id);
    return inGroups(ids, asOf === null ? REFERENCES_PER_SEARCH : CHANGED_PER_SEARCH).map((group) => ({
      label: REFERENCES,
      resourceType: type,
      url: search(type, `_id=${group.join(',')}${changes}`),
      patients: null,
      phase: 'references' as const,
    }));
  });
}

/**
 * What was deleted since the last run, or since it was last known (`since`, by type), of the types that the cache holds and
 * whose history the server tells (R4 http.html#history).
 */
export function historyTasks(
  asOf: string,
  held: readonly string[],
  capabilities: Capabilities,
  since: Readonly<Record<string, string>> = {},
): NewTask[] {
  const types = [...recordTypes, ...sharedTypes].filter((type) => held.includes(type));
  return types.filter(capabilities.hasTypeHistory).map((type) => ({
    label: DELETIONS,
    resourceType: type,
    url: `${type}/_history?_since=${sinceOf(since[type] ?? asOf)}&_count=${PAGE}`,
    patients: null,
    kind: 'history' as const,
    phase: 'changes' as const,
  }));
}

/** Ids and versions of everything that the server has of some patients. */
export function sweepTasks(patients: readonly string[], capabilities: Capabilities): NewTask[] {
  return recordTypes.filter(capabilities.canSearch).flatMap((type) =>
    inGroups(patients, PATIENTS_PER_SEARCH).map((group) => ({
      label: COMPARISON,
      resourceType: type,
      url: search(type, `${scopeOf(type, group)}&_elements=id,meta`),
      patients: group,
      kind: 'sweep' as const,
      phase: 'check' as const,
    })),
  );
}

/** The same of shared resources, of which a server tells no deletion otherwise. */
export function sharedSweepTasks(shared: readonly { type: string; id: string }[]): NewTask[] {
  return referenceTasks(shared).map(({ resourceType, url, patients }) => ({
    label: COMPARISON,
    resourceType,
    url: url.replace('&_count=', '&_elements=id,meta&_count='),
    patients,
    kind: 'sweep' as const,
    phase: 'check' as const,
  }));
}
