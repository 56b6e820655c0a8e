import { formatTime } from '../../parts/dates.ts';
import { t } from '../../words/t.ts';

const HOUR = 3_600_000;
const two = (value: number) => String(value).padStart(2, '0');

/** A moment as the browser's field for a date and a time takes it, in the workstation's zone. */
export function fieldValue(instant: string): string {
  const date = new Date(instant);
  const day = [String(date.getFullYear()).padStart(4, '0'), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day}T${formatTime(date)}`;
}

/** The end of the minute that was chosen, so that what came in it counts; null for what is no time. */
export function momentOf(value: string): string | null {
  const start = Date.parse(value);
  return Number.isNaN(start) ? null : new Date(start + 59_999).toISOString();
}

export interface QuickMoment {
  readonly words: string;
  readonly at: string;
}

/** Moments that are asked for most. `syncs`: when runs were finished, the newest first. */
export function quickMoments(now: Date, syncs: readonly string[]): readonly QuickMoment[] {
  const ago = (hours: number) => new Date(now.getTime() - hours * HOUR).toISOString();
  const [last, before] = syncs;
  return [
    { words: t('Last shift (12 hours ago)'), at: ago(12) },
    { words: t('Yesterday at this time'), at: ago(24) },
    ...(last === undefined ? [] : [{ words: t('At the last sync'), at: last }]),
    ...(before === undefined ? [] : [{ words: t('At the sync before'), at: before }]),
  ];
}
