import { describe, expect, it } from 'vitest';
import { HEALTH_EXIT, reportOf } from '../../../main/support/judge.ts';
import { type HealthFacts, healthReasons } from '../../../preload/contract/health.ts';
import { HEALTHY, PROFILE, UPDATE } from './facts.ts';

const NOW = Date.parse('2026-11-26T03:01:00Z');
const told = (facts: HealthFacts) => reportOf(facts, NOW).reasons.map(({ code, profile }) => [code, profile]);
const ofProfile = (changes: Partial<typeof PROFILE>) =>
  told({ ...HEALTHY, profiles: [PROFILE, { ...PROFILE, ...changes }] });
const ofProgram = (changes: Partial<HealthFacts['program']>) => ({
  ...HEALTHY,
  program: { ...HEALTHY.program, ...changes },
});

/** Each by itself, and how grave it is. */
const CASES: [(typeof healthReasons)[number], 'degraded' | 'unhealthy', HealthFacts][] = [
  ['keyring-unreachable', 'unhealthy', { ...HEALTHY, keyring: 'keyring-locked' }],
  ['blocked', 'unhealthy', ofProgram({ phase: 'blocked', problem: 'keyring-absent' })],
  ['not-answering', 'unhealthy', ofProgram({ state: 'not-answering', phase: null })],
  ['profile-damaged', 'unhealthy', { ...HEALTHY, profiles: [{ ...PROFILE, state: 'damaged' }] }],
  [
    'cache-missing',
    'unhealthy',
    { ...HEALTHY, profiles: [{ ...PROFILE, cache: { exists: false, bytes: 0, schema: 11 } }] },
  ],
  ['outbox-missing', 'unhealthy', { ...HEALTHY, profiles: [{ ...PROFILE, outbox: { exists: false, bytes: 0 } }] }],
  ['audit-degraded', 'unhealthy', { ...HEALTHY, audit: { degraded: 'disk-full', delivery: [] } }],
  ['disk-full', 'unhealthy', { ...HEALTHY, disk: { freeBytes: 49_999_999 } }],
  ['disk-low', 'degraded', { ...HEALTHY, disk: { freeBytes: 50_000_000 } }],
  ['policy-not-believed', 'degraded', { ...HEALTHY, policy: { source: 'file', state: 'not-believed', problems: 1 } }],
  ['policy-problems', 'degraded', { ...HEALTHY, policy: { source: 'file', state: 'problems', problems: 2 } }],
  [
    'unsent-work',
    'degraded',
    {
      ...HEALTHY,
      profiles: [
        { ...PROFILE, open: false, lastSyncAgeSeconds: 3_601, backlog: { waiting: 1, conflicts: 0, parked: 0 } },
      ],
    },
  ],
  [
    'conflicts',
    'degraded',
    { ...HEALTHY, profiles: [{ ...PROFILE, backlog: { waiting: 0, conflicts: 1, parked: 0 } }] },
  ],
  [
    'changes-parked',
    'degraded',
    { ...HEALTHY, profiles: [{ ...PROFILE, backlog: { waiting: 0, conflicts: 0, parked: 1 } }] },
  ],
  ['sync-old', 'degraded', { ...HEALTHY, profiles: [{ ...PROFILE, lastSyncAgeSeconds: 3_601 }] }],
  [
    'audit-delivery',
    'degraded',
    {
      ...HEALTHY,
      audit: {
        degraded: null,
        delivery: [{ kind: 's3', pending: 3, lastDelivered: null, lastFailure: 'access-denied', needsIt: true }],
      },
    },
  ],
  [
    'update-required',
    'degraded',
    { ...HEALTHY, update: { ...UPDATE, stage: 'ready', offered: '2.0.0', required: true } },
  ],
  ['update-problem', 'degraded', { ...HEALTHY, update: { ...UPDATE, problem: 'signature-wrong' } }],
  ['crashed', 'degraded', { ...HEALTHY, crashes: { lastDay: 1, lastMonth: 1, last: null } }],
];

describe('what is wrong with a workstation', () => {
  it('is nothing where nothing is, and exits with 0', () => {
    const report = reportOf(HEALTHY, NOW);
    expect(report).toMatchObject({ health: 'healthy', reasons: [], time: '2026-11-26T03:01:00.000Z' });
    expect(HEALTH_EXIT[report.health]).toBe(0);
  });

  it.each(CASES)('%s alone is told, and makes it %s', (code, level, facts) => {
    const { health, reasons } = reportOf(facts, NOW);
    expect(reasons.map((one) => one.code)).toEqual([code]);
    expect(reasons[0]?.level).toBe(level);
    expect(health).toBe(level);
    expect(HEALTH_EXIT[health]).toBe(level === 'degraded' ? 1 : 2);
  });

  it('is tried for each reason that there is', () => {
    expect(CASES.map(([code]) => code)).toEqual([...healthReasons]);
  });

  it('names the profile that it is about', () => {
    expect(ofProfile({ state: 'damaged' })).toEqual([['profile-damaged', 2]]);
  });

  it('is no old sync of a profile that nobody has open, and no work that waits for a moment', () => {
    expect(ofProfile({ open: false, lastSyncAgeSeconds: 900_000 })).toEqual([]);
    expect(ofProfile({ backlog: { waiting: 5, conflicts: 0, parked: 0 } })).toEqual([]);
  });

  it('is work that waits where no sync has ever ended', () => {
    const backlog = { waiting: 1, conflicts: 0, parked: 0 };
    expect(ofProfile({ open: false, lastSync: null, lastSyncAgeSeconds: null, backlog })).toEqual([['unsent-work', 2]]);
  });

  it('is not a feed that can’t be reached, nor a program that has said nothing of updates', () => {
    expect(told({ ...HEALTHY, update: { ...UPDATE, problem: 'feed-unreachable' } })).toEqual([]);
    expect(told({ ...HEALTHY, update: null })).toEqual([]);
  });

  it('is not a keychain that nobody has asked yet, nor a disk that tells nothing', () => {
    expect(told({ ...HEALTHY, keyring: 'unknown', disk: { freeBytes: null } })).toEqual([]);
  });
});

describe('security: a report', () => {
  it.each([
    ['a name', { problem: 'Amara Nwosu' }],
    ['an address', { problem: 'https://fhir.stmarys.example/r4' }],
    ['a path', { version: '/home/nwosu/.config' }],
    ['what nobody has allowed', { user: 'nwosu' }],
  ])('is not made where %s would be in it', (_what, more) => {
    expect(() => reportOf(ofProgram(more as object), NOW)).toThrow();
  });
});
