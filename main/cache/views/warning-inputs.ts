import type { InputProblem, WarningInput } from '../../../preload/contract/results.ts';
import { codings, field, items, maskWord } from '../json.ts';
import type { Units } from '../units.ts';
import { valueMask } from './observations.ts';
import { quantityOf } from './quantity.ts';

/*
 * The inputs of NEWS2 as coded observations say them: LOINC and UCUM of the R4 vital signs profile
 * (observation-vitalsigns.html), oxygen as in US Core's pulse oximetry, consciousness, air and the scale of the oxygen
 * saturation as in the NHS's NEWS2 profiles (SNOMED CT, UK edition).
 */

const LOINC = 'http://loinc.org';
const SNOMED = 'http://snomed.info/sct';

const ROOM_AIR = '722742002';
const ON_OXYGEN = '371825009';
const NO = '373067005';
const YES = '373066001';
/** The score that was given tells the scale that was meant. */
export const SCALE_2 = '1104321000000108';
const SCALE_1 = '1104311000000102';
const ACVPU = '1104441000000107';
const FLOW = '3151-8';
const CONCENTRATION = '3150-6';
/** Says nothing of how it was measured: blood gases have it too, and are no vital sign. */
export const ANY_SATURATION = '2708-6';

/** Codes of observations that may hold an input, as the cache has them (`observationCode`). */
export const INPUT_CODES: Readonly<Record<WarningInput, readonly string[]>> = {
  respiration: loinc('9279-1'),
  'oxygen-saturation': loinc('59408-5', ANY_SATURATION),
  'supplemental-oxygen': [...loinc(FLOW, CONCENTRATION, '59408-5', ANY_SATURATION), ...snomed(ROOM_AIR, ON_OXYGEN)],
  systolic: loinc('8480-6', '85354-9', '55284-4'),
  pulse: loinc('8867-4'),
  consciousness: snomed(ACVPU),
  temperature: loinc('8310-5', '8331-1'),
};
export const SCALE_CODES = snomed(SCALE_1, SCALE_2);

function loinc(...codes: string[]): string[] {
  return codes.map((code) => `${LOINC}|${code}`);
}

function snomed(...codes: string[]): string[] {
  return codes.map((code) => `${SNOMED}|${code}`);
}

/** What an observation says of an input: a number in the chart's unit, or whether it is so, and as it is shown. */
export type Reading = { readonly shown: string | null; readonly original: string | null } & (
  | { readonly problem: null; readonly value: number | boolean }
  | { readonly problem: InputProblem; readonly value: null }
);

/** Units of the chart, as UCUM and as they are shown. */
export const INPUT_UNITS: Readonly<Partial<Record<WarningInput, { readonly ucum: string; readonly shown: string }>>> = {
  respiration: { ucum: '/min', shown: '/min' },
  'oxygen-saturation': { ucum: '%', shown: '%' },
  systolic: { ucum: 'mm[Hg]', shown: 'mmHg' },
  pulse: { ucum: '/min', shown: '/min' },
  temperature: { ucum: 'Cel', shown: '°C' },
};

const CODES: Readonly<Record<WarningInput, readonly string[]>> = {
  respiration: ['9279-1'],
  'oxygen-saturation': ['59408-5', ANY_SATURATION],
  'supplemental-oxygen': [],
  systolic: ['8480-6'],
  pulse: ['8867-4'],
  consciousness: [],
  temperature: ['8310-5', '8331-1'],
};

/** Null where the observation says nothing of the input. */
export function readingOf(resource: unknown, input: WarningInput, units: Units): Reading | null {
  if (input === 'supplemental-oxygen') return oxygenOf(resource, units);
  if (input === 'consciousness') return consciousnessOf(resource);
  const holder = holderOf(resource, CODES[input]);
  const unit = INPUT_UNITS[input];
  return holder && unit ? numberOf(holder, unit, units) : null;
}

/** The observation itself or its component that has one of some LOINC codes. */
function holderOf(resource: unknown, codes: readonly string[]): unknown {
  return [resource, ...items(resource, 'component')].find((one) =>
    codings(field(one, 'code')).some(({ system, code }) => system === LOINC && codes.includes(code)),
  );
}

/** Names of what is counted, which UCUM puts into braces; nothing else is left out of a unit. */
const COUNTED = /^(?:1|\{(?:beats?|breaths?|resp|respirations?|pulse)\})\/min$/i;

