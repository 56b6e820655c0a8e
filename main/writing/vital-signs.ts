import { LosslessNumber } from 'lossless-json';
import type { Result } from '../../preload/contract/channel.ts';
import { phrase } from '../../preload/contract/placeholders.ts';
import type { Measured, VitalKind } from '../../preload/contract/results.ts';
import {
  codesIn,
  conceptWords,
  instantOf,
  isAbout,
  isPartial,
  type JsonObject,
  LOINC,
  listOf,
  objectOf,
  parseResource,
  printResource,
  short,
  textOf,
  versionOf,
  type Writing,
  type Written,
  withoutNarrative,
  withWriter,
} from './resource.ts';
import { DIASTOLIC, isPlausible, type Measure, measureOf, PRESSURE, SIGNS, SYSTOLIC } from './vital-kinds.ts';

const UCUM = 'http://unitsofmeasure.org';
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';

/** A vital sign taken now (R4 observation-vitalsigns.html). A blood pressure is one Observation with two components. */
export function newVitalSign(
  { kind, value, diastolic }: Measured & { kind: VitalKind },
  writing: Writing,
): Result<Written, 'out-of-range'> {
  if (kind === 'blood-pressure') return newPressure(value, diastolic, writing);
  const sign = SIGNS[kind];
  if (diastolic !== null || !isPlausible(sign, value)) return failed('out-of-range');
  const resource = observation(sign, { valueQuantity: quantity(sign, value) }, writing);
  return written(resource, `${phrase(kind)} ${value} ${sign.unit}`);
}

function newPressure(systolic: string, diastolic: string | null, writing: Writing): Result<Written, 'out-of-range'> {
  if (!isPressure(systolic, diastolic)) return failed('out-of-range');
  const component = [
    { code: concept(SYSTOLIC), valueQuantity: quantity(SYSTOLIC, systolic) },
    { code: concept(DIASTOLIC), valueQuantity: quantity(DIASTOLIC, diastolic) },
  ];
  return written(observation(PRESSURE, { component }, writing), pressureTitle(systolic, diastolic));
}

type CorrectError = 'not-found' | 'not-correctable' | 'out-of-range' | 'stale';

export interface Correction extends Measured {
  /** The resource as the cache has it. */
  readonly resource: string;
  /** The version that the clinician saw. */
  readonly versionId: string;
}

/**
 * A vital sign with another number and status `corrected` (R4 valueset-observation-status.html); all else stays to the
 * digit, but for the interpretation of the wrong number. A laboratory corrects its results itself.
 */
export function correctedVitalSign(
  { resource: text, versionId, value, diastolic }: Correction,
  writing: Pick<Writing, 'patientId' | 'practitioner' | 'display'>,
): Result<Written, CorrectError> {
  const resource = parseResource(text);
  if (!isAbout(resource, writing.patientId)) return failed('not-found');
  if (versionOf(resource) !== versionId) return failed('stale');
  if (!isCorrectable(resource)) return failed('not-correctable');
  const changed = diastolic === null ? correctedValue(resource, value) : correctedPressure(resource, value, diastolic);
  if (!changed.ok) return changed;
  const { interpretation: _ofTheWrongNumber, ...rest } = withoutNarrative(resource);
  // What was never sent was never wrong for anybody else.
  const status = versionId === '' ? {} : { status: 'corrected' };
  const performer = withWriter(resource['performer'], writing);
  return written({ ...rest, performer, ...changed.value.elements, ...status }, changed.value.title);
}

type Changed = Result<{ elements: JsonObject; title: string }, 'not-correctable' | 'out-of-range'>;

function correctedValue(resource: JsonObject, value: string): Changed {
  const before = objectOf(resource['valueQuantity']);
  if (before['value'] === undefined) return failed('not-correctable');
  const [code = ''] = codesIn(resource['code'], LOINC);
  if (!isPlausibleFor(code, before, value)) return failed('out-of-range');
  const unit = textOf(before['unit']) ?? textOf(before['code']) ?? '';
  const name = conceptWords(resource['code']) ?? measureOf(code)?.display ?? 'Vital sign';
  return changedTo({ valueQuantity: withValue(before, value) }, `${short(name, 120)} ${value} ${unit}`.trim());
}

