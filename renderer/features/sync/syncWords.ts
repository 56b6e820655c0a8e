import type { SyncPhase, SyncStatus } from '../../../preload/contract/sync.ts';
import { errorWords } from '../../app/errors.ts';
import { formatAsOf, formatWhen } from '../../parts/dates.ts';
import { number, t } from '../../words/t.ts';

/** What main says is being fetched. */
export const LABEL_WORDS: ReadonlyMap<string, string> = new Map([
  ['Alerts', t('Alerts')],
  ['Allergies', t('Allergies')],
  ['Care teams', t('Care teams')],
  ['Comparison with the server', t('Comparison with the server')],
  ['Deletions', t('Deletions')],
  ['Encounters', t('Encounters')],
  ['Forms', t('Forms')],
  ['Medications', t('Medications')],
  ['Names and places', t('Names and places')],
  ['Notes', t('Notes')],
  ['Other records', t('Other records')],
  ['Patients', t('Patients')],
  ['Problems', t('Problems')],
  ['Results', t('Results')],
]);

const NO_WAY = new Set(['offline', 'server-unreachable']);

/** True where the server can't be reached. That is a state that ends by itself, not a failure. */
export function isOffline({ online, error }: Pick<SyncStatus, 'online' | 'error'>): boolean {
  return error ? NO_WAY.has(error.code) : online === false;
}

/** True while a run has had no answer yet: whether the server is there is not known, or it was not there last time. */
export function isConnecting({ activity, online }: Pick<SyncStatus, 'activity' | 'online'>): boolean {
  return activity === 'running' && online !== true;
}

/** One or two words on where the sync stands. "Up to date" is main's to say (design rule 8). */
export function activityWords(status: SyncStatus): string {
  if (status.activity === 'cancelling') return t('Cancelling…');
  if (isConnecting(status)) return status.online === null ? t('Connecting…') : t('Offline, trying again…');
  if (status.activity === 'running') return t('Syncing');
  if (isOffline(status)) return t('Offline');
  if (status.error?.code === 'sign-in-needed') return t('Sign-in needed');
  if (status.error?.code === 'server-reset') return t('Sync stopped');
  if (status.error) return t('Sync failed');
  if (status.upToDate) return t('Up to date');
  return status.online === null ? t('Not connected yet') : t('Online');
}

/** How old the data is as a whole. */
export function asOfWords(status: SyncStatus, now: Date): string {
  return status.asOf === null
    ? t('First sync not complete')
    : t('Data as of {asOf}', { asOf: formatAsOf(status.asOf, now) });
}

/** `next try at 14:35`; null where none is planned, or where it is due. */
export function nextTryWords({ error }: Pick<SyncStatus, 'error'>, now: Date): string | null {
  const retryAt = error?.retryAt ?? null;
  return retryAt !== null && new Date(retryAt) > now
    ? t('next try at {when}', { when: formatWhen(retryAt, now) })
    : null;
}

/** `next sync at 14:35`, where the last one did not fail; null where none is planned, or where it is due. */
export function nextRunWords({ error, nextRunAt }: Pick<SyncStatus, 'error' | 'nextRunAt'>, now: Date): string | null {
  if (error || nextRunAt === null || new Date(nextRunAt) <= now) return null;
  return t('next sync at {when}', { when: formatWhen(nextRunAt, now) });
}

type Progress = NonNullable<SyncStatus['progress']>;

/** What a sync does one after the other, in a clinician's words. */
export const PHASE_WORDS: Readonly<Record<SyncPhase, string>> = {
  sending: t('Sending your changes'),
  panel: t('Your patients'),
  safety: t('Allergies, problems, medicines, alerts'),
  recent: t('Last 12 months'),
  rest: t('Older records'),
  changes: t('Changes since the last sync'),
};

/** Whole percent of the phase, or null while the plan is only being made: one request, which says what else there is. */
export function progressPercent({ done, total }: Pick<Progress, 'done' | 'total'>): number | null {
  return total <= 1 ? null : Math.floor((100 * done) / total);
}

/** `34 of 120 requests · 3,412 records · about 2 min left`. */
export function progressWords({ done, total, resources, remainingMs }: Progress): string {
  const parts = [
    t('{count} of {count2}', {
      count: number(done),
      count2: t('{count, plural, one {# request} other {# requests}}', { count: total }),
    }),
    t('{count, plural, one {# record} other {# records}}', { count: resources }),
    remainingMs === null ? null : remainingWords(remainingMs),
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** An estimate is no promise, so it is coarse. */
export function remainingWords(ms: number): string {
  if (ms < 10_000) return t('a few seconds left');
  if (ms < MINUTE) return t('less than a minute left');
  if (ms < HOUR) return t('about {count} min left', { count: Math.round(ms / MINUTE) });
  return t('about {count} h left', { count: Math.round(ms / HOUR) });
}

/** What the workstation's clock does; null where it agrees with the server's. `offset` is server minus workstation. */
export function clockWords({ clockOffsetMs: offset }: Pick<SyncStatus, 'clockOffsetMs'>): string | null {
  if (offset === null) return null;
  const size = Math.abs(offset);
  const minutes = t('{minutes} min', { minutes: Math.max(1, Math.round(size / MINUTE)) });
  const much = size < HOUR ? minutes : t('{hours} h', { hours: Math.round(size / HOUR) });
  return offset > 0 ? t('Clock {much} slow', { much }) : t('Clock {much} fast', { much });
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

/** What waits although the rest was sent; null where nothing does. */
export function uncheckedWords({ changes: { unchecked } }: Pick<SyncStatus, 'changes'>): string | null {
  if (unchecked === 0) return null;
  return t(
    '{unchecked, plural, one {# visit or specimen waits} other {# visits or specimens wait}}, with what refers to them: the server failed to say whether their numbers are free. It is asked again; all else goes on.',
    { unchecked },
  );
}

/** The whole story of the strip, for its tooltip and for those who don't see it. */
export function stripSentence(status: SyncStatus, now: Date): string {
  const failure = failureWords(status);
  const parts = [
    failure ? `${failure.title}. ${failure.act}` : activityWords(status),
    isOffline(status) ? t('What is stored on this workstation stays readable') : null,
    uncheckedWords(status),
    asOfWords(status, now),
    nextTryWords(status, now) ?? nextRunWords(status, now),
    status.error ? t('code {code}', { code: status.error.code }) : null,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}
