import type { EarlyWarning, WarningInput, WarningValue } from '../../../preload/contract/results.ts';
import { formatWhen } from '../../parts/dates.ts';
import { t } from '../../words/t.ts';

/** Each parameter, as a row's name and within a sentence. */
export const INPUT_NAMES: Readonly<Record<WarningInput, { readonly title: string; readonly inText: string }>> = {
  respiration: { title: t('Respiration rate'), inText: t('respiration rate') },
  'oxygen-saturation': { title: t('Oxygen saturation'), inText: t('oxygen saturation') },
  'supplemental-oxygen': { title: t('Air or oxygen'), inText: t('record of air or oxygen') },
  systolic: { title: t('Systolic blood pressure'), inText: t('systolic blood pressure') },
  pulse: { title: t('Pulse'), inText: t('pulse') },
  consciousness: { title: t('Consciousness'), inText: t('record of consciousness') },
  temperature: { title: t('Temperature'), inText: t('temperature') },
};

/** Thresholds of the publication (chart 2), in words: colour only repeats them. */
export const RISKS = {
  low: { words: t('Low risk'), tone: 'none' },
  'low-medium': { words: t('Low to medium risk'), tone: 'warn' },
  medium: { words: t('Medium risk'), tone: 'warn' },
  high: { words: t('High risk'), tone: 'danger' },
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
  if (notFor === 'under-16') return t('NEWS2 is for patients of 16 years and older.');
  if (notFor === 'age-unknown')
    return t('The date of birth is not known, and NEWS2 is for patients of 16 years and older.');
  if (notFor === 'pregnant') return t('A pregnancy is recorded, and NEWS2 is not for pregnant patients.');
  if (warning.state === 'not-fetched') return t('Observations are not available offline.');
  const newest = newestTime(warning);
  if (newest === null && inputs.every(({ problem }) => problem === 'missing'))
    return t('None of its observations is recorded.');
  if (newest !== null && (isOver(warning, now) || inputs.some(({ problem }) => problem === 'old'))) {
    return t('The newest observations are of {when}, more than {ageHours} hours ago.', {
      when: formatWhen(newest, now),
      ageHours,
    });
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
      return t('no {inText}', { inText });
    case 'apart':
      return t('no {inText} since {time}', { inText, time: time === null ? '?' : formatWhen(time, now) });
    case 'encrypted':
      return t('{name} is encrypted or masked', { name });
    case 'unit':
      return t('{name} is in a unit that can’t be converted exactly', { name });
    case 'code':
      return t('{name} is recorded in a way that is not known here', { name });
    case 'inexact':
      return t('{name} is no exact number', { name });
    case 'no-time':
      return t('{name} has no time of day', { name });
    case 'ahead':
      return t('{name} has a time that is yet to come', { name });
    case 'old':
      return t('{name} is too old', { name });
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What is wrong with one input, for its own row. */
export function problemWords(value: WarningValue, warning: EarlyWarning, now: Date): string | null {
  if (value.problem === 'missing') return t('Not recorded');
  if (value.problem === 'apart') return t('More than {setHours} h before the newest', { setHours: warning.setHours });
  if (value.problem === 'old') return t('More than {ageHours} h old', { ageHours: warning.ageHours });
  const reason = reasonOf(value, now);
  return reason && capital(reason);
}

/** Which scale the oxygen saturation was scored on, and why. */
export function scaleWords({ scale, scaleTime }: EarlyWarning, now: Date): string {
  if (scale === 1 || scaleTime === null) return t('SpO₂ scale 1, as no record asks for scale 2 (target 88–92 %).');
  return t('SpO₂ scale 2 (target 88–92 %), as recorded {when}.', { when: formatWhen(scaleTime, now) });
}
