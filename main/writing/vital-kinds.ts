import type { VitalKind } from '../../preload/contract/results.ts';

/** A number that can be measured of a living patient; what is outside is a slip of the finger. */
export interface Measure {
  readonly code: string;
  readonly display: string;
  readonly unit: string;
  readonly ucum: string;
  readonly low: number;
  readonly high: number;
}

/** LOINC codes and UCUM units of the R4 vital signs profile (observation-vitalsigns.html). */
export const SIGNS: Readonly<Record<Exclude<VitalKind, 'blood-pressure'>, Measure>> = {
  'heart-rate': { code: '8867-4', display: 'Heart rate', unit: '/min', ucum: '/min', low: 0, high: 350 },
  'respiratory-rate': { code: '9279-1', display: 'Respiratory rate', unit: '/min', ucum: '/min', low: 0, high: 120 },
  'body-temperature': { code: '8310-5', display: 'Body temperature', unit: '°C', ucum: 'Cel', low: 20, high: 46 },
  'oxygen-saturation': { code: '59408-5', display: 'Oxygen saturation', unit: '%', ucum: '%', low: 20, high: 100 },
  // None is air: an early warning score needs to know.
  'oxygen-flow': {
    code: '3151-8',
    display: 'Inhaled oxygen flow rate',
    unit: 'L/min',
    ucum: 'L/min',
    low: 0,
    high: 80,
  },
  'body-weight': { code: '29463-7', display: 'Body weight', unit: 'kg', ucum: 'kg', low: 0.2, high: 650 },
};

export const PRESSURE = { code: '85354-9', display: 'Blood pressure' } as const;
export const SYSTOLIC: Measure = {
  code: '8480-6',
  display: 'Systolic blood pressure',
  unit: 'mmHg',
  ucum: 'mm[Hg]',
  low: 20,
  high: 320,
};
export const DIASTOLIC: Measure = {
  ...SYSTOLIC,
  code: '8462-4',
  display: 'Diastolic blood pressure',
  low: 5,
  high: 220,
};

/** Other codes that servers use for the same measurement, with the same limits. */
const SYNONYMS: Readonly<Record<string, Measure>> = {
  '2708-6': SIGNS['oxygen-saturation'],
  '3141-9': SIGNS['body-weight'],
  '8331-1': SIGNS['body-temperature'],
};

const measures = new Map([...Object.values(SIGNS), SYSTOLIC, DIASTOLIC].map((measure) => [measure.code, measure]));

/** What is known of a LOINC code, or undefined. */
export function measureOf(code: string): Measure | undefined {
  return measures.get(code) ?? (Object.hasOwn(SYNONYMS, code) ? SYNONYMS[code] : undefined);
}

/** True where a typed decimal is within the limits, both included. */
export function isPlausible({ low, high }: Measure, value: string): boolean {
  const number = Number(value);
  return number >= low && number <= high;
}