function correctedPressure(resource: JsonObject, systolic: string, diastolic: string): Changed {
  const components = listOf(resource['component']);
  const [upper, lower] = [SYSTOLIC, DIASTOLIC].map(({ code }) =>
    components.find((one) => codesIn(one['code'], LOINC).includes(code)),
  );
  if (!upper || !lower || ![upper, lower].every(hasValue)) return failed('not-correctable');
  if (!isPressure(systolic, diastolic)) return failed('out-of-range');
  const corrected = (component: JsonObject, value: string) => {
    const { interpretation: _ofTheWrongNumber, ...rest } = component;
    return { ...rest, valueQuantity: withValue(objectOf(component['valueQuantity']), value) };
  };
  const component = components.map((one) =>
    one === upper ? corrected(one, systolic) : one === lower ? corrected(one, diastolic) : one,
  );
  return changedTo({ component }, pressureTitle(systolic, diastolic));
}

function changedTo(elements: JsonObject, title: string): Changed {
  return { ok: true, value: { elements, title } };
}

function isCorrectable(resource: JsonObject): boolean {
  const isVitalSign = listOf(resource['category']).some((one) => codesIn(one, CATEGORY).includes('vital-signs'));
  const isValid = ['preliminary', 'final', 'amended', 'corrected'].includes(textOf(resource['status']) ?? '');
  return isVitalSign && isValid && !isPartial(resource);
}

function hasValue(component: JsonObject): boolean {
  return objectOf(component['valueQuantity'])['value'] !== undefined;
}

/** In another unit than ours the limits are not known, and nothing is refused. */
function isPlausibleFor(code: string, before: JsonObject, value: string): boolean {
  const measure = measureOf(code);
  return !measure || before['code'] !== measure.ucum || isPlausible(measure, value);
}

function isPressure(systolic: string, diastolic: string | null): diastolic is string {
  if (diastolic === null || !isPlausible(SYSTOLIC, systolic) || !isPlausible(DIASTOLIC, diastolic)) return false;
  return Number(diastolic) < Number(systolic);
}

/** The quantity with the digits as typed; a comparator told of the number that was wrong. */
function withValue(before: JsonObject, value: string): JsonObject {
  const { comparator: _ofBefore, ...rest } = before;
  return { ...rest, value: new LosslessNumber(value) };
}

function quantity({ unit, ucum }: Measure, value: string): JsonObject {
  return { value: new LosslessNumber(value), unit, system: UCUM, code: ucum };
}

function concept({ code, display }: Pick<Measure, 'code' | 'display'>): JsonObject {
  return { coding: [{ system: LOINC, code, display }], text: display };
}

function observation(what: Pick<Measure, 'code' | 'display'>, value: JsonObject, writing: Writing): JsonObject {
  const { id, patientId, practitioner, display, encounter } = writing;
  const taken = instantOf(writing);
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    category: [{ coding: [{ system: CATEGORY, code: 'vital-signs', display: 'Vital Signs' }] }],
    code: concept(what),
    subject: { reference: `Patient/${patientId}` },
    ...(encounter !== null && { encounter: { reference: encounter } }),
    effectiveDateTime: taken,
    issued: taken,
    performer: [{ reference: practitioner, display }],
    ...value,
  };
}

function pressureTitle(systolic: string, diastolic: string): string {
  return `${phrase('blood-pressure')} ${systolic}/${diastolic} mmHg`;
}

function written(resource: JsonObject, title: string): Result<Written, never> {
  return { ok: true, value: { body: printResource(resource), title } };
}

function failed<Code extends string>(code: Code): Result<never, Code> {
  return { ok: false, error: { code } };
}
