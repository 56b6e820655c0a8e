import type { ObservationItem } from '../../../preload/contract/chart.ts';
import type { TypedVital } from '../../../preload/contract/drafts.ts';
import type { Measured, VitalKind } from '../../../preload/contract/results.ts';
import { t } from '../../words/t.ts';

/** What can be recorded, in the order of a ward's chart. Units are those that main writes. */
export const VITALS: readonly { readonly kind: VitalKind; readonly name: string; readonly unit: string }[] = [
  { kind: 'respiratory-rate', name: t('Respiratory rate'), unit: '/min' },
  { kind: 'oxygen-saturation', name: t('Oxygen saturation'), unit: '%' },
  { kind: 'oxygen-flow', name: t('Oxygen given (0 for air)'), unit: 'L/min' },
  { kind: 'blood-pressure', name: t('Blood pressure'), unit: 'mmHg' },
  { kind: 'heart-rate', name: t('Heart rate'), unit: '/min' },
  { kind: 'body-temperature', name: t('Body temperature'), unit: '°C' },
  { kind: 'body-weight', name: t('Body weight'), unit: 'kg' },
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
