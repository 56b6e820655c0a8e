import * as z from 'zod';
import { call, event } from './channel.ts';
import { nothing } from './fhir.ts';

/** Why an access was not recorded, and so was not done. `audit-degraded`: emergency access still opens charts. */
export const auditErrors = ['audit-unavailable', 'audit-degraded'] as const;
export type AuditError = (typeof auditErrors)[number];

/**
 * What is wrong with a log of accesses, as found at the start, by a verification, or by the verifier. `first` and `end`
 * of a finding say which entries.
 */
export const findingCodes = [
  /** Entries are not there between others. */
  'entry-missing',
  /** An entry is not the one that was hashed. */
  'entry-altered',
  /** An entry is at another place than it says: put in, moved or copied. */
  'entry-misplaced',
  /** An entry doesn't follow the one before it. */
  'chain-broken',
  /** A checkpoint is not there that was anchored. */
  'checkpoint-missing',
  /** A checkpoint can't be read, or isn't signed by the key of its log. */
  'checkpoint-signature',
  /** The entries are not those that a checkpoint was signed for. */
  'checkpoint-root',
  /** The log is shorter than a checkpoint or the anchor says. */
  'log-truncated',
  /** The log has another history than the anchor says. */
  'log-differs',
  /** The log that was here is gone. */
  'log-missing',
  /** Another log is in its place. */
  'log-replaced',
  /** The file can't be read. */
  'log-damaged',
  /** The keychain has another signing key than the one of this log. */
  'device-key-changed',
  /** The anchor in the keychain is older than one that was written there. */
  'anchor-behind',
  'anchor-missing',
  /** What patients and agents are found by doesn't agree with the entries. */
  'index-altered',
  /** Hashes that proofs are made of don't agree with the entries. */
  'hashes-altered',
] as const;
export type FindingCode = (typeof findingCodes)[number];

const count = z.int().min(0);

/** Something that is wrong with a log. */
export const finding = z.strictObject({
  code: z.enum(findingCodes),
  /** Origin of the log that it is about. */
  log: z.string().max(200),
  /** Entries from `first` to before `end`; none where they are the same. */
  first: count,
  end: count,
});
export type Finding = z.infer<typeof finding>;

/** What is asked of the record of accesses, newest first. */
export const auditFilter = z.strictObject({
  patient: z.string().max(64).optional(),
  /** `Practitioner/<id>`. */
  agent: z.string().max(200).optional(),
  /** Instants in milliseconds: recorded from `from` to before `to`. */
  from: z.int().optional(),
  to: z.int().optional(),
  /** Codes of subtypes, such as `read` or `110122`. */
  actions: z.array(z.string().max(64)).max(50).optional(),
  /** Only entries before this one: the last that was answered. */
  before: count.optional(),
  limit: z.int().min(1).max(1_000).default(100),
});
export type AuditFilter = z.input<typeof auditFilter>;

/** How the record of accesses stands. */
export const auditStatus = z.strictObject({
  /** Why it can't be written, as a code; charts then open by emergency access only. Null where it can. */
  degraded: z.string().max(100).nullable(),
  /** A verification of the whole of it, as far as it is. */
  verification: z.strictObject({ checked: count, size: count, done: z.boolean() }).nullable(),
});
export type AuditStatus = z.infer<typeof auditStatus>;

export const audit = {
  calls: {
    status: call(nothing, auditStatus),
  },
  events: { changed: event(auditStatus) },
} as const;
