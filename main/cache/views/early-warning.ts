import type { Unsent } from '../../../preload/contract/chart.ts';
import {
  type EarlyWarning,
  type WarningInput,
  type WarningValue,
  warningInput,
} from '../../../preload/contract/results.ts';
import { interval } from '../dates.ts';
import { field } from '../json.ts';
import type { Units } from '../units.ts';
import { aggregate, scoresOf, type Vitals } from './news2.ts';
import { effectiveText } from './observations.ts';
import { INPUT_UNITS, type Reading, readingOf, SCALE_2, snomedOf } from './warning-inputs.ts';

const HOUR = 3_600_000;
/** What was measured further apart is not one set of observations. */
const SET_HOURS = 1;
/** The longest interval between sets that the publication knows, for a score of 0 (chart 4). */
const AGE_HOURS = 12;
/** Clocks of monitors and of this workstation differ. */
const AHEAD = 10 * 60_000;
/** A time that is less exact than this doesn't say what belongs together. */
const EXACT = HOUR;
const ADULT = 16;

/** An observation that may hold inputs. None of them was entered in error or withdrawn. */
export interface Candidate {
  readonly resource: unknown;
  readonly unsent: Unsent;
}

export interface WarningSources {
  /** For each input in any order; several where their codes differ. */
  readonly candidates: Readonly<Record<WarningInput, readonly Candidate[]>>;
  /** Scores by scale 1 or 2 that somebody has recorded. */
  readonly scales: readonly Candidate[];
  readonly birthDate: string | null;
  /** A record that may be seen says so, and isn't too old to be true. */
  readonly pregnant: boolean;
  readonly now: number;
}

type Warning = Omit<EarlyWarning, 'state' | 'asOf' | 'deletionsUnknown' | 'withheld'>;

interface Found extends Pick<WarningValue, 'time' | 'unsent'> {
  readonly input: WarningInput;
  readonly reading: Reading;
  /** Milliseconds; null where the time says too little. */
  readonly at: number | null;
}

/** NEWS2 of the newest set of observations; not computed where any input of it is missing or not to be relied on. */
export function earlyWarning({ candidates, scales, birthDate, pregnant, now }: WarningSources, units: Units): Warning {
  const found = warningInput.options.map((input) => newest(input, candidates[input], units));
  const anchor = Math.max(...found.map((one) => usable(one, now) ?? Number.NEGATIVE_INFINITY));
  const inputs = found.map((one, index) => toldOf(warningInput.options[index] as WarningInput, one, { anchor, now }));
  const { scale, scaleTime } = scaleOf(scales);
  const notFor = unsuited(birthDate, now) ?? (pregnant ? 'pregnant' : null);
  const isWhole = notFor === null && inputs.every(({ problem }) => problem === null);
  const scores = isWhole ? scoresOf(vitalsOf(found), scale) : null;
  const told = scores ? aggregate(scores) : { total: null, risk: null };
  return {
    inputs: inputs.map((one) => ({ ...one, score: scores?.[one.input] ?? null })),
    scale,
    scaleTime,
    ...told,
    notFor,
    validUntil: scores ? new Date(anchor + AGE_HOURS * HOUR).toISOString() : null,
    setHours: SET_HOURS,
    ageHours: AGE_HOURS,
  };
}

/** What is believed where two records of the same moment contradict each other: oxygen is given, not alert. */
const GRAVER: Readonly<Partial<Record<WarningInput, boolean>>> = { 'supplemental-oxygen': true, consciousness: false };

/** The newest observation of an input, whatever is wrong with it: an older one must not stand in for it. */
function newest(input: WarningInput, candidates: readonly Candidate[], units: Units): Found | null {
  let best: Found | null = null;
  for (const { resource, unsent } of candidates) {
    const reading = readingOf(resource, input, units);
    if (!reading) continue;
    const time = effectiveText(resource);
    const span = interval(time);
    const at = span && span.end - span.start < EXACT ? span.start : null;
    const found = { input, reading, time, at, unsent };
    const order = best ? startOf(found) - startOf(best) : 1;
    if (order > 0 || (startOf(found) === (best && startOf(best)) && reading.value === GRAVER[input])) best = found;
  }
  return best;
}

function startOf({ time }: Found): number {
  return interval(time)?.start ?? Number.NEGATIVE_INFINITY;
}

function usable(found: Found | null, now: number): number | null {
  return found?.at != null && found.at <= now + AHEAD ? found.at : null;
}

interface Bounds {
  readonly anchor: number;
  readonly now: number;
}

function toldOf(input: WarningInput, found: Found | null, bounds: Bounds): Omit<WarningValue, 'score'> {
  const unit = INPUT_UNITS[input]?.shown ?? null;
  if (!found) return { input, problem: 'missing', value: null, unit, original: null, time: null, unsent: null };
  const { reading, time, unsent } = found;
  const { shown: value, original } = reading;
  const isOwnUnit = reading.problem === null;
  const problem = reading.problem ?? timeProblem(found, bounds);
  return { input, problem, value, unit: isOwnUnit ? unit : null, original, time, unsent };
}

function timeProblem({ at }: Found, { anchor, now }: Bounds): WarningValue['problem'] {
  if (at === null) return 'no-time';
  if (at > now + AHEAD) return 'ahead';
  if (at < anchor - SET_HOURS * HOUR) return 'apart';
  return anchor < now - AGE_HOURS * HOUR ? 'old' : null;
}

/** Only of readings without a problem. */
function vitalsOf(found: readonly (Found | null)[]): Vitals {
  return Object.fromEntries(found.map((one) => [one?.input, one?.reading.value])) as unknown as Vitals;
}

/** Scale 2 only where the newest record of a scale says so. */
function scaleOf(scales: readonly Candidate[]): Pick<Warning, 'scale' | 'scaleTime'> {
  let [best, latest] = [null as unknown, Number.NEGATIVE_INFINITY];
  for (const { resource } of scales) {
    const start = interval(effectiveText(resource))?.start;
    if (start === undefined || start <= latest) continue;
    [best, latest] = [resource, start];
  }
  const isTwo = snomedOf(field(best, 'code')).includes(SCALE_2);
  return isTwo ? { scale: 2, scaleTime: effectiveText(best) } : { scale: 1, scaleTime: null };
}

/** The publication is about those of 16 years and older who aren't pregnant. */
function unsuited(birthDate: string | null, now: number): Warning['notFor'] {
  const born = interval(birthDate);
  if (!born) return 'age-unknown';
  const birthday = new Date(born.end);
  birthday.setUTCFullYear(birthday.getUTCFullYear() + ADULT);
  return birthday.getTime() > now ? 'under-16' : null;
}
