import type { ObservationItem } from '../../../preload/contract/chart.ts';
import type { TypedVital } from '../../../preload/contract/drafts.ts';
import type { Measured, VitalKind } from '../../../preload/contract/results.ts';
import { t } from '../../words/t.ts';

export type Range = readonly [low: number, high: number];
export interface Vital {
  readonly kind: VitalKind;
  readonly name: string;
  readonly unit: string;
  readonly range: Range;
  /** Of a blood pressure, whose `range` is that of the systolic one. */
  readonly diastolic?: Range;
}

/** What can be recorded, in the order of a ward's chart. Units and limits are those of main. */
export const VITALS: readonly Vital[] = [
  { kind: 'respiratory-rate', name: t('Respiratory rate'), unit: '/min', range: [0, 120] },
  { kind: 'oxygen-saturation', name: t('Oxygen saturation'), unit: '%', range: [20, 100] },
  { kind: 'oxygen-flow', name: t('Oxygen given (0 for air)'), unit: 'L/min', range: [0, 80] },
  { kind: 'blood-pressure', name: t('Blood pressure'), unit: 'mmHg', range: [20, 320], diastolic: [5, 220] },
  { kind: 'heart-rate', name: t('Heart rate'), unit: '/min', range: [0, 350] },
  { kind: 'body-temperature', name: t('Body temperature'), unit: '°C', range: [20, 46] },
  { kind: 'body-weight', name: t('Body weight'), unit: 'kg', range: [0.2, 650] },
];

/** The contract's `NUMBER_MAX`: its file would bring the schemas into the page. */
export const NUMBER_LONGEST = 20;

/** What stands in the fields, a number or none yet. `diastolic` is null where there is no such field. */
export type Typed = Pick<TypedVital, 'value' | 'diastolic'>;

const DECIMAL = /^-?(0|[1-9]\d{0,8})(\.\d{1,6})?$/;
const PRESSURE = /^(\d+)\/(\d+)$/;

/** What somebody typed as a number, its digits kept: a comma is a point, a bare `.5` is `0.5`. Null where it is none. */
export function typedDecimal(typed: string): string | null {
  const plain = typed.trim().replace(',', '.').replace(/^\./, '0.');
  return DECIMAL.test(plain) ? plain : null;
}

/** The numbers of what was typed, or null where one is missing or is none. */
export function typedMeasure(value: string, diastolic: string | null): Measured | null {
  const first = typedDecimal(value);
  const second = diastolic === null ? null : typedDecimal(diastolic);
  if (first === null || (diastolic !== null && second === null)) return null;
  return { value: first, diastolic: second };
}

/** Why numbers can't have been measured of a patient, as main would say it; null where they can. */
export function rangeFault({ unit, range, diastolic }: Vital, measured: Measured): string | null {
  const isWithin = (value: string, [low, high]: Range) => Number(value) >= low && Number(value) <= high;
  if (!diastolic) {
    return isWithin(measured.value, range)
      ? null
      : t('Plausible is {range} to {range2} {unit}: check the number.', { range: range[0], range2: range[1], unit });
  }
  const lower = measured.diastolic ?? '';
  if (!isWithin(measured.value, range) || !isWithin(lower, diastolic)) {
    return t('Plausible is {range} to {range2} over {diastolic} to {diastolic2} {unit}: check the numbers.', {
      range: range[0],
      range2: range[1],
      diastolic: diastolic[0],
      diastolic2: diastolic[1],
      unit,
    });
  }
  return Number(lower) < Number(measured.value) ? null : t('The diastolic pressure is below the systolic one.');
}

/** The numbers of a value as it is shown: one, or two of a blood pressure. */
export function shownMeasure(value: string): Typed | null {
  const pressure = PRESSURE.exec(value);
  if (pressure?.[1] && pressure[2]) return { value: pressure[1], diastolic: pressure[2] };
  return DECIMAL.test(value) ? { value, diastolic: null } : null;
}

/** True where a correction has a number to change; main decides whether it may be changed. */
export function isCorrectable({ value, status }: Pick<ObservationItem, 'value' | 'status'>): boolean {
  return shownMeasure(value) !== null && !['entered-in-error', 'cancelled', 'registered'].includes(status);
}

/** Why a draft of a correction can't be gone on with as the value is now; null where it can. */
export function draftObstacle(item: ObservationItem | null, draft: TypedVital): string | null {
  if (!item) return t('The value that was to be corrected is not among the newest any more.');
  if (!isCorrectable(item)) return t('The value can’t be corrected as it is now.');
  const isTwo = shownMeasure(item.value)?.diastolic !== null;
  // A number is never taken over into another unit.
  const isSame = draft.unit === (item.unit ?? '') && isTwo === (draft.diastolic !== null);
  return isSame ? null : t('The value is in another unit by now.');
}
