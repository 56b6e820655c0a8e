import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { errorWords } from '../../app/errors.ts';
import { formatAsOf, formatWhen } from '../../parts/dates.ts';
import { countWords } from '../../parts/sectionWords.ts';

const NO_WAY = new Set(['offline', 'server-unreachable']);

/** True where the server can't be reached. That is a state that ends by itself, not a failure. */
export function isOffline({ online, error }: Pick<SyncStatus, 'online' | 'error'>): boolean {
  return error ? NO_WAY.has(error.code) : online === false;
}

/** One or two words on where the sync stands. */
export function activityWords(status: SyncStatus): string {
  if (status.activity === 'cancelling') return 'Cancelling…';
  if (status.activity === 'running') return 'Syncing';
  if (isOffline(status)) return 'Offline';
  if (status.error) return status.error.code === 'sign-in-needed' ? 'Sign-in needed' : 'Sync failed';
  return status.online === null ? 'Not connected yet' : 'Online';
}

/** How old the data is as a whole. */
export function asOfWords(status: SyncStatus, now: Date): string {
  return status.asOf === null ? 'First sync not complete' : `Data as of ${formatAsOf(status.asOf, now)}`;
}

/** `next try at 14:35`; null where none is planned, or where it is due. */
export function nextTryWords({ error }: Pick<SyncStatus, 'error'>, now: Date): string | null {
  const retryAt = error?.retryAt ?? null;
  return retryAt !== null && new Date(retryAt) > now ? `next try at ${formatWhen(retryAt, now)}` : null;
}

type Progress = NonNullable<SyncStatus['progress']>;

/** Whole percent of the plan, or null while the plan is only being made: one request, which says what else there is. */
export function progressPercent({ done, total }: Progress): number | null {
  return total <= 1 ? null : Math.floor((100 * done) / total);
}

/** `34 of 120 requests · 3,412 records`. */
export function progressWords({ done, total, resources }: Progress): string {
  return `${done.toLocaleString('en')} of ${countWords(total, 'request')} · ${countWords(resources, 'record')}`;
}

export interface FailureWords {
  readonly title: string;
  readonly act: string;
}

/** Why the last sync failed and what to do; null where it did not fail. */
export function failureWords(status: SyncStatus): FailureWords | null {
  if (!status.error || isOffline(status)) return null;
  const { title, act } = errorWords(status.error.code);
  return { title, act };
}

/** The whole story of the strip, for its tooltip and for those who don't see it. */
export function stripSentence(status: SyncStatus, now: Date): string {
  const failure = failureWords(status);
  const parts = [
    failure ? `${failure.title}. ${failure.act}` : activityWords(status),
    isOffline(status) ? 'What is stored on this workstation stays readable' : null,
    asOfWords(status, now),
    nextTryWords(status, now),
    status.error ? `code ${status.error.code}` : null,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}
