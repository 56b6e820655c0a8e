import * as z from 'zod';
import { alarmsSchema } from './alarms.ts';
import { deliverySchema } from './audit-delivery.ts';
import { documentsSchema } from './documents.ts';
import { downtimeSchema } from './downtime.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const logicalId = z.string().regex(/^[A-Za-z0-9\-.]{1,64}$/);
const duration = z.int().min(0);
const pem = z.string().max(16_384);

/** What an organisation decides for its workstations. Machine policy fills it in later; until then the defaults hold. */
export const policySchema = z.strictObject({
  panel: z
    .strictObject({
      /** Logical id of a Group or List whose patients are the clinician's too; null for none. */
      group: logicalId.nullable().default(null),
      list: logicalId.nullable().default(null),
    })
    .prefault({}),
  /** Days that the records of a patient who left the panel stay on the workstation, by the server's clock. */
  retentionDays: z.number().min(0).default(30),
  /** Difference of the clocks from which on it is shown. */
  clockLimitMs: duration.default(10 * MINUTE_MS),
  /** How far the cursor may be ahead of the server's clock before the server counts as reset. */
  cursorLimitMs: duration.default(5 * MINUTE_MS),
  /** Share of the compared records from which on their being gone counts as a reset, and not as deletions. */
  massShare: z.number().min(0).max(1).default(0.5),
  /** Hours between two comparisons of all ids and versions. */
  sweepHours: z.number().min(0).default(24),
  /** Pages of a type's history that a run reads at most for its deletions; beyond it compares ids instead. */
  historyPages: z.int().min(0).default(20),
  /** Types that are never merged without a person, beside those that the design names. */
  neverMerge: z.array(z.string()).default([]),

  unlock: z
    .strictObject({
      /** Fewest characters of a passphrase, and the strength that it must have (zxcvbn's 0 to 4). */
      minLength: z.int().min(6).default(8),
      minStrength: z.int().min(0).max(4).default(3),
      /** Wrong passphrases in a row after which the device secret is destroyed. */
      maxAttempts: z.int().min(3).default(10),
      /** What deriving the key from a passphrase should take at enrolment; never less than 64 MiB and three passes. */
      kdfTargetMs: duration.default(500),
      /** Public key (RSA of 3072 bits or more, PEM, SPKI) for which unsent work is sealed too; null for none. */
      recoveryKey: pem.nullable().default(null),
    })
    .prefault({}),
  lock: z
    .strictObject({
      /** Without a key or a pointer in Wardlight for so long, it locks. */
      idleMs: duration.default(5 * MINUTE_MS),
      /** The OS's screen lock, another user's session, suspend and a closed lid lock it too. */
      withSystem: z.boolean().default(true),
    })
    .prefault({}),
  lease: z
    .strictObject({
      /** How long after the last contact with the server the cache opens offline. */
      offlineMs: duration.default(3 * DAY_MS),
      /** How long after that the keys are kept; then they are destroyed. */
      graceMs: duration.default(14 * DAY_MS),
      /** For how long that is told on the screen before it is done: a clock may be wrong. */
      noticeMs: duration.default(DAY_MS),
    })
    .prefault({}),
  screen: z
    .strictObject({
      /** Keeps the window out of screenshots and screen sharing, where the OS can. */
      contentProtection: z.boolean().default(false),
      /** Covers the page while another window is in front. */
      shadeOnBlur: z.boolean().default(false),
      /** After so long, what was copied from a chart is cleared from the clipboard if it is still there; 0 for never. */
      clipboardMs: duration.default(MINUTE_MS),
    })
    .prefault({}),
  /** Files and fields that are encrypted before they leave the workstation; null where the organisation has not set it up. */
  documents: documentsSchema.nullable().default(null),
  /** Sheets on paper for when nothing else works. */
  downtime: downtimeSchema.prefault({}),
  /** Issuers from which an EHR may launch Wardlight by a `wardlight://launch` link. */
  launchIssuers: z.array(z.url()).default([]),
  /**
   * What makes a patient a test patient beside HTEST: `system` or `system|value` of an identifier, `system|code` of a tag
   * or a security label, the address of an extension.
   */
  testPatients: z.array(z.string().min(1).max(500)).max(50).default([]),
  audit: z
    .strictObject({
      /** Longest time from an event to the signed checkpoint that covers it. */
      checkpointMs: duration.min(1_000).max(MINUTE_MS).default(MINUTE_MS),
      /** A change of the workstation's clock from which on it is recorded. */
      clockJumpMs: duration.min(1_000).default(MINUTE_MS),
      alarms: alarmsSchema.prefault({}),
      delivery: deliverySchema.prefault({}),
    })
    .prefault({}),
  access: z
    .strictObject({
      /** Path of the signed bundle of access policies; null for the one that Wardlight ships. */
      bundle: z.string().nullable().default(null),
      /** Ed25519 public key (PEM, SPKI) by which a bundle of the organisation is signed. */
      signingKey: pem.nullable().default(null),
      emergencyMs: duration.min(MINUTE_MS).default(30 * MINUTE_MS),
    })
    .prefault({}),
});

export type Policy = z.infer<typeof policySchema>;

export const defaultPolicy: Policy = policySchema.parse({});
