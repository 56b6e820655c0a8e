import { LosslessNumber } from 'lossless-json';
import type { NewMedication } from '../../preload/contract/clinical.ts';
import { phrase, placeholder } from '../../preload/contract/placeholders.ts';
import { oftenWords, plainNumber, unitText } from '../cache/views/safe-doses.ts';
import {
  type Base,
  baseOf,
  type Changed,
  conceptOf,
  dayOf,
  during,
  failed,
  noted,
  patientOf,
  written,
} from './change.ts';
import { routeOf } from './codes.ts';
import { conceptWords, instantOf, type JsonObject, objectOf, textOf, type Writing, type Written } from './resource.ts';

const UCUM = 'http://unitsofmeasure.org';
/** Units that are written as UCUM writes them. */
const UCUM_UNITS: ReadonlySet<string> = new Set(['g', 'mg', 'ug', 'ng', 'mL', 'L', 'mmol']);

/** What a patient takes, from whomever (R4 medicationstatement.html). */
export function newMedication(given: NewMedication, writing: Writing): Written {
  const { drug, status, since, note } = given;
  const resource = {
    resourceType: 'MedicationStatement',
    id: writing.id,
    status,
    medicationCodeableConcept: conceptOf(drug),
    subject: patientOf(writing),
    ...during(writing, 'context'),
    ...(since && { effectivePeriod: { start: since } }),
    dateAsserted: instantOf(writing),
    ...noted(note, writing),
    ...dosage(given),
  };
  const how = dosageWords(given);
  return written(resource, how === '' ? drug.text : `${drug.text} ${how}`).value;
}

function dosage(given: NewMedication): JsonObject {
  const { dose, route, frequency, asNeeded } = given;
  const text = dosageWords(given);
  if (text === '') return {};
  const one = {
    text,
    ...(frequency && { timing: { repeat: repeatOf(frequency) } }),
    asNeededBoolean: asNeeded,
    ...(route && { route: routeOf(route) }),
    ...(dose && { doseAndRate: [{ doseQuantity: quantityOf(dose) }] }),
  };
  return { dosage: [one] };
}

function repeatOf({ times, period, unit }: NonNullable<NewMedication['frequency']>): JsonObject {
  return {
    frequency: new LosslessNumber(String(times)),
    period: new LosslessNumber(String(period)),
    periodUnit: unit,
  };
}

function quantityOf({ value, unit }: NonNullable<NewMedication['dose']>): JsonObject {
  const coded = UCUM_UNITS.has(unit) ? { system: UCUM, code: unit } : {};
  return { value: new LosslessNumber(plainNumber(value)), unit, ...coded };
}

const UNITS = { h: 'hour', d: 'day', wk: 'week', mo: 'month' } as const;

/** The whole dosage in one line, for who can't read the parts, as `phrase` says it. */
export function dosageWords({ dose, route, frequency, asNeeded, instruction }: NewMedication): string {
  const parts = [
    dose && doseWords(dose),
    route,
    frequency && frequencyWords(frequency),
    asNeeded ? phrase('as-needed') : null,
    instruction,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

/** As every line of medication spells it: whoever reads `0.50 mg` or `5 ug` may give a hundred or a thousand times that. */
function doseWords({ value, unit }: NonNullable<NewMedication['dose']>): string {
  const number = plainNumber(value);
  return `${number} ${unitText(unit, number) ?? unit}`;
}

function frequencyWords({ times, period, unit }: NonNullable<NewMedication['frequency']>): string {
  return oftenWords({ frequency: String(times), period: String(period), unit: UNITS[unit] });
}

/** A medication that is not taken any more. */
export function stoppedMedication(base: Base & { reason: string; end: string | null }, writing: Writing): Changed {
  const found = baseOf('MedicationStatement', base, writing);
  if (!found.ok) return found;
  const { effectiveDateTime, _effectiveDateTime, ...before } = found.value;
  if (!['active', 'intended', 'on-hold'].includes(textOf(before['status']) ?? '')) return failed('not-changeable');
  const since = textOf(effectiveDateTime);
  const end = base.end ?? dayOf(writing);
  const period = { ...(since && { start: since }), ...objectOf(before['effectivePeriod']), end };
  const resource = {
    ...before,
    status: 'stopped',
    statusReason: [{ text: base.reason }],
    effectivePeriod: period,
  };
  return written(
    resource,
    phrase('stopped', conceptWords(before['medicationCodeableConcept']) ?? placeholder('medicine')),
  );
}
