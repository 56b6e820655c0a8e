import * as z from 'zod';
import { policySource } from './managed.ts';
import { keyringErrors, sessionState } from './session.ts';
import { updateHold, updateMode, updateStage } from './updates.ts';

/*
 * How Wardlight stands on a workstation, for monitoring and support: by `wardlight --health` and in the status file. Every
 * text in it is a code of ours, a version or a time, so that no name, address, path or record can be in it.
 */

const count = z.int().nonnegative();
const time = z.iso.datetime();
/** One of the program's own codes. */
export const healthCode = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/);
export const healthVersion = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,39}$/);

const healthLevel = z.enum(['healthy', 'degraded', 'unhealthy']);

/** What is wrong. What IT does about each: docs/operations.md, "Monitoring". */
export const healthReasons = [
  'keyring-unreachable',
  'blocked',
  'not-answering',
  'profile-damaged',
  'cache-missing',
  'outbox-missing',
  'audit-degraded',
  'disk-full',
  'disk-low',
  'policy-not-believed',
  'policy-problems',
  'unsent-work',
  'conflicts',
  'changes-parked',
  'sync-old',
  'audit-delivery',
  'update-required',
  'update-problem',
  'crashed',
] as const;
export type HealthReason = (typeof healthReasons)[number];

const reason = z.strictObject({
  code: z.enum(healthReasons),
  level: z.enum(['degraded', 'unhealthy']),
  /** Which of `profiles` it is about, counted from 1; null where it is about the workstation. */
  profile: z.int().positive().nullable(),
});

/** Processes of the program, by what they do. */
export const crashProcess = z.enum([
  'main',
  'page',
  'cache',
  'audit',
  'documents',
  'forms',
  'maintenance',
  'graphics',
  'network',
  'other',
]);
export type CrashProcess = z.infer<typeof crashProcess>;

/**
 * How a process ended. `ended`: main was gone without having been closed, which a power cut may be too; `exception`,
 * `rejection`: main went on after a bug; `start-failed`: main could not be put together.
 */
export const crashCode = z.enum([
  'crashed',
  'out-of-memory',
  'killed',
  'abnormal-exit',
  'launch-failed',
  'integrity-failure',
  'ended',
  'exception',
  'rejection',
  'start-failed',
]);
export type CrashCode = z.infer<typeof crashCode>;

export const crash = z.strictObject({
  time,
  process: crashProcess,
  code: crashCode,
  /** Of the program that it happened to. */
  version: healthVersion,
  /** Exit code as the OS tells it, or its signal; null where there is none. */
  exit: z.int().nullable(),
});
export type Crash = z.infer<typeof crash>;

/** How updates stand, as the running program says it; null where it has not said anything yet. */
const updateHealth = z
  .strictObject({
    mode: updateMode,
    stage: updateStage,
    /** The version that there is to go to; null for none. */
    offered: healthVersion.nullable(),
    /** The version that runs is older than the oldest one that is still to be used. */
    required: z.boolean(),
    holds: z.array(updateHold).max(4),
    /** When it was last looked for without a problem. */
    checkedAt: time.nullable(),
    problem: healthCode.nullable(),
  })
  .nullable();
export type UpdateHealth = z.infer<typeof updateHealth>;

const storedFile = z.strictObject({ exists: z.boolean(), bytes: count });

/** Changes that the server doesn't have yet. */
export const backlog = z.strictObject({ waiting: count, conflicts: count, parked: count });

/** One clinician's profile, without saying whose. */
const profileHealth = z.strictObject({
  state: z.enum(['ok', 'damaged']),
  open: z.boolean(),
  /** With its log of what was written last; `schema` as of the last unlock, null where this program has not opened it. */
  cache: storedFile.extend({ schema: count.nullable() }),
  outbox: storedFile,
  /** Server time of the last whole sync, as of the last unlock; null where there was none, or none is known of. */
  lastSync: time.nullable(),
  lastSyncAgeSeconds: count.nullable(),
  /** As of the last unlock; null where none is known of. */
  backlog: backlog.nullable(),
});
export type ProfileHealth = z.infer<typeof profileHealth>;

/** One way by which the record of accesses leaves the workstation, in the order of the policy. */
const deliveryHealth = z.strictObject({
  kind: z.enum(['s3', 'fhir', 'directory']),
  /** Sealed segments that wait, at most 1000; null as long as it isn't known. */
  pending: count.nullable(),
  /** When the newest segment was acknowledged; null where none was, or as long as it isn't known. */
  lastDelivered: time.nullable(),
  /** Why the oldest segment is not there yet. */
  lastFailure: healthCode.nullable(),
  /** Somebody has to do something. */
  needsIt: z.boolean(),
});
export type DeliveryHealth = z.infer<typeof deliveryHealth>;

const programState = z.enum(['running', 'stopped', 'not-answering', 'never-started']);
const phase = z.enum(sessionState.options.map((one) => one.shape.phase.value));

/** What is known of the workstation. */
export const healthFacts = z.strictObject({
  program: z.strictObject({
    state: programState,
    /** What the program shows, while it runs. */
    phase: phase.nullable(),
    /** Why nothing can be begun, where the phase is `blocked`. */
    problem: healthCode.nullable(),
    version: healthVersion,
    electron: healthVersion,
    chromium: healthVersion,
    platform: z.enum(['linux', 'darwin', 'win32', 'other']),
    arch: healthVersion,
    packaged: z.boolean(),
    /** When the program that runs, or ran last, has started. */
    startedAt: time.nullable(),
    /** When the program last said how it stands. */
    heartbeatAt: time.nullable(),
  }),
  policy: z.strictObject({
    source: policySource,
    /** `not-believed`: everything has fallen to its strictest. */
    state: z.enum(['none', 'in-force', 'problems', 'not-believed']),
    problems: count,
  }),
  /** Asked for an entry that isn't there; nothing is unlocked or made for it. */
  keyring: z.enum(['reachable', 'unknown', ...keyringErrors]),
  /** In the order of the names of their folders. */
  profiles: z.array(profileHealth).max(500),
  audit: z.strictObject({
    /** Why the record of accesses can't be written. */
    degraded: healthCode.nullable(),
    delivery: z.array(deliveryHealth).max(8),
  }),
  update: updateHealth,
  crashes: z.strictObject({ lastDay: count, lastMonth: count, last: crash.nullable() }),
  disk: z.strictObject({
    /** Of the file system of the data folder; null where the OS doesn't say. */
    freeBytes: count.nullable(),
  }),
});
export type HealthFacts = z.infer<typeof healthFacts>;

/** A status that is older than this comes from a program that no longer answers. */
export const STALE_SECONDS = 180;

export const healthReport = z.strictObject({
  format: z.literal('wardlight-health'),
  version: z.literal(1),
  /** When this was written. In the status file: not to be believed once it is older than `staleAfterSeconds`. */
  time,
  staleAfterSeconds: z.literal(STALE_SECONDS),
  health: healthLevel,
  reasons: z.array(reason).max(2_000),
  ...healthFacts.shape,
});
export type HealthReport = z.infer<typeof healthReport>;
