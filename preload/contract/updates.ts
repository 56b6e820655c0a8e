import * as z from 'zod';

/** Where new versions come from: nowhere, IT's own package repository, or a feed that Wardlight reads itself. */
export const updateMode = z.enum(['off', 'repository', 'feed']);

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
  'install-failed',
] as const;
export type UpdateProblem = (typeof updateProblems)[number];
