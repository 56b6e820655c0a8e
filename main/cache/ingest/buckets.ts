import { codings, field, items, text } from '../json.ts';

/*
 * A record's place in its section, worked out once, when it is stored. The numbers are kept in the database: a change
 * needs a migration.
 */

/** Entered in error, or superseded by its status: never shown. */
export const HIDDEN = 9;
export const CURRENT = 0;
export const PAST = 1;
export const OTHER = 2;

/** Buckets of AllergyIntolerance. The last three are statements of absence, which are no allergies. */
export const allergyBucket = {
  active: 0,
  inactive: 1,
  refuted: 2,
  noneKnown: 5,
  noDrugAllergy: 6,
  otherAbsence: 7,
} as const;

/** Buckets of Observation. `group` only holds other observations together. */
export const observationBucket = {
  vitalSign: 0,
  laboratory: 1,
  other: 2,
  social: 3,
  group: 7,
  withdrawn: HIDDEN,
} as const;

/** Buckets of DocumentReference, beside `PAST` and `HIDDEN`: what is read as text, and what is opened as a file. */
export const documentBucket = { note: CURRENT, file: OTHER } as const;

const ENCRYPTION = 'https://wardlight.org/fhir/StructureDefinition/encryption';

type Classify = (resource: unknown) => number;

const classifiers: Readonly<Record<string, Classify>> = {
  AllergyIntolerance: allergy,
  Condition: condition,
  MedicationRequest: medication,
  MedicationStatement: medication,
  Flag: (resource) => (text(resource, 'status') === 'active' ? CURRENT : PAST),
  Observation: observation,
  Encounter: encounter,
  DocumentReference: document,
  CareTeam: (resource) => (text(resource, 'status') === 'active' ? CURRENT : PAST),
};

/** Bucket of a resource in its section. */
export function bucketOf(type: string, resource: unknown): number {
  if (text(resource, 'status') === 'entered-in-error') return HIDDEN;
  return Object.hasOwn(classifiers, type) ? (classifiers[type]?.(resource) ?? CURRENT) : CURRENT;
}

/** The code of a status that is a CodeableConcept, such as `clinicalStatus`; 'unknown' where there is none. */
export function statusCode(resource: unknown, name: string): string {
  return codings(field(resource, name))[0]?.code ?? 'unknown';
}

const SNOMED = new Set(['http://snomed.info/sct', 'urn:oid:2.16.840.1.113883.6.96']);
const ABSENT_IPS = 'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips';

const absences: Readonly<Record<string, number>> = {
  '716186003': allergyBucket.noneKnown,
  '409137002': allergyBucket.noDrugAllergy,
  // No known food, environmental, latex, animal, insect allergy: they say nothing of the rest.
  '429625007': allergyBucket.otherAbsence,
  '428607008': allergyBucket.otherAbsence,
  '716184000': allergyBucket.otherAbsence,
  '716220001': allergyBucket.otherAbsence,
  '428197003': allergyBucket.otherAbsence,
};

const ipsAbsences: Readonly<Record<string, number>> = {
  'no-known-allergies': allergyBucket.noneKnown,
  'no-known-medication-allergies': allergyBucket.noDrugAllergy,
  'no-known-food-allergies': allergyBucket.otherAbsence,
  'no-known-environmental-allergies': allergyBucket.otherAbsence,
  'no-allergy-info': allergyBucket.otherAbsence,
};

/** Only a code of a known system makes a statement of absence (design rule 7). */
function absenceOf(resource: unknown): number | undefined {
  for (const { system, code } of codings(field(resource, 'code'))) {
    const table = system === ABSENT_IPS ? ipsAbsences : system && SNOMED.has(system) ? absences : {};
    if (Object.hasOwn(table, code)) return table[code];
  }
  return undefined;
}

function allergy(resource: unknown): number {
  const verification = statusCode(resource, 'verificationStatus');
  if (verification === 'entered-in-error') return HIDDEN;
  const clinical = statusCode(resource, 'clinicalStatus');
  const active = clinical !== 'inactive' && clinical !== 'resolved';
  const absence = absenceOf(resource);
  if (absence !== undefined) return active && verification !== 'refuted' ? absence : allergyBucket.otherAbsence;
  if (verification === 'refuted') return allergyBucket.refuted;
  return active ? allergyBucket.active : allergyBucket.inactive;
}

function condition(resource: unknown): number {
  const verification = statusCode(resource, 'verificationStatus');
  if (verification === 'entered-in-error') return HIDDEN;
  const past = ['inactive', 'remission', 'resolved'].includes(statusCode(resource, 'clinicalStatus'));
  return past || verification === 'refuted' ? PAST : CURRENT;
}

function medication(resource: unknown): number {
  const past = ['completed', 'stopped', 'cancelled', 'not-taken'].includes(text(resource, 'status') ?? '');
  return past ? PAST : CURRENT;
}

function encounter(resource: unknown): number {
  const status = text(resource, 'status') ?? '';
  if (['in-progress', 'onleave', 'arrived', 'triaged'].includes(status)) return CURRENT;
  return status === 'cancelled' ? OTHER : PAST;
}

function document(resource: unknown): number {
  if (text(resource, 'docStatus') === 'entered-in-error') return HIDDEN;
  if (text(resource, 'status') === 'superseded') return PAST;
  return isFile(resource) ? documentBucket.file : documentBucket.note;
}

/** Not a text that can be read as it is: it is encrypted by us, or of a type that isn't text. */
function isFile(resource: unknown): boolean {
  const attachments = items(resource, 'content').map((content) => field(content, 'attachment'));
  if (attachments.some((one) => encryptionOf(one) !== undefined)) return true;
  const types = attachments.flatMap((one) => text(one, 'contentType')?.toLowerCase() ?? []);
  return types.length > 0 && !types.some((type) => type.startsWith('text/'));
}

/** What an attachment says of its encryption, as an extension with parts; undefined where it isn't encrypted by us. */
export function encryptionOf(attachment: unknown): unknown {
  return items(attachment, 'extension').find((one) => field(one, 'url') === ENCRYPTION);
}

const observationCategories: Readonly<Record<string, number>> = {
  'vital-signs': observationBucket.vitalSign,
  laboratory: observationBucket.laboratory,
  LAB: observationBucket.laboratory,
  'social-history': observationBucket.social,
  survey: observationBucket.social,
};

function observation(resource: unknown): number {
  if (text(resource, 'status') === 'cancelled') return observationBucket.withdrawn;
  if (items(resource, 'hasMember').length > 0 && !hasValue(resource)) return observationBucket.group;
  for (const category of items(resource, 'category')) {
    for (const { code } of codings(category)) {
      if (Object.hasOwn(observationCategories, code)) return observationCategories[code] ?? observationBucket.other;
    }
  }
  return observationBucket.other;
}

function hasValue(resource: unknown): boolean {
  if (typeof resource !== 'object' || resource === null) return false;
  if (items(resource, 'component').length > 0 || field(resource, 'dataAbsentReason') !== undefined) return true;
  return Object.keys(resource).some((key) => /^value[A-Z]/.test(key));
}
