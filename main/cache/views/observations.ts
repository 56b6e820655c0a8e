import type { Flag, ObservationItem, Unsent } from '../../../preload/contract/chart.ts';
import { phrase, placeholder } from '../../../preload/contract/placeholders.ts';
import { dateText } from '../dates.ts';
import { observationCode } from '../ingest/facts.ts';
import {
  bound,
  codings,
  conceptText,
  digits,
  encryptedPaths,
  field,
  items,
  maskedMember,
  maskWord,
  text,
  versionIdOf,
} from '../json.ts';
import { flagOf, gravest, rangesText } from './flags.ts';
import { quantityOf, quantityText, rangeText } from './quantity.ts';

const SYSTOLIC = '8480-6';
const DIASTOLIC = '8462-4';

interface Shown {
  readonly value: string;
  readonly unit: string | null;
  readonly flag: Flag | null;
}

/** One value as the chart shows it. The resource was read by `parseExact`. */
export function observationView(resource: unknown, unsent: Unsent = null): ObservationItem {
  const { value, unit, flag } = shownValue(resource);
  const range = rangesText(resource);
  return {
    id: text(resource, 'id') ?? '',
    code: observationCode(resource),
    name: observationName(resource),
    value: bound(value),
    unit,
    flag,
    range: range && bound(range),
    effective: effectiveText(resource),
    status: text(resource, 'status') ?? 'unknown',
    versionId: versionIdOf(resource),
    encrypted: encryptedPaths(resource),
    unsent,
  };
}

/** The value with its unit, as one text. */
export function valueWithUnit(resource: unknown): string {
  const { value, unit } = shownValue(resource);
  return bound(unit ? `${value} ${unit}` : value);
}

/** What an observation or a component is of. */
export function observationName(resource: unknown): string {
  return conceptText(field(resource, 'code')) ?? placeholder('observation');
}

/** When a value was true: the time of the measurement, else of the report. */
export function effectiveText(resource: unknown): string | null {
  return (
    dateText(field(resource, 'effectiveDateTime')) ??
    dateText(field(resource, 'effectivePeriod', 'start')) ??
    dateText(field(resource, 'effectiveInstant')) ??
    dateText(items(resource, 'effectiveTiming', 'event')[0]) ??
    dateText(field(resource, 'issued'))
  );
}

function shownValue(resource: unknown): Shown {
  const quantity = quantityOf(field(resource, 'valueQuantity'));
  const own = flagOf(resource, quantity);
  const masked = valueMask(resource);
  if (masked) return { value: masked, unit: null, flag: own };
  if (quantity) return { value: `${quantity.comparator}${quantity.value}`, unit: quantity.unit, flag: own };
  const simple = simpleValue(resource);
  if (simple !== undefined) return { value: simple, unit: null, flag: own };
  const components = items(resource, 'component');
  if (components.length > 0) return { ...componentsValue(components), flag: own ?? componentsFlag(components) };
  return { value: absentReason(resource) ?? phrase('no-value'), unit: null, flag: own };
}

/** `120/80` where it is a blood pressure in one unit, else each component with its name. */
function componentsValue(components: readonly unknown[]): Omit<Shown, 'flag'> {
  const [systolic, diastolic] = [componentOf(components, SYSTOLIC), componentOf(components, DIASTOLIC)];
  if (components.length === 2 && systolic && diastolic && systolic.unitKey === diastolic.unitKey) {
    const [upper, lower] = [systolic, diastolic].map(({ comparator, value }) => `${comparator}${value}`);
    return { value: `${upper}/${lower}`, unit: systolic.unit };
  }
  const texts = components.map((component) => {
    const own = quantityText(field(component, 'valueQuantity')) ?? simpleValue(component) ?? absentReason(component);
    const value = maskWord(component) ?? valueMask(component) ?? own;
    return `${observationName(component)}: ${value ?? phrase('no-value')}`;
  });
  return { value: texts.slice(0, 50).join('; '), unit: null };
}

function componentsFlag(components: readonly unknown[]): Flag | null {
  return gravest(components.map((component) => flagOf(component, quantityOf(field(component, 'valueQuantity')))));
}

function componentOf(components: readonly unknown[], code: string) {
  const component = components.find((one) => codings(field(one, 'code')).some((coding) => coding.code === code));
  return quantityOf(field(component, 'valueQuantity'));
}

/** The word for a value of any type that is there and masked. */
export function valueMask(holder: unknown): string | undefined {
  for (const member of Object.keys((holder ?? {}) as object)) {
    // Asked of each of thousands of values: most members are told apart by how they begin.
    const name = member.startsWith('_') ? member.slice(1) : member;
    if (!name.startsWith('value') || !/^value[A-Z]/.test(name)) continue;
    const word = maskWord(maskedMember(holder, name));
    if (word !== undefined) return word;
  }
  return undefined;
}

/** Every kind of value but a Quantity (R4 observation.html, `value[x]`). */
function simpleValue(resource: unknown): string | undefined {
  const boolean = field(resource, 'valueBoolean');
  if (typeof boolean === 'boolean') return phrase(boolean ? 'yes' : 'no');
  if (field(resource, 'valueSampledData') !== undefined) return phrase('waveform');
  const period = field(resource, 'valuePeriod');
  return (
    conceptText(field(resource, 'valueCodeableConcept')) ??
    text(resource, 'valueString') ??
    digits(resource, 'valueInteger') ??
    rangeText(field(resource, 'valueRange')) ??
    ratioText(field(resource, 'valueRatio')) ??
    text(resource, 'valueDateTime') ??
    text(resource, 'valueTime') ??
    (period === undefined ? undefined : `${text(period, 'start') ?? '…'} – ${text(period, 'end') ?? '…'}`)
  );
}

function ratioText(ratio: unknown): string | undefined {
  const numerator = quantityText(field(ratio, 'numerator'));
  const denominator = quantityText(field(ratio, 'denominator'));
  if (numerator === undefined || denominator === undefined) return numerator ?? denominator;
  // A titre is written 1:128, an amount by an amount 5 mg / 2 mL.
  const plain = /^[^ ]+$/.test(numerator) && /^[^ ]+$/.test(denominator);
  return plain ? `${numerator}:${denominator}` : `${numerator} / ${denominator}`;
}

function absentReason(resource: unknown): string | undefined {
  const reason = field(resource, 'dataAbsentReason');
  return reason === undefined ? undefined : phrase('not-available', conceptText(reason) ?? phrase('no-reason'));
}
