import type { Unsent } from '../../../preload/contract/chart.ts';
import { placeholder } from '../../../preload/contract/placeholders.ts';
import type { SaidBit, SaidItem } from '../../../preload/contract/said.ts';
import type { EntryKind, ShownValue, TimelineEntry } from '../../../preload/contract/timeline.ts';
import { dateText } from '../dates.ts';
import { documentBucket, HIDDEN, observationBucket } from '../ingest/buckets.ts';
import { clinicalDate } from '../ingest/facts.ts';
import { bound, conceptText, ENCRYPTED, field, isMasked, items, text } from '../json.ts';
import { allergyView } from './allergies.ts';
import { answersTold, formTitle } from './forms.ts';
import { type Lookup, medicationView } from './medications.ts';
import { officialNumber, voidNumbers } from './numbers.ts';
import { observationView } from './observations.ts';
import { encounterView, noteView, problemView } from './sections.ts';

const KINDS: Readonly<Record<string, EntryKind>> = {
  Encounter: 'encounter',
  DiagnosticReport: 'result',
  MedicationRequest: 'medication',
  MedicationStatement: 'medication',
  MedicationAdministration: 'medication',
  MedicationDispense: 'medication',
  Condition: 'problem',
  AllergyIntolerance: 'allergy',
  Immunization: 'immunisation',
  Procedure: 'procedure',
  ServiceRequest: 'order',
  Flag: 'alert',
  CarePlan: 'plan',
  CareTeam: 'plan',
  Goal: 'plan',
  Appointment: 'appointment',
  Task: 'task',
  FamilyMemberHistory: 'history',
  Device: 'other',
  QuestionnaireResponse: 'form',
};

/** Types of a patient's records that tell of nothing that happened. */
export const timeless: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson']);

/** Types whose records a kind holds; `other` holds what none does. */
export function typesOfKind(kind: EntryKind): string[] {
  const types = Object.keys(KINDS).filter((type) => KINDS[type] === kind);
  if (kind === 'note' || kind === 'document') types.push('DocumentReference');
  if (kind === 'result' || kind === 'vital' || kind === 'history') types.push('Observation');
  return types;
}

/** The kind of a record, by its type and its place in its section. */
export function kindOf(type: string, bucket: number): EntryKind {
  if (type === 'DocumentReference') return bucket === documentBucket.file ? 'document' : 'note';
  if (type !== 'Observation') return (Object.hasOwn(KINDS, type) ? KINDS[type] : undefined) ?? 'other';
  if (bucket === observationBucket.vitalSign) return 'vital';
  return bucket === observationBucket.social ? 'history' : 'result';
}

/** What an entry tells of its record. */
export type EntryText = Omit<TimelineEntry, 'key' | 'kind' | 'count' | 'abnormal'>;

interface Told {
  readonly title: string;
  readonly details?: readonly (string | SaidItem | null | undefined)[];
  readonly status?: string | null;
  readonly time?: string | null;
}

const TELLERS: Readonly<Record<string, (resource: unknown, lookup: Lookup) => Told>> = {
  Encounter(resource) {
    const { type, class: kind, classCode, status, end, reason } = encounterView(resource, null);
    return {
      title: type,
      details: [
        ...numbered(resource),
        kind === 'unknown' ? null : coded('class', classCode ?? kind, kind),
        reason,
        end && [named('end'), { kind: 'time', time: end.slice(0, 10) }],
      ],
      status,
    };
  },
  DocumentReference(resource, lookup) {
    const { title, author, status, date } = noteView(resource, lookup);
    return { title, details: [author], status, time: date };
  },
  Specimen(resource) {
    const { details = [], ...told } = generic(resource);
    return { ...told, details: [...numbered(resource), ...details] };
  },
  MedicationRequest: medication,
  MedicationStatement: medication,
  QuestionnaireResponse(resource, lookup) {
    const status = text(resource, 'status') ?? null;
    return { title: formTitle(resource), details: answersTold(resource, lookup), status };
  },
  Condition(resource, lookup) {
    const { text: title, clinicalStatus, verificationStatus } = problemView(resource, lookup);
    return { title, details: [certainty(verificationStatus)], status: clinicalStatus };
  },
  AllergyIntolerance(resource) {
    const { substance, reactions, criticality, clinicalStatus, verificationStatus } = allergyView(resource);
    const reaction = reactions.map(({ manifestation }) => manifestation).join('; ');
    const level = criticality === 'unknown' ? null : coded('criticality', criticality, `${criticality} criticality`);
    return { title: substance, details: [reaction, level, certainty(verificationStatus)], status: clinicalStatus };
  },
};

