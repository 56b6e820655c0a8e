import { isDeepStrictEqual } from 'node:util';
import { LosslessNumber } from 'lossless-json';
import type {
  Named,
  NewAllergy,
  NewImmunization,
  NewMedication,
  NewProblem,
  NewSpecimen,
  NewTask,
  NewVisit,
} from '../../preload/contract/clinical.ts';
import * as shapes from '../../preload/contract/clinical.ts';
import { LANGUAGES } from '../../preload/contract/languages.ts';
import { phrasesIn } from '../../preload/contract/phrases.ts';
import { inWords } from '../../preload/contract/placeholders.ts';
import { newAllergy } from './allergies.ts';
import { ALLERGY_VERIFICATION, CONDITION_VERIFICATION, severityIn, siteIn, specimenTypeIn } from './codes.ts';
import { asCorrected } from './corrected.ts';
import { newImmunization } from './immunizations.ts';
import { dosageWords, newMedication } from './medications.ts';
import { newProblem } from './problems.ts';
import {
  codesIn,
  type JsonObject,
  listOf,
  objectOf,
  parseResource,
  textOf,
  type Writing,
  type Written,
} from './resource.ts';
import { newSpecimen } from './specimens.ts';
import { newTask } from './tasks.ts';
import { newVisit } from './visits.ts';
import { worded } from './worded.ts';

/*
 * What was typed into a form of the chart, read back from the record that was made of it. A record of which the form can't
 * say all, as something was done to it since or it has come from elsewhere, is none of the form's.
 */

/** What a form was given, by the kind of form. */
export type Given =
  | { readonly kind: 'allergy'; readonly given: NewAllergy }
  | { readonly kind: 'problem'; readonly given: NewProblem }
  | { readonly kind: 'medication'; readonly given: NewMedication }
  | { readonly kind: 'task'; readonly given: NewTask }
  | { readonly kind: 'immunization'; readonly given: NewImmunization }
  | { readonly kind: 'visit'; readonly given: NewVisit }
  | { readonly kind: 'specimen'; readonly given: NewSpecimen };

/** What was typed for a new record of a patient; null where the form doesn't say all that is in it. */
export function givenIn(body: string, patientId: string): Given | null {
  // When, where and by whom it was made stays as it is, so that nothing of this is in what is compared.
  const writing = { patientId, practitioner: '', display: '', encounter: null, now: 0, offsetMinutes: 0, id: '' };
  const resource = parseResource(body);
  const read = READERS[String(resource['resourceType'])]?.(resource) ?? null;
  return read !== null && saysAll(read, body, writing) ? read : null;
}

const READERS: Readonly<Record<string, (resource: JsonObject) => Given | null>> = {
  AllergyIntolerance: (one) => read(shapes.newAllergy, allergyIn(one), (given) => ({ kind: 'allergy', given })),
  Condition: (one) => read(shapes.newProblem, problemIn(one), (given) => ({ kind: 'problem', given })),
  MedicationStatement: (one) =>
    read(shapes.newMedication, medicationIn(one), (given) => ({ kind: 'medication', given })),
  Task: (one) => read(shapes.newTask, taskIn(one), (given) => ({ kind: 'task', given })),
  Immunization: (one) =>
    read(shapes.newImmunization, immunizationIn(one), (given) => ({ kind: 'immunization', given })),
  Encounter: (one) => read(shapes.newVisit, visitIn(one), (given) => ({ kind: 'visit', given })),
  Specimen: (one) => read(shapes.newSpecimen, specimenIn(one), (given) => ({ kind: 'specimen', given })),
};

interface Shape<Value> {
  safeParse(value: unknown): { readonly success: true; readonly data: Value } | { readonly success: false };
}

function read<Value>(shape: Shape<Value>, typed: object, as: (given: Value) => Given): Given | null {
  const parsed = shape.safeParse(typed);
  return parsed.success ? as(parsed.data) : null;
}

/**
 * Whether the form makes the same record again of what was read, in the language of now or of then: nothing would be lost
 * by going on from that.
 */
function saysAll(given: Given, body: string, writing: Writing): boolean {
  const made = madeOf(given, writing);
  if (made === null) return false;
  const anew = asCorrected(made, body, writing);
  const before = plain(parseResource(body));
  return [anew, ...LANGUAGES.map((one) => worded(anew, one))].some((one) =>
    isDeepStrictEqual(plain(parseResource(one.body)), before),
  );
}

/** A number that isn't looked at: a record keeps its own. */
const KEPT = { system: '', value: '' };

function madeOf({ kind, given }: Given, writing: Writing): Written | null {
  if (kind === 'visit') return given.class && newVisit({ ...given, class: given.class }, KEPT, writing);
  if (kind === 'specimen') {
    const made = newSpecimen(given, KEPT, writing);
    return made.ok ? made.value : null;
  }
  if (kind === 'allergy') return newAllergy(given, writing);
  if (kind === 'problem') return newProblem(given, writing);
  if (kind === 'medication') return newMedication(given, writing);
  return kind === 'task' ? newTask(given, writing) : newImmunization(given, writing);
}

