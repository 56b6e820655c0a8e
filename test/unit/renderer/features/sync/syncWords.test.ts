import { describe, expect, it } from 'vitest';
import type { SyncStatus } from '../../../../../preload/contract/sync.ts';
import {
  activityWords,
  asOfWords,
  failureWords,
  isOffline,
  nextTryWords,
  progressPercent,
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
    { ...SYNCED, online: false },
    { ...SYNCED, online: null },
    { ...SYNCED, activity: 'running' as const },
    { ...SYNCED, activity: 'cancelling' as const },
    failedWith('server-error'),
    failedWith('sign-in-needed'),
  ];
  expect(new Set(states.map(activityWords)).size).toBe(states.length);
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
  const progress = { label: 'Results', done: 0, total: 1, resources: 36 };
  expect(progressPercent(progress)).toBeNull();
  expect(progressPercent({ ...progress, done: 1, total: 33 })).toBe(3);
  expect(progressPercent({ ...progress, done: 332, total: 333 })).toBe(99);
  expect(progressPercent({ ...progress, done: 33, total: 33 })).toBe(100);
});
