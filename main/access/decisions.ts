import type { Labels } from '../cache/ingest/labels.ts';
import type { Labelled, RowSight, Sight } from '../cache/sight.ts';
import type { Engine } from './policy/engine.ts';
import type { AccessAction, Circumstances, Principal, RecordKind, Relation } from './policy/vocabulary.ts';

/** Types of a patient's records that a chart can hold. */
export const patientTypes = [
  'Patient',
  'AllergyIntolerance',
  'Condition',
  'MedicationRequest',
  'MedicationStatement',
  'Flag',
  'Observation',
  'Encounter',
  'DocumentReference',
  'DiagnosticReport',
  'Immunization',
  'Procedure',
  'CarePlan',
  'CareTeam',
  'Goal',
  'FamilyMemberHistory',
  'ServiceRequest',
  'Specimen',
  'RelatedPerson',
  'Appointment',
  'Task',
  'Device',
  'QuestionnaireResponse',
  'Consent',
] as const;

/** Types of records that belong to no patient, and that a chart takes names and texts from. */
export const sharedTypes = [
  'Location',
  'Organization',
  'Practitioner',
  'PractitionerRole',
  'Medication',
  'Binary',
  'Questionnaire',
] as const;

/** Types that must all be shown before the list tells when something of a patient last changed. */
const CHART_TYPES = patientTypes.slice(1, 9);

/** Purposes by which restricted records are opened, the most usual first. */
const PURPOSES = ['TREAT', 'ETREAT', 'CAREMGT', 'HOPERAT'] as const;

/** A set of labels as the cache numbers it. */
export interface NumberedLabels {
  readonly number: number;
  readonly type: string;
  readonly labels: Labels;
}

/** Who asks, whose records, and how things are. */
export interface Situation {
  readonly principal: Principal;
  readonly relation: Relation;
  readonly circumstances: Circumstances;
}

export interface Decisions {
  allows(action: AccessAction, record: RecordKind, situation: Omit<Situation, 'relation'>): boolean;
  /**
   * What of a patient's records is shown, and what can be opened how. `print`: what may be shown and printed; what may be
   * shown only counts as restricted, so that it is said to be missing.
   */
  sight(
    situation: Situation,
    labels: readonly NumberedLabels[],
    practitioner: string,
    action?: 'read' | 'print',
  ): Sight;
  /** What of the list is shown of patients who are related in one way. */
  rowSight(situation: Situation, labels: readonly NumberedLabels[], practitioner: string): RowSight;
}

/** More distinct questions than a workstation asks. */
const REMEMBERED_MAX = 20_000;

/**
 * Decides once for each set of attributes and remembers the answer: neither how many records there are nor how many
 * patients makes a difference. A principal that changes is another question, so that nothing has to be told of it.
 */
