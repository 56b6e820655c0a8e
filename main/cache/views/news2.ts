import type { EarlyWarning } from '../../../preload/contract/results.ts';

/*
 * The National Early Warning Score 2: Royal College of Physicians, "National Early Warning Score (NEWS) 2: Standardising
 * the assessment of acute-illness severity in the NHS", London 2017, chart 1 (the scoring system) and chart 2 (thresholds
 * and triggers).
 */

export type Score = 0 | 1 | 2 | 3;
type Risk = NonNullable<EarlyWarning['risk']>;

/** From this number on the score is that, until the next one. */
type Bands = readonly (readonly [from: number, score: Score])[];

const LEAST = Number.NEGATIVE_INFINITY;

const RESPIRATION: Bands = [
  [LEAST, 3],
  [9, 1],
  [12, 0],
  [21, 2],
  [25, 3],
];
const SATURATION_1: Bands = [
  [LEAST, 3],
  [92, 2],
  [94, 1],
  [96, 0],
];
const SATURATION_2_AIR: Bands = [
  [LEAST, 3],
  [84, 2],
  [86, 1],
  [88, 0],
];
/** What is above the target counts only where oxygen is given. */
const SATURATION_2_OXYGEN: Bands = [...SATURATION_2_AIR, [93, 1], [95, 2], [97, 3]];
const SYSTOLIC: Bands = [
  [LEAST, 3],
  [91, 2],
  [101, 1],
  [111, 0],
  [220, 3],
];
const PULSE: Bands = [
  [LEAST, 3],
  [41, 1],
  [51, 0],
  [91, 1],
  [111, 2],
  [131, 3],
];
const TEMPERATURE: Bands = [
  [LEAST, 3],
  [35.1, 1],
  [36.1, 0],
  [38.1, 1],
  [39.1, 2],
];

/** One set of observations, in the units of the publication: per minute, %, mmHg, °C. */
export interface Vitals {
  readonly respiration: number;
  readonly 'oxygen-saturation': number;
  readonly 'supplemental-oxygen': boolean;
  readonly systolic: number;
  readonly pulse: number;
  /** Alert; false for new confusion, and for what responds to voice or pain only, or not at all. */
  readonly consciousness: boolean;
  readonly temperature: number;
}

export type Scores = { readonly [Kind in keyof Vitals]: Score };

/** The score of each parameter. `scale` is that of the oxygen saturation. */
export function scoresOf(vitals: Vitals, scale: 1 | 2): Scores {
  const oxygen = vitals['supplemental-oxygen'];
  const saturation = scale === 1 ? SATURATION_1 : oxygen ? SATURATION_2_OXYGEN : SATURATION_2_AIR;
  return {
    respiration: scoreIn(RESPIRATION, vitals.respiration),
    'oxygen-saturation': scoreIn(saturation, vitals['oxygen-saturation']),
    'supplemental-oxygen': oxygen ? 2 : 0,
    systolic: scoreIn(SYSTOLIC, vitals.systolic),
    pulse: scoreIn(PULSE, vitals.pulse),
    consciousness: vitals.consciousness ? 0 : 3,
    temperature: scoreIn(TEMPERATURE, vitals.temperature, 1),
  };
}

/** The aggregate, and the clinical risk: a 3 in one parameter raises what would be a low one. */
export function aggregate(scores: Scores): { readonly total: number; readonly risk: Risk } {
  const all = Object.values(scores);
  const total = all.reduce((sum: number, score) => sum + score, 0);
  if (total >= 7) return { total, risk: 'high' };
  if (total >= 5) return { total, risk: 'medium' };
  return { total, risk: all.includes(3) ? 'low-medium' : 'low' };
}

/** The bands leave nothing out as long as a number is as fine as the chart: whole, or with one decimal. */
function scoreIn(bands: Bands, value: number, decimals = 0): Score {
  const number = roundTo(value, decimals);
  return bands.findLast(([from]) => number >= from)?.[1] ?? 3;
}

function roundTo(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  // A conversion leaves 34.99999 of what is 35: the last digits of a binary fraction are no measurement.
  return Math.round(Number((value * scale).toPrecision(12))) / scale;
}
