import { expect, it } from 'vitest';
import { activityWords, asOfWords, failureWords } from '../../../../../renderer/features/sync/syncWords.ts';
import { SYNCED } from '../../support/fakeBridge.ts';

const now = new Date(2026, 2, 12, 14, 32);

it('tells the states apart', () => {
  const states = [
    SYNCED,
    { ...SYNCED, online: false },
    { ...SYNCED, online: null },
    { ...SYNCED, activity: 'running' as const },
    { ...SYNCED, activity: 'cancelling' as const },
    { ...SYNCED, error: { code: 'server-error' as const, retryAt: null } },
  ];
  expect(new Set(states.map(activityWords)).size).toBe(states.length);
});

it('says how old the data is, or that it was never whole', () => {
  expect(asOfWords({ ...SYNCED, asOf: new Date(2026, 2, 12, 14, 29).toISOString() }, now)).toBe(
    'Data as of 14:29 (3 min ago)',
  );
  expect(asOfWords({ ...SYNCED, asOf: null }, now)).toBe('First sync not complete');
});

it('says when the next try is', () => {
  const retryAt = new Date(2026, 2, 12, 14, 45).toISOString();
  expect(failureWords({ ...SYNCED, error: { code: 'server-error', retryAt } })?.act).toContain('Next try at 14:45.');
  expect(failureWords(SYNCED)).toBeNull();
});