/** What stands on the label, and what stands on one that is void. */
function numbered(resource: unknown): SaidItem[] {
  const number = officialNumber(resource);
  const old = voidNumbers(resource);
  return [
    ...(number === undefined ? [] : [[named('number'), plain(number)]]),
    ...(old.length === 0 ? [] : [[named('voidNumber'), plain(old.join(', '))]]),
  ];
}

const plain = (text: string): SaidBit => ({ kind: 'text', text: bound(text) });
const named = (at: string): SaidBit => ({ kind: 'name', at });
const coded = (at: string, code: string, text = code): SaidItem => [{ kind: 'code', at, code, text }];
const certainty = (status: string) => (status === 'confirmed' ? null : coded('verificationStatus', status));

function medication(resource: unknown, lookup: Lookup): Told {
  const { drug, dosage, status, author } = medicationView(resource, lookup);
  return { title: drug, details: [dosage, author], status };
}

/** Elements in which records say what they are, the most telling first. */
const NAMING = ['code', 'vaccineCode', 'medicationCodeableConcept', 'serviceType', 'type', 'relationship', 'category'];

/** What can be told of any record. */
function generic(resource: unknown): Told {
  const named = NAMING.flatMap((name) => {
    const value = field(resource, name);
    return conceptText(Array.isArray(value) ? value[0] : value) ?? [];
  });
  const said = [text(resource, 'title'), text(resource, 'description'), conceptText(field(resource, 'description'))];
  const names = [...named, ...said.filter((one) => one !== undefined)];
  const [title = placeholder('record'), ...rest] = names;
  const reasons = items(resource, 'reasonCode').flatMap((one) => conceptText(one) ?? []);
  const status = text(resource, 'status') ?? text(resource, 'lifecycleStatus');
  return { title, details: [...rest.filter((one) => one !== title), ...reasons], status: status ?? null };
}

/** One record as an entry. The resource was read by `parseExact`. */
export function entryText(type: string, bucket: number, resource: unknown, lookup: Lookup, unsent: Unsent): EntryText {
  const isValue = type === 'Observation' && bucket !== observationBucket.group;
  const teller = Object.hasOwn(TELLERS, type) ? TELLERS[type] : undefined;
  const { title, details = [], status = null, time } = teller ? teller(resource, lookup) : generic(resource);
  const values = isValue ? [shownValue(resource)] : [];
  const told = details.flatMap((one): SaidItem[] => (one ? [typeof one === 'string' ? [plain(one)] : one] : []));
  return {
    type,
    id: text(resource, 'id') ?? '',
    title: bound(title),
    details: told.slice(0, 10),
    time: time ?? dateText(clinicalDate(resource)),
    status,
    withdrawn: bucket === HIDDEN,
    masked: isAnyMasked(resource) || title === ENCRYPTED,
    unsent,
    values,
  };
}

function shownValue(resource: unknown): ShownValue {
  const { code, name, value, unit, flag, encrypted } = observationView(resource);
  return { code, name, value, unit, flag, masked: encrypted.length > 0 };
}

/** True where an element at the top is there and masked. */
function isAnyMasked(resource: unknown): boolean {
  return Object.values((resource ?? {}) as object).some((one) => isMasked(one));
}