/** Without what the outbox gives a record, and when it was last written. */
function plain({ id: _id, meta: _meta, identifier: _identifier, lastModified: _last, ...rest }: JsonObject): unknown {
  return JSON.parse(
    JSON.stringify(rest, (_name, value: unknown) => (value instanceof LosslessNumber ? Number(value.value) : value)),
  );
}

const NO_KNOWN_ALLERGY = '716186003';

function allergyIn(resource: JsonObject): object {
  // A statement that there is none is no allergy, and isn't made into one.
  const isStatement = listOf(objectOf(resource['code'])['coding']).some(({ code }) => code === NO_KNOWN_ALLERGY);
  return {
    substance: isStatement ? null : namedIn(resource['code']),
    category: Array.isArray(resource['category']) ? resource['category'] : [],
    criticality: textOf(resource['criticality']) ?? null,
    verification: codesIn(resource['verificationStatus'], ALLERGY_VERIFICATION)[0],
    onset: textOf(resource['onsetDateTime']) ?? null,
    reactions: listOf(resource['reaction']).map(({ manifestation, severity }) => ({
      manifestation: namedIn(listOf(manifestation)[0]),
      severity: textOf(severity) ?? null,
    })),
    note: noteIn(resource),
  };
}

function problemIn(resource: JsonObject): object {
  return {
    problem: namedIn(resource['code']),
    verification: codesIn(resource['verificationStatus'], CONDITION_VERIFICATION)[0],
    severity: severityIn(resource['severity']),
    onset: textOf(resource['onsetDateTime']) ?? null,
    note: noteIn(resource),
  };
}

function medicationIn(resource: JsonObject): object {
  const dosage = listOf(resource['dosage'])[0] ?? {};
  const { doseQuantity } = listOf(dosage['doseAndRate'])[0] ?? {};
  const { value, unit } = objectOf(doseQuantity);
  const { frequency, period, periodUnit } = objectOf(objectOf(dosage['timing'])['repeat']);
  const typed = {
    drug: namedIn(resource['medicationCodeableConcept']),
    status: resource['status'],
    dose: doseQuantity === undefined ? null : { value: digitsOf(value), unit },
    route: textOf(objectOf(dosage['route'])['text']) ?? null,
    frequency:
      frequency === undefined ? null : { times: numberOf(frequency), period: numberOf(period), unit: periodUnit },
    asNeeded: dosage['asNeededBoolean'] === true,
    since: textOf(objectOf(resource['effectivePeriod'])['start']) ?? null,
    note: noteIn(resource),
  };
  const rest = { ...typed, instruction: null };
  const coded = shapes.newMedication.safeParse(rest);
  const words = textOf(dosage['text']) ?? '';
  // What the parts don't say stands after them in the line.
  const parts = coded.success ? dosageWords(coded.data) : '';
  const before = [parts, ...LANGUAGES.map((one) => inWords(parts, phrasesIn(one)))].find((one) =>
    words.startsWith(one),
  );
  const instruction = words.slice(before?.length ?? 0).replace(/^, /, '');
  return { ...rest, instruction: instruction === '' ? null : instruction };
}

function visitIn(resource: JsonObject): object {
  const [reason] = listOf(resource['reasonCode']);
  return {
    class: objectOf(resource['class'])['code'],
    reason: textOf(reason?.['text']) ?? null,
    number: { kind: 'kept' },
  };
}

function specimenIn(resource: JsonObject): object {
  const { text, type } = specimenTypeIn(resource['type']);
  return { type, text, collected: null, number: { kind: 'kept' } };
}

function taskIn(resource: JsonObject): object {
  const owner = resource['owner'];
  return {
    title: resource['description'],
    owner: owner === undefined ? null : owner,
    due: textOf(objectOf(objectOf(resource['restriction'])['period'])['end']) ?? null,
    priority: resource['priority'],
    note: noteIn(resource),
  };
}

function immunizationIn(resource: JsonObject): object {
  const isGiven = resource['status'] === 'completed';
  const { doseNumberPositiveInt } = listOf(resource['protocolApplied'])[0] ?? {};
  const { value } = objectOf(resource['doseQuantity']);
  return {
    vaccine: namedIn(resource['vaccineCode']),
    occurrence: textOf(resource['occurrenceDateTime'])?.slice(0, 10),
    notDone: isGiven ? null : objectOf(resource['statusReason'])['text'],
    lot: textOf(resource['lotNumber']) ?? null,
    expiry: textOf(resource['expirationDate']) ?? null,
    site: siteIn(resource['site']),
    route: textOf(objectOf(resource['route'])['text']) ?? null,
    dose: value === undefined ? null : digitsOf(value),
    doseNumber: doseNumberPositiveInt === undefined ? null : numberOf(doseNumberPositiveInt),
    note: noteIn(resource),
  };
}

function namedIn(concept: unknown): Named | null {
  const { text, coding } = objectOf(concept);
  const [first] = listOf(coding);
  const words = textOf(text);
  return words === undefined ? null : { text: words, coding: first ? (first as unknown as Named['coding']) : null };
}

function noteIn({ note }: JsonObject): string | null {
  return textOf(listOf(note)[0]?.['text']) ?? null;
}

function digitsOf(value: unknown): string {
  return value instanceof LosslessNumber ? value.value : '';
}

function numberOf(value: unknown): number {
  return value instanceof LosslessNumber ? Number(value.value) : Number.NaN;
}