export function createDecisions(engine: Pick<Engine, 'decide'>): Decisions {
  const remembered = new Map<string, boolean>();
  const sights = new Map<string, Sight>();

  function allows(action: AccessAction, record: RecordKind, { principal, circumstances }: Omit<Situation, 'relation'>) {
    const key = `${action} ${keyOf(record)} ${keyOf(principal)} ${keyOf(circumstances)}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const { allowed } = engine.decide({ principal, action, record, circumstances });
    if (remembered.size >= REMEMBERED_MAX) remembered.clear();
    remembered.set(key, allowed);
    return allowed;
  }

  /** How a kind of record is reached: it is shown, can be opened by a purpose or by emergency access, or not at all. */
  function reachOf(
    record: RecordKind,
    { principal, circumstances }: Situation,
    action: 'read' | 'print',
  ): 'shown' | 'purpose' | 'emergency' | null {
    const reads = (changed: Partial<Circumstances>, one = record) =>
      allows('read', one, { principal, circumstances: { ...circumstances, ...changed } });
    if (reads({})) {
      // Names of wards, medicines and colleagues belong to what is printed.
      const isRead = action === 'read' || record.relation === 'shared';
      return isRead || allows(action, record, { principal, circumstances }) ? 'shown' : 'purpose';
    }
    // Read only where there is a relation: of others' patients nothing is opened by a mere word.
    if (record.relation === 'shared') return null;
    if (PURPOSES.some((purpose) => reads({ stated: true, purpose }))) return 'purpose';
    const declares = allows('emergency', identity(record.relation), { principal, circumstances });
    return declares && reads({ emergency: true, stated: true, purpose: 'ETREAT' }) ? 'emergency' : null;
  }

  function freshSight(
    situation: Situation,
    labels: readonly NumberedLabels[],
    practitioner: string,
    action: 'read' | 'print',
  ): Sight {
    const reached: Record<'shown' | 'purpose' | 'emergency', { types: string[]; labels: number[] }> = {
      shown: { types: [], labels: [] },
      purpose: { types: [], labels: [] },
      emergency: { types: [], labels: [] },
    };
    for (const type of [...patientTypes, ...sharedTypes]) {
      const reach = reachOf(unlabelled(type, relationFor(type, situation.relation)), situation, action);
      if (reach) reached[reach].types.push(type);
    }
    for (const one of labels) {
      const reach = reachOf(recordKind(one, situation.relation, practitioner), situation, action);
      if (reach) reached[reach].labels.push(one.number);
    }
    const { shown, purpose, emergency } = reached satisfies Record<string, Labelled>;
    const shows = (type: string) => shown.types.includes(type);
    const row = { location: shows('Encounter'), updated: CHART_TYPES.every(shows) };
    return { newest: labels.at(-1)?.number ?? 0, shown, restricted: { purpose, emergency }, row };
  }

  return {
    allows,
    sight(situation, labels, practitioner, action = 'read') {
      const { principal, relation, circumstances } = situation;
      const key = `${action} ${practitioner} ${labels.length} ${relation} ${keyOf(principal)} ${keyOf(circumstances)}`;
      const known = sights.get(key) ?? freshSight(situation, labels, practitioner, action);
      if (sights.size >= REMEMBERED_MAX) sights.clear();
      sights.set(key, known);
      return known;
    },
    rowSight(situation, labels, practitioner) {
      const finds = (record: RecordKind) => allows('search', record, situation);
      const shows = (type: string) => finds(unlabelled(type, situation.relation));
      const marked = labels.filter(({ type }) => type === 'Patient');
      const shown = marked.filter((one) => finds(recordKind(one, situation.relation, practitioner)));
      return {
        labels: [...(shows('Patient') ? [0] : []), ...shown.map(({ number }) => number)],
        location: shows('Encounter'),
        updated: CHART_TYPES.every(shows),
      };
    },
  };
}

/** A record without labels. */
export function unlabelled(resourceType: string, relation: Relation): RecordKind {
  return { resourceType, relation, confidentiality: 'N', sensitivity: [] };
}

/** Who the patient is. */
export function identity(relation: Relation): RecordKind {
  return unlabelled('Patient', relation);
}

/** A record with labels, for one clinician. */
export function recordKind(
  { type, labels }: Pick<NumberedLabels, 'type' | 'labels'>,
  relation: Relation,
  practitioner: string,
): RecordKind {
  const { confidentiality, sensitivity, authors } = labels;
  const own = authors.includes(practitioner);
  return { resourceType: type, relation: relationFor(type, relation), confidentiality, sensitivity, own };
}

function relationFor(type: string, relation: Relation): Relation {
  return (sharedTypes as readonly string[]).includes(type) ? 'shared' : relation;
}

const keys = new WeakMap<object, string>();

/** What stands for an object in a key; worked out once, as the objects are made once. */
function keyOf(value: object): string {
  const known = keys.get(value);
  if (known !== undefined) return known;
  const key = JSON.stringify(value, Object.keys(value).sort());
  keys.set(value, key);
  return key;
}