function numberOf(holder: unknown, unit: { readonly ucum: string; readonly shown: string }, units: Units): Reading {
  if (maskWord(holder) ?? valueMask(holder)) return failed('encrypted');
  const quantity = quantityOf(field(holder, 'valueQuantity'));
  if (!quantity) return failed('inexact');
  const original = `${quantity.comparator}${quantity.value} ${quantity.unit ?? ''}`.trim();
  const value = Number(quantity.value);
  if (quantity.comparator !== '' || !Number.isFinite(value)) return failed('inexact', original);
  if (quantity.ucum === null) return failed('unit', original);
  const ucum = COUNTED.test(quantity.ucum) ? '/min' : quantity.ucum;
  if (ucum === unit.ucum) return { problem: null, value, shown: quantity.value, original: null };
  const converted = units.conversion(ucum, unit.ucum)?.(value);
  if (converted === undefined || !Number.isFinite(converted)) return failed('unit', original);
  return { problem: null, value: converted, shown: converted.toFixed(1), original };
}

/** Nothing that is inhaled has less: a part of one, such as 0.4, was written as if it were a percentage. */
const OXYGEN_LEAST = 20;

/** Whether oxygen is given, as a statement, by its flow or by its part of what is inhaled: one that says so is enough. */
function oxygenOf(resource: unknown, units: Units): Reading | null {
  const stated = statedOxygen(resource);
  if (stated) return stated;
  const [flow, part] = [[FLOW], [CONCENTRATION]].map((codes) => holderOf(resource, codes));
  const read: Reading[] = [];
  if (flow !== undefined) read.push(given(numberOf(flow, { ucum: 'L/min', shown: 'L/min' }, units), 0));
  if (part !== undefined) read.push(concentrationOf(part, units));
  return read.find(({ value }) => value === true) ?? read.find(({ problem }) => problem !== null) ?? read[0] ?? null;
}

function concentrationOf(part: unknown, units: Units): Reading {
  const reading = numberOf(part, { ucum: '%', shown: '%' }, units);
  if (reading.problem === null && Number(reading.value) < OXYGEN_LEAST) return failed('inexact', reading.shown);
  // 21 % of the air is oxygen.
  return given(reading, 21);
}

function given(reading: Reading, none: number): Reading {
  if (reading.problem !== null) return reading;
  const isGiven = Number(reading.value) > none;
  return { ...reading, value: isGiven, shown: isGiven ? 'Oxygen' : 'Air' };
}

/** In NHS records the code alone says it; in others it is answered. */
function statedOxygen(resource: unknown): Reading | null {
  const own = snomedOf(field(resource, 'code'));
  const [isAir, isOxygen] = [own.includes(ROOM_AIR), own.includes(ON_OXYGEN)];
  if (!isAir && !isOxygen) return null;
  if (valueMask(resource)) return failed('encrypted');
  const answer = answerOf(resource);
  if (answer === null) return failed('code');
  return { problem: null, value: isOxygen === answer, shown: isOxygen === answer ? 'Oxygen' : 'Air', original: null };
}

/** Yes where there is no answer to the statement, and null where there is one that isn't known. */
function answerOf(resource: unknown): boolean | null {
  const boolean = field(resource, 'valueBoolean');
  if (typeof boolean === 'boolean') return boolean;
  const codes = snomedOf(field(resource, 'valueCodeableConcept'));
  if (codes.includes(YES)) return true;
  if (codes.includes(NO)) return false;
  const isAnswered = Object.keys((resource ?? {}) as object).some((name) => /^(?:value[A-Z]|dataAbsent)/.test(name));
  return isAnswered ? null : true;
}

const LEVELS: Readonly<Record<string, { readonly alert: boolean; readonly words: string }>> = {
  '248234008': { alert: true, words: 'Alert' },
  '130987000': { alert: false, words: 'New confusion' },
  '300202002': { alert: false, words: 'Responds to voice' },
  '450847001': { alert: false, words: 'Responds to pain' },
  '422768004': { alert: false, words: 'Unresponsive' },
};

function consciousnessOf(resource: unknown): Reading | null {
  if (!snomedOf(field(resource, 'code')).includes(ACVPU)) return null;
  if (valueMask(resource)) return failed('encrypted');
  const levels = snomedOf(field(resource, 'valueCodeableConcept')).flatMap((code) =>
    Object.hasOwn(LEVELS, code) ? (LEVELS[code] ?? []) : [],
  );
  const [level, other] = levels;
  if (!level || other) return failed('code');
  return { problem: null, value: level.alert, shown: level.words, original: null };
}

export function snomedOf(concept: unknown): string[] {
  return codings(concept).flatMap(({ system, code }) => (system === SNOMED ? code : []));
}

function failed(problem: InputProblem, shown: string | null = null): Reading {
  return { problem, value: null, shown, original: null };
}
