import type { EarlyWarning, WarningInput, WarningValue } from '../../../preload/contract/results.ts';
import { formatWhen } from '../../parts/dates.ts';

/** Each parameter, as a row's name and within a sentence. */
export const INPUT_NAMES: Readonly<Record<WarningInput, { readonly title: string; readonly inText: string }>> = {
  respiration: { title: 'Respiration rate', inText: 'respiration rate' },
  'oxygen-saturation': { title: 'Oxygen saturation', inText: 'oxygen saturation' },
  'supplemental-oxygen': { title: 'Air or oxygen', inText: 'record of air or oxygen' },
  systolic: { title: 'Systolic blood pressure', inText: 'systolic blood pressure' },
  pulse: { title: 'Pulse', inText: 'pulse' },
  consciousness: { title: 'Consciousness', inText: 'record of consciousness' },
  temperature: { title: 'Temperature', inText: 'temperature' },
};

/** Thresholds of the publication (chart 2), in words: colour only repeats them. */
export const RISKS = {
  low: { words: 'Low risk', tone: 'none' },
  'low-medium': { words: 'Low to medium risk', tone: 'warn' },
  medium: { words: 'Medium risk', tone: 'warn' },
  high: { words: 'High risk', tone: 'danger' },
} as const;

/** The parameters that have a score of 3. */
export function threes({ inputs }: EarlyWarning): readonly WarningInput[] {
  return inputs.filter(({ score }) => score === 3).map(({ input }) => input);
}

/** True once the set is too old: what was computed before is not shown any longer. */
export function isOver({ validUntil }: EarlyWarning, now: Date): boolean {
  return validUntil !== null && Date.parse(validUntil) < now.getTime();
}

/** Time of the newest input, or null. */
export function newestTime({ inputs }: EarlyWarning): string | null {
  const times = inputs.flatMap(({ time }) => time ?? []);
  return times.toSorted((a, b) => Date.parse(b) - Date.parse(a))[0] ?? null;
}

/** Why there is no score; null where there is one. */
export function whyNot(warning: EarlyWarning, now: Date): string | null {
  const { inputs, notFor, ageHours } = warning;
  if (notFor === 'under-16') return 'NEWS2 is for patients of 16 years and older.';
  if (notFor === 'age-unknown')
    return 'The date of birth is not known, and NEWS2 is for patients of 16 years and older.';
  if (warning.state === 'not-fetched') return 'Observations are not available offline.';
  const newest = newestTime(warning);
  if (newest === null && inputs.every(({ problem }) => problem === 'missing'))
    return 'None of its observations is recorded.';
  if (newest !== null && (isOver(warning, now) || inputs.some(({ problem }) => problem === 'old'))) {
    return `The newest observations are of ${formatWhen(newest, now)}, more than ${ageHours} hours ago.`;
  }
  const reasons = inputs.flatMap((one) => reasonOf(one, now) ?? []);
  return reasons.length === 0 ? null : `${capital(reasons.join('; '))}.`;
}

function reasonOf({ input, problem, time }: WarningValue, now: Date): string | null {
  const { title, inText } = INPUT_NAMES[input];
  const name = title.toLowerCase();
  switch (problem) {
    case null:
      return null;
    case 'missing':
      return `no ${inText}`;
    case 'apart':
      return `no ${inText} since ${time === null ? 'long' : formatWhen(time, now)}`;
    case 'encrypted':
      return `${name} is encrypted or masked`;
    case 'unit':
      return `${name} is in a unit that can’t be converted exactly`;
    case 'code':
      return `${name} is recorded in a way that is not known here`;
    case 'inexact':
      return `${name} is no exact number`;
    case 'no-time':
      return `${name} has no time of day`;
    case 'ahead':
      return `${name} has a time that is yet to come`;
    case 'old':
      return `${name} is too old`;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What is wrong with one input, for its own row. */
export function problemWords(value: WarningValue, warning: EarlyWarning, now: Date): string | null {
  if (value.problem === 'missing') return 'Not recorded';
  if (value.problem === 'apart') return `More than ${warning.setHours} h before the newest`;
  if (value.problem === 'old') return `More than ${warning.ageHours} h old`;
  const reason = reasonOf(value, now);
  return reason && capital(reason);
}

/** Which scale the oxygen saturation was scored on, and why. */
export function scaleWords({ scale, scaleTime }: EarlyWarning, now: Date): string {
  if (scale === 1 || scaleTime === null) return 'SpO₂ scale 1, as no record asks for scale 2 (target 88–92 %).';
  return `SpO₂ scale 2 (target 88–92 %), as recorded ${formatWhen(scaleTime, now)}.`;
}
