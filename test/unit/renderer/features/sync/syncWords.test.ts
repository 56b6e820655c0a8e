import { describe, expect, it } from 'vitest';
import type { SyncStatus } from '../../../../../preload/contract/sync.ts';
import {
  activityWords,
  asOfWords,
  clockWords,
  failureWords,
  isOffline,
  nextRunWords,
  nextTryWords,
  progressPercent,
  remainingWords,
  stripSentence,
} from '../../../../../renderer/features/sync/syncWords.ts';
import { SYNCED } from '../../support/fakeBridge.ts';

const now = new Date(2026, 2, 12, 14, 32);
const retryAt = new Date(2026, 2, 12, 14, 35).toISOString();

function failedWith(code: NonNullable<SyncStatus['error']>['code'], online = true): SyncStatus {
  return { ...SYNCED, online, error: { code, retryAt } };
}

it('tells the states apart', () => {
  const states = [
    SYNCED,
    { ...SYNCED, upToDate: false },
    { ...SYNCED, online: false },
    { ...SYNCED, upToDate: false, online: null },
    { ...SYNCED, activity: 'running' as const },
    { ...SYNCED, activity: 'running' as const, online: null },
    { ...SYNCED, activity: 'running' as const, online: false },
    { ...SYNCED, activity: 'cancelling' as const },
    failedWith('server-error'),
    failedWith('sign-in-needed'),
    failedWith('server-reset'),
  ];
  expect(new Set(states.map(activityWords)).size).toBe(states.length);
});

it('does not claim to sync before the server has answered', () => {
  const running = { ...SYNCED, activity: 'running' as const };
  expect(activityWords(running)).toBe('Syncing');
  expect(activityWords({ ...running, online: null })).toBe('Connecting…');
  expect(activityWords({ ...running, online: false })).toBe('Offline, trying again…');
});

describe('offline', () => {
  it.each(['offline', 'server-unreachable'] as const)('%s is a state and no failure', (code) => {
    const status = failedWith(code, false);
    expect(activityWords(status)).toBe('Offline');
    expect(failureWords(status)).toBeNull();
    expect(stripSentence(status, now)).toContain('What is stored on this workstation stays readable');
    expect(stripSentence(status, now)).toContain('next try at 14:35');
  });

  it('is not what a server says that answers, nor a full disk', () => {
    for (const code of ['server-error', 'server-refused', 'server-certificate', 'disk-full'] as const) {
      expect(isOffline(failedWith(code))).toBe(false);
      expect(activityWords(failedWith(code))).toBe('Sync failed');
      expect(failureWords(failedWith(code))?.title).toBeTruthy();
    }
    expect(activityWords(failedWith('store-failed', false))).toBe('Sync failed');
  });
});

it('says how old the data is, or that it was never whole', () => {
  expect(asOfWords({ ...SYNCED, asOf: new Date(2026, 2, 12, 14, 29).toISOString() }, now)).toBe(
    'Data as of 14:29 (3 min ago)',
  );
  expect(asOfWords({ ...SYNCED, asOf: null }, now)).toBe('First sync not complete');
});

it('says when the next try is, as long as it is to come', () => {
  expect(nextTryWords(failedWith('server-error'), now)).toBe('next try at 14:35');
  expect(nextTryWords(failedWith('server-error'), new Date(2026, 2, 12, 14, 36))).toBeNull();
  expect(nextTryWords(SYNCED, now)).toBeNull();
});

it('names no share before the plan is made, and never a hundred percent before the end', () => {
  const progress = { done: 0, total: 1 };
  expect(progressPercent(progress)).toBeNull();
  expect(progressPercent({ ...progress, done: 1, total: 33 })).toBe(3);
  expect(progressPercent({ ...progress, done: 332, total: 333 })).toBe(99);
  expect(progressPercent({ ...progress, done: 33, total: 33 })).toBe(100);
});

it('says up to date only where main says so: neither an answer nor an empty list is enough', () => {
  const waiting = { waiting: 0, conflicts: 0, parked: 0, duplicates: 0, unchecked: 0 };
  expect(activityWords({ ...SYNCED, upToDate: false, changes: waiting })).toBe('Online');
  expect(activityWords(SYNCED)).toBe('Up to date');
  expect(activityWords({ ...SYNCED, activity: 'running' })).toBe('Syncing');
  expect(activityWords({ ...SYNCED, online: false })).toBe('Offline');
});

it('says when the next sync is, where the last one did not fail and it is to come', () => {
  expect(nextRunWords({ error: null, nextRunAt: retryAt }, now)).toBe('next sync at 14:35');
  expect(nextRunWords({ error: null, nextRunAt: retryAt }, new Date(2026, 2, 12, 14, 36))).toBeNull();
  expect(nextRunWords({ error: { code: 'offline', retryAt }, nextRunAt: retryAt }, now)).toBeNull();
});

it.each([
  [null, null],
  [12 * 60_000, 'Clock 12 min slow'],
  [-12 * 60_000, 'Clock 12 min fast'],
  [5 * 3_600_000, 'Clock 5 h slow'],
])('an offset of %s ms reads %s: the server is right, the workstation is not', (clockOffsetMs, words) => {
  expect(clockWords({ clockOffsetMs })).toBe(words);
});

it.each([
  [4_000, 'a few seconds left'],
  [50_000, 'less than a minute left'],
  [110_000, 'about 2 min left'],
  [2 * 3_600_000, 'about 2 h left'],
])('an estimate of %i ms reads %s', (ms, words) => {
  expect(remainingWords(ms)).toBe(words);
});
