import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { errorWords } from '../../app/errors.ts';
import { formatAsOf, formatTime } from '../../parts/dates.ts';
import { countWords } from '../../parts/sectionWords.ts';

/** One or two words on where the sync stands. */
export function activityWords(status: SyncStatus): string {
  if (status.activity === 'cancelling') return 'Cancelling…';
  if (status.activity === 'running') return 'Syncing';
  if (status.error && status.error.code !== 'offline') return 'Sync failed';
  if (status.online === false) return 'Offline';
  return status.online === null ? 'Not connected yet' : 'Online';
}

/** How old the data is as a whole. */
export function asOfWords(status: SyncStatus, now: Date): string {
  return status.asOf === null ? 'First sync not complete' : `Data as of ${formatAsOf(status.asOf, now)}`;
}

/** `34 of 120 requests · 3,412 records · Observations`. */
export function progressWords(progress: NonNullable<SyncStatus['progress']>): string {
  return `${progress.done.toLocaleString('en')} of ${countWords(progress.total, 'request')} · ${countWords(progress.resources, 'record')} · ${progress.label}`;
}

/** Why the last sync failed, what to do and when the next try is; null where it did not fail. */
export function failureWords(status: SyncStatus): { readonly title: string; readonly act: string } | null {
  if (!status.error) return null;
  const { title, act } = errorWords(status.error.code);
  const { retryAt } = status.error;
  return { title, act: retryAt ? `${act} Next try at ${formatTime(new Date(retryAt))}.` : act };
}
