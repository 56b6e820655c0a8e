import type { Flag } from '../../../preload/contract/chart.ts';
import type { FlagFrom, ResultGroup } from '../../../preload/contract/results.ts';
import { formatDateTime } from '../../parts/dates.ts';
import { FLAG_WORDS } from '../../parts/flags.ts';
import { t } from '../../words/t.ts';

/** Who says that a value is high or low; null where nobody does. */
export function flagFromWords(flag: Flag | null, from: FlagFrom): string | null {
  if (flag === null || from === null) return null;
  const { words } = FLAG_WORDS[flag];
  return from === 'range' ? t('{words}, by the reference range', { words }) : t('{words}, as reported', { words });
}

/** `+0.30 since 1.20 on 11-Mar-2026 09:32`. */
export function deltaWords({ change, before, time }: NonNullable<ResultGroup['delta']>): string {
  return t('{change} since {before} on {dateTime}', { change, before, dateTime: formatDateTime(time) });
}

/** True of a value that is another one than was first reported. */
export function isCorrected(status: string): boolean {
  return status === 'corrected' || status === 'amended';
}
