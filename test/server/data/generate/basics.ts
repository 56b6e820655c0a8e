import type { CodeableConcept, Coding, FhirResource, Quantity, Reference } from 'fhir/r4';
import type { Random } from './random.ts';

export const LOINC = 'http://loinc.org';
export const SNOMED = 'http://snomed.info/sct';
export const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const UCUM = 'http://unitsofmeasure.org';
const HL7 = 'http://terminology.hl7.org/CodeSystem';

export const DAY = 86_400_000;
export const HOUR = 3_600_000;
export const YEAR = 365.25 * DAY;

export const coding = (system: string, code: string, display: string): Coding => ({ system, code, display });

export const concept = (system: string, code: string, display: string): CodeableConcept => ({
  coding: [coding(system, code, display)],
  text: display,
});

/** A code of one of HL7's own code systems, such as `observation-category`. */
export const hl7 = (name: string, code: string, display: string): CodeableConcept => ({
  coding: [coding(`${HL7}/${name}`, code, display)],
});

const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

/** A number whose literal keeps its digits: `decimal(4.5, 2)` is written `4.50`. */
export const decimal = (value: number, digits: number): number => rawJson(value.toFixed(digits)) as number;

export const quantity = (value: number, digits: number, unit: string, code = unit): Quantity => ({
  value: decimal(value, digits),
  unit,
  system: UCUM,
  code,
});

/** A moment with an offset, as hospital systems write them. */
export const instant = (time: number): string =>
  new Date(Math.floor(time / 1000) * 1000).toISOString().replace('.000Z', '+00:00');
export const date = (time: number): string => new Date(time).toISOString().slice(0, 10);

export function reference(resource: FhirResource, display?: string): Reference {
  return { reference: `${resource.resourceType}/${resource.id}`, ...(display && { display }) };
}

/** What a patient's parts are made with. */
export interface Making {
  random: Random;
  /** The generator's now, in milliseconds. */
  now: number;
  subject: Reference;
  born: number;
  ageYears: number;
  female: boolean;
  /** Takes a resource into the record and gives it back. */
  add<T extends FhirResource>(resource: T): T;
  newId(): string;
  /** A clinician who wrote or ordered something. */
  clinician(): Reference;
}

/** A time between `from` and `to` years ago, not before birth. */
export function yearsAgo(making: Making, from: number, to: number): number {
  const age = Math.min(from, making.ageYears * 0.95);
  const least = Math.min(to, age);
  return making.now - (least + making.random.next() * (age - least)) * YEAR;
}
