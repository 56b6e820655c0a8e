import { NO_DATE, startOf } from '../dates.ts';
import { bound, codings, conceptText, field, isId, isMasked, items, parseReference, text } from '../json.ts';
import { bucketOf } from './buckets.ts';
import { labelsText } from './labels.ts';

/** What is stored of a resource beside its text. */
export interface Facts {
  readonly type: string;
  readonly id: string;
  readonly versionId: string;
  readonly lastUpdated: string | null;
  /** Id of the patient in whose compartment it is. */
  readonly patient: string | null;
  readonly bucket: number;
  readonly code: string | null;
  /** Minus the clinical date in milliseconds. */
  readonly recency: number;
  readonly subsetted: boolean;
  /** Its security labels as one text; empty for none. */
  readonly labels: string;
  readonly body: string;
  readonly resource: unknown;
}

const TYPE = /^[A-Z][A-Za-z]{1,63}$/;

/** Reads one entry of a page; null where it is no resource that could be stored. */
export function factsOf(body: string): Facts | null {
  let resource: unknown;
  try {
    resource = JSON.parse(body);
  } catch {
    return null;
  }
  const type = field(resource, 'resourceType');
  const id = field(resource, 'id');
  if (typeof type !== 'string' || !TYPE.test(type) || !isId(id)) return null;
  const lastUpdated = field(resource, 'meta', 'lastUpdated');
  return {
    type,
    id,
    versionId: bound(text(resource, 'meta', 'versionId') ?? '', 200),
    lastUpdated: startOf(lastUpdated) === null ? null : (lastUpdated as string),
    patient: type === 'Patient' ? id : patientOf(resource),
    bucket: bucketOf(type, resource),
    code: type === 'Observation' ? observationCode(resource) : null,
    recency: recencyOf(resource),
    subsetted: items(resource, 'meta', 'tag').some((tag) => text(tag, 'code') === 'SUBSETTED'),
    labels: labelsText(resource),
    body,
    resource,
  };
}

/** The patient compartment's references, of the types that a clinician's chart holds (R4 compartmentdefinition-patient). */
function patientOf(resource: unknown): string | null {
  for (const name of patientNames) {
    const id = patientIn(field(resource, name));
    if (id !== null) return id;
  }
  // Of an Appointment.
  for (const one of items(resource, 'participant')) {
    const id = patientIn(field(one, 'actor'));
    if (id !== null) return id;
  }
  return null;
}

const patientNames = ['subject', 'patient', 'beneficiary', 'individual', 'for'] as const;

function patientIn(value: unknown): string | null {
  const reference = parseReference(field(value, 'reference'));
  return reference?.type === 'Patient' ? reference.id : null;
}

/** Dates by which records are sorted, the clinically telling ones first. */
const dateNames = [
  'effectiveDateTime',
  'effectivePeriod',
  'effectiveInstant',
  'performedDateTime',
  'performedPeriod',
  'occurrenceDateTime',
  'onsetDateTime',
  'onsetPeriod',
  'authoredOn',
  'authored',
  'period',
  'recordedDate',
  'dateAsserted',
  'date',
  'dateTime',
  'issued',
  'started',
  'start',
  'created',
] as const;

/** Place of a record in time: the newest first, those without a date last. */
export function recencyOf(resource: unknown): number {
  const start = startOf(clinicalDate(resource));
  return start === null ? NO_DATE : -start;
}

/** The date by which a record is sorted, as it was written; null where it has none. */
export function clinicalDate(resource: unknown): string | null {
  for (const name of dateNames) {
    const value = field(resource, name);
    const date = typeof value === 'string' ? value : field(value, 'start');
    if (startOf(date) !== null) return date as string;
  }
  const collected = field(resource, 'collection', 'collectedDateTime');
  return startOf(collected) === null ? null : (collected as string);
}

const LOINC = 'http://loinc.org';

/** Key of the trend that an observation belongs to: `system|code`, LOINC first, or its text where it isn't coded. */
export function observationCode(resource: unknown): string {
  const concept = field(resource, 'code');
  // Nobody knows whether two of them are of one kind, so that they never stand on one line.
  if (isMasked(concept)) return `masked|${text(resource, 'id') ?? ''}`;
  const all = codings(concept);
  const coding = all.find(({ system }) => system === LOINC) ?? all[0];
  if (coding) return bound(`${coding.system ?? ''}|${coding.code}`, 1_000);
  return bound(conceptText(concept) ?? 'unknown', 1_000);
}
