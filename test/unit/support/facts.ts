import type { HealthFacts, ProfileHealth, UpdateHealth } from '../../../preload/contract/health.ts';

export const PROFILE: ProfileHealth = {
  state: 'ok',
  open: true,
  cache: { exists: true, bytes: 1_000, schema: 11 },
  outbox: { exists: true, bytes: 100 },
  lastSync: '2026-11-26T03:00:00.000Z',
  lastSyncAgeSeconds: 60,
  backlog: { waiting: 0, conflicts: 0, parked: 0 },
};

export const UPDATE: NonNullable<UpdateHealth> = {
  ...{ mode: 'feed', stage: 'none', offered: null, required: false, holds: [], problem: null },
  checkedAt: '2026-11-26T02:30:00.000Z',
};

/** A workstation on which nothing is wrong. */
export const HEALTHY: HealthFacts = {
  program: {
    state: 'running',
    phase: 'unlocked',
    problem: null,
    version: '0.1.0',
    electron: '45.4.1',
    chromium: '150.0.1.2',
    platform: 'linux',
    arch: 'x64',
    packaged: true,
    startedAt: '2026-11-26T01:00:00.000Z',
    heartbeatAt: '2026-11-26T03:00:00.000Z',
  },
  policy: { source: 'file', state: 'in-force', problems: 0 },
  keyring: 'reachable',
  profiles: [PROFILE],
  audit: { degraded: null, delivery: [] },
  update: UPDATE,
  crashes: { lastDay: 0, lastMonth: 0, last: null },
  disk: { freeBytes: 20_000_000_000 },
};
