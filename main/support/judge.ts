import {
  type HealthFacts,
  type HealthReason,
  type HealthReport,
  healthReport,
  type ProfileHealth,
  STALE_SECONDS,
} from '../../preload/contract/health.ts';

/** How long work may wait, and a profile that is open may be without a sync, before IT hears of it. */
export const LATE_SECONDS = 60 * 60;
/** What the program needs for a night of notes and for its own upkeep. */
const DISK_LOW_BYTES = 1_000_000_000;
const DISK_FULL_BYTES = 50_000_000;

type Level = 'degraded' | 'unhealthy';
/** In the order in which they are told. */
const LEVELS: Readonly<Record<HealthReason, Level>> = {
  'keyring-unreachable': 'unhealthy',
  blocked: 'unhealthy',
  'not-answering': 'unhealthy',
  'profile-damaged': 'unhealthy',
  'cache-missing': 'unhealthy',
  'outbox-missing': 'unhealthy',
  'audit-degraded': 'unhealthy',
  'disk-full': 'unhealthy',
  'disk-low': 'degraded',
  'policy-not-believed': 'degraded',
  'policy-problems': 'degraded',
  'unsent-work': 'degraded',
  conflicts: 'degraded',
  'changes-parked': 'degraded',
  'sync-old': 'degraded',
  'audit-delivery': 'degraded',
  'update-required': 'degraded',
  'update-problem': 'degraded',
  crashed: 'degraded',
};

/** The exit codes of `--health`, as monitoring plug-ins have them; 3 where the check itself failed. */
export const HEALTH_EXIT = { healthy: 0, degraded: 1, unhealthy: 2, unknown: 3 } as const;

/**
 * What is known of the workstation, with what is wrong with it, as of a time in milliseconds. Checked against the schema, so
 * that nothing that isn't a code, a version, a count or a time gets out, whatever it was made of.
 */
export function reportOf(facts: HealthFacts, now: number): HealthReport {
  const reasons = [
    ...ofWorkstation(facts).map((code) => ({ code, level: LEVELS[code], profile: null })),
    ...facts.profiles.flatMap((one, at) =>
      ofProfile(one).map((code) => ({ code, level: LEVELS[code], profile: at + 1 })),
    ),
  ];
  const isUnhealthy = reasons.some(({ level }) => level === 'unhealthy');
  return healthReport.parse({
    format: 'wardlight-health',
    version: 1,
    time: new Date(now).toISOString(),
    staleAfterSeconds: STALE_SECONDS,
    health: isUnhealthy ? 'unhealthy' : reasons.length > 0 ? 'degraded' : 'healthy',
    reasons,
    ...facts,
  });
}

function ofWorkstation({ program, policy, keyring, audit, update, crashes, disk }: HealthFacts): HealthReason[] {
  const free = disk.freeBytes ?? Number.POSITIVE_INFINITY;
  const wrong: Partial<Record<HealthReason, boolean>> = {
    'keyring-unreachable': keyring !== 'reachable' && keyring !== 'unknown',
    blocked: program.phase === 'blocked',
    'not-answering': program.state === 'not-answering',
    'audit-degraded': audit.degraded !== null,
    'disk-full': free < DISK_FULL_BYTES,
    'disk-low': free >= DISK_FULL_BYTES && free < DISK_LOW_BYTES,
    'policy-not-believed': policy.state === 'not-believed',
    'policy-problems': policy.state === 'problems',
    'audit-delivery': audit.delivery.some(({ needsIt }) => needsIt),
    'update-required': update?.required === true,
    // A feed that can't be reached is what a downtime looks like, and asked again by itself.
    'update-problem': update !== null && update.problem !== null && update.problem !== 'feed-unreachable',
    crashed: crashes.lastDay > 0,
  };
  return told(wrong);
}

function ofProfile({ state, open, cache, outbox, lastSyncAgeSeconds, backlog }: ProfileHealth): HealthReason[] {
  const isLate = (lastSyncAgeSeconds ?? Number.POSITIVE_INFINITY) > LATE_SECONDS;
  return told({
    'profile-damaged': state === 'damaged',
    'cache-missing': !cache.exists,
    'outbox-missing': !outbox.exists,
    'unsent-work': isLate && (backlog?.waiting ?? 0) > 0,
    conflicts: (backlog?.conflicts ?? 0) > 0,
    'changes-parked': (backlog?.parked ?? 0) > 0,
    'sync-old': isLate && open,
  });
}

function told(wrong: Partial<Record<HealthReason, boolean>>): HealthReason[] {
  return (Object.keys(LEVELS) as HealthReason[]).filter((code) => wrong[code] === true);
}
