import * as z from 'zod';
import { call, event } from './channel.ts';
import { instant, nothing } from './fhir.ts';

/** Where new versions come from: nowhere, IT's own package repository, or a feed that Wardlight reads itself. */
export const updateMode = z.enum(['off', 'repository', 'feed']);
export type UpdateMode = z.infer<typeof updateMode>;

/** Three numbers without leading zeros: 1.20.3. Nothing else is ever released, so that there is one order. */
export const programVersion = z
  .string()
  .max(40)
  .regex(/^(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})$/);

/** An Ed25519 public key in one line: 32 bytes, base64url (the `x` of RFC 8037). */
export const updateKey = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** Workstations that get a version at the same time. */
export const updateRing = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);

/**
 * Why there is no update, although there may be a newer version. Of the feed's documents: `signature-missing`,
 * `signature-unknown` (by a key that isn't trusted), `signature-wrong`, `expired`, `older` (than what was seen: a rollback or a
 * freeze), `changed` (another document under the same number, or other files under the same version), `downgrade`,
 * `keys-changed` (the list of keys doesn't follow from the one before). Of its files: `file-*`. Of what was seen before:
 * `memory-*`.
 */
const updateProblems = [
  'no-keys',
  'feed-unreachable',
  'feed-redirected',
  'feed-too-large',
  'feed-invalid',
  'signature-missing',
  'signature-unknown',
  'signature-wrong',
  'keys-changed',
  'expired',
  'older',
  'changed',
  'downgrade',
  'version-too-old',
  'no-file',
  'file-missing',
  'file-too-large',
  'file-cut-off',
  'file-changed',
  'memory-changed',
  'memory-unavailable',
  'disk-full',
  'store-failed',
] as const;
const updateProblem = z.enum(updateProblems);
export type UpdateProblem = z.infer<typeof updateProblem>;

/** Why a version that is ready isn't installed just now. */
export const updateHold = z.enum(['offline', 'unsaved', 'sending', 'syncing']);
export type UpdateHold = z.infer<typeof updateHold>;

/**
 * `ready`: the file is here and was verified; `restart`: IT's repository has replaced the program on the disk, and a start
 * anew will run it; `agreed`: a person has said that it is to be installed when Wardlight closes.
 */
export const updateStage = z.enum(['none', 'checking', 'downloading', 'ready', 'agreed', 'restart']);

export const updateState = z.strictObject({
  mode: updateMode,
  installed: z.string().max(40),
  stage: updateStage,
  /** What there is to go to; null where nothing is known. */
  offer: z
    .strictObject({
      version: z.string().max(40),
      releasedAt: instant.nullable(),
      /** The version that runs is older than the oldest one that is still to be used. */
      isRequired: z.boolean(),
      /** Until then it may be put off; null where it may be put off as long as anybody likes. */
      until: instant.nullable(),
      /** A person has put it off until then. */
      putOffUntil: instant.nullable(),
    })
    .nullable(),
  /** In the order in which a person can do something about them. */
  holds: z.array(updateHold).max(4),
  /** When the feed, or the program on the disk, was last looked at without a problem. */
  checkedAt: instant.nullable(),
  problem: updateProblem.nullable(),
});
export type UpdateState = z.infer<typeof updateState>;

/**
 * Why nothing was done. `update-held`: something would be interrupted (`holds`); `update-too-late`: policy doesn't let it be
 * put off any longer; `update-failed`: `problem` says why.
 */
export const updateErrors = ['update-not-offered', 'update-held', 'update-too-late', 'update-failed'] as const;
export type UpdateError = (typeof updateErrors)[number];

/** New versions of the program. */
export const updates = {
  calls: {
    state: call(nothing, updateState),
    /** Looks now; what comes of it is in the state. */
    check: call(nothing, nothing),
    /** Asks again in a day. */
    putOff: call(nothing, nothing, updateErrors),
    /** Installs it when Wardlight is closed next. */
    agree: call(nothing, nothing, updateErrors),
    /** Closes Wardlight, installs where there is something to install, and starts it anew. */
    installNow: call(nothing, nothing, updateErrors),
  },
  events: { changed: event(updateState) },
} as const;
