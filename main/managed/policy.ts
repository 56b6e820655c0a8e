import * as z from 'zod';
import { alarmsSchema } from './alarms.ts';
import { deliverySchema, endpoint } from './audit-delivery.ts';
import { clientCertificatesSchema, pinsSchema, proxySchema, UNREACHABLE_PINS } from './connections.ts';
import { documentsSchema } from './documents.ts';
import { downtimeSchema } from './downtime.ts';
import { setting, UNCOMPILED } from './setting.ts';
import { updatesSchema } from './updates.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const logicalId = z.string().regex(/^[A-Za-z0-9\-.]{1,64}$/);
/** Every number has an end: Group Policy's editor takes 9999 for it where none is named, and a timer has none beyond 24 days. */
const duration = z
  .int()
  .min(0)
  .max(3_650 * DAY_MS);
const pem = z.string().max(16_384);
/** The types that are changed here. */
const WRITTEN = [
  'AllergyIntolerance',
  'Appointment',
  'Condition',
  'DocumentReference',
  'Immunization',
  'MedicationStatement',
  'Observation',
  'QuestionnaireResponse',
  'Task',
];
/**
 * The types that a workstation can do without. Never those that are dangerous not to know (who a patient is, allergies,
 * problems, medications, alerts; observations and consents, which say code status and pregnancy; implants), nor those by
 * which lists and wards go.
 */
export const LEAVABLE = [
  'CarePlan',
  'DiagnosticReport',
  'DocumentReference',
  'FamilyMemberHistory',
  'Goal',
  'Immunization',
  'Procedure',
  'QuestionnaireResponse',
  'ServiceRequest',
  'Specimen',
] as const;
const resourceType = z.string().regex(/^[A-Z][A-Za-z]{1,63}$/);

/** What an organisation decides for its workstations: the one list of which all templates, texts and checks are made. */
export const policySchema = z.strictObject({
  servers: z
    .strictObject({
      allowed: setting(z.array(endpoint).max(50).nullable().default(null), {
        text: 'FHIR servers (base addresses) that clinicians may sign in to. Not set: any.',
        strictest: [],
      }),
      suggested: setting(endpoint.nullable().default(null), {
        text: 'FHIR server (base address) that the first screen offers, so that nobody has to type it.',
        strictest: null,
      }),
    })
    .prefault({}),
  proxy: setting(proxySchema.prefault({ mode: 'system' }), {
    text: 'How servers are reached: as the operating system has it, directly, by one proxy, or by a script (operations.md, "Certificates and proxies").',
    strictest: { mode: 'system' },
  }),
  tls: z
    .strictObject({
      pins: setting(pinsSchema.default([]), {
        text: 'Keys (SHA-256 of SPKI) of which one has to be in the chain of a host’s certificate. Two for each host: one is a back-up.',
        strictest: UNREACHABLE_PINS,
      }),
      clientCertificates: setting(clientCertificatesSchema.nullable().default(null), {
        text: 'Hosts that may be shown a certificate of the workstation, and issuers of such a certificate. Not set: each host that is signed in to.',
        strictest: [],
      }),
    })
    .prefault({}),
  panel: z
    .strictObject({
      group: setting(logicalId.nullable().default(null), {
        text: "Logical id of a Group whose members are each clinician's patients too.",
        strictest: null,
      }),
      list: setting(logicalId.nullable().default(null), {
        text: "Logical id of a List whose patients are each clinician's too.",
        strictest: null,
      }),
    })
    .prefault({}),
  remoteDebugging: setting(z.boolean().default(false), {
    text: 'On Linux: a start with --remote-debugging-port is taken, and told on every screen. For tests of IT only.',
    strictest: false,
  }),
  retentionDays: setting(z.number().min(0).max(3_650).default(30), {
    text: 'Days that the records of a patient who left the panel stay on the workstation, by the server’s clock.',
    strictest: 1,
  }),
  cache: z
    .strictObject({
      leaveOut: setting(z.array(z.enum(LEAVABLE)).max(LEAVABLE.length).default([]), {
        text: `FHIR types that are not kept on the workstation: not fetched, and removed at the next sync. Of ${LEAVABLE.join(', ')}; a list with any other counts as malformed.`,
        // Records that are needed in a downtime don't go for a slip of the pen.
        strictest: [],
      }),
    })
    .prefault({}),
  clockLimitMs: setting(duration.default(10 * MINUTE_MS), {
    text: 'Difference between the clocks of workstation and server, in milliseconds, from which on it is shown.',
    strictest: MINUTE_MS,
  }),
  cursorLimitMs: setting(duration.default(5 * MINUTE_MS), {
    text: 'How far, in milliseconds, what was fetched last may be ahead of the server’s clock before the server counts as reset.',
    strictest: 5 * MINUTE_MS,
  }),
  massShare: setting(z.number().min(0).max(1).default(0.5), {
    text: 'Share of the compared records from which on their being gone counts as a reset of the server, and not as deletions.',
    strictest: 0.1,
  }),
  sweepHours: setting(z.number().min(0).max(8_760).default(24), {
    text: 'Hours between two comparisons of all ids and versions with the server.',
    strictest: 24,
  }),
  historyPages: setting(z.int().min(0).max(10_000).default(20), {
    text: 'Pages of a type’s history that a sync reads at most for its deletions; beyond it, ids are compared instead.',
    strictest: 20,
  }),
  neverMerge: setting(z.array(resourceType).max(200).default([]), {
    text: 'FHIR types whose conflicts are never merged without a person, beside allergies, problems and medications.',
    strictest: WRITTEN,
  }),
  unlock: z
    .strictObject({
      minLength: setting(z.int().min(6).max(128).default(8), {
        text: 'Fewest characters of a new passphrase.',
        strictest: 14,
      }),
      minStrength: setting(z.int().min(0).max(4).default(3), {
        text: 'Strength that a new passphrase must have, from 0 to 4 (zxcvbn).',
        strictest: 4,
      }),
      maxAttempts: setting(z.int().min(3).max(1_000).default(10), {
        text: 'Wrong passphrases in a row after which the device secret is destroyed.',
        strictest: 10,
      }),
      kdfTargetMs: setting(duration.max(30_000).default(500), {
        text: 'What deriving the key from a passphrase should take at enrolment, in milliseconds; never less than 64 MiB and three passes.',
        strictest: 1_000,
      }),
      recoveryKey: setting(pem.nullable().default(null), {
        text: 'Public key (RSA of 3072 bits or more, PEM, SPKI) for which the key of unsent work is sealed too.',
        strictest: null,
      }),
    })
    .prefault({}),
  lock: z
    .strictObject({
      idleMs: setting(
        z
          .int()
          .min(1_000)
          .max(DAY_MS)
          .default(5 * MINUTE_MS),
        {
          text: 'Without a key or a pointer in Wardlight for so many milliseconds, it locks.',
          strictest: MINUTE_MS,
        },
      ),
      withSystem: setting(z.boolean().default(true), {
        text: 'The screen lock of the operating system, another user’s session, suspend and a closed lid lock Wardlight too.',
        strictest: true,
      }),
    })
    .prefault({}),
  lease: z
    .strictObject({
      offlineMs: setting(duration.default(3 * DAY_MS), {
        text: 'How long, in milliseconds, after the last contact with the server records open offline.',
        strictest: 12 * HOUR_MS,
      }),
      graceMs: setting(duration.default(14 * DAY_MS), {
        text: 'How long, in milliseconds, the keys are kept after that; then they are destroyed, with what was not sent.',
        strictest: 14 * DAY_MS,
      }),
      noticeMs: setting(duration.default(DAY_MS), {
        text: 'For how long, in milliseconds, that is told on the screen before it is done.',
        strictest: DAY_MS,
      }),
    })
    .prefault({}),
  screen: z
    .strictObject({
      contentProtection: setting(z.boolean().default(false), {
        text: 'Keeps the window out of screenshots and screen sharing, where the operating system can.',
        strictest: true,
      }),
      shadeOnBlur: setting(z.boolean().default(false), {
        text: 'Covers the page while another window is in front.',
        strictest: true,
      }),
      clipboardMs: setting(duration.max(DAY_MS).default(MINUTE_MS), {
        text: 'After so many milliseconds, what was copied from a chart is cleared from the clipboard; 0 for never.',
        strictest: 10_000,
      }),
    })
    .prefault({}),
  output: z
    .strictObject({
      print: setting(z.boolean().default(true), {
        text: 'Binders, labels and sheets of numbers may be printed.',
        strictest: false,
      }),
      copy: setting(z.boolean().default(true), {
        text: 'What Wardlight shows may be copied to the clipboard, or dragged into another program.',
        strictest: false,
      }),
    })
    .prefault({}),
  documents: setting(documentsSchema.nullable().default(null), {
    text: 'Encryption of files and fields before they leave the workstation (operations.md, "Documents"). Not set: no file can be attached.',
    strictest: null,
  }),
  downtime: downtimeSchema.prefault({}),
  launchIssuers: setting(z.array(z.url()).max(50).default([]), {
    text: 'Issuers (FHIR base addresses) from which an EHR may launch Wardlight by a wardlight://launch link.',
    strictest: [],
  }),
  testPatients: setting(z.array(z.string().min(1).max(500)).max(50).default([]), {
    text: 'What makes a patient a test patient: system or system|value of an identifier, system|code of a tag or a security label, the address of an extension.',
    strictest: [],
  }),
  forms: z
    .strictObject({
      urls: setting(z.array(z.url().max(500)).max(200).nullable().default(null), {
        text: 'Canonical addresses of the forms (Questionnaire) that are offered. Not set: all that are active on the server.',
        strictest: [],
      }),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: setting(z.enum(['info', 'warn']).default('info'), {
        text: 'What the log of the program has: each event, or only those that something is wrong with.',
        strictest: 'info',
      }),
      keptDays: setting(z.int().min(1).max(3_650).default(30), {
        text: 'Days for which files of the log are kept.',
        strictest: 30,
      }),
      maxMegabytes: setting(z.int().min(1).max(1_024).default(50), {
        text: 'Most that the files of the log may have together, in MiB; the oldest is deleted first.',
        strictest: 50,
      }),
    })
    .prefault({}),
  audit: z
    .strictObject({
      checkpointMs: setting(duration.min(1_000).max(MINUTE_MS).default(MINUTE_MS), {
        text: 'Longest time, in milliseconds, from an access to the signed checkpoint that covers it.',
        strictest: 1_000,
      }),
      clockJumpMs: setting(duration.min(1_000).max(DAY_MS).default(MINUTE_MS), {
        text: 'A change of the workstation’s clock, in milliseconds, from which on it is recorded.',
        strictest: 1_000,
      }),
      alarms: alarmsSchema.prefault({}),
      delivery: setting(deliverySchema.prefault({}), {
        text: 'Where the record of accesses is delivered: write-once bucket, FHIR server, folder (operations.md, "Delivery").',
        strictest: deliverySchema.parse({}, UNCOMPILED),
      }),
    })
    .prefault({}),
  health: z
    .strictObject({
      statusFolder: setting(z.string().min(1).max(1_000).nullable().default(null), {
        text: 'Folder for the status that monitoring reads, beside the one in the data folder (operations.md, "Monitoring"). It has to be there.',
        strictest: null,
      }),
    })
    .prefault({}),
  access: z
    .strictObject({
      bundle: setting(z.string().max(1_000).nullable().default(null), {
        text: 'Path of the signed bundle of access policies. Not set: the one that Wardlight ships.',
        // A file that isn't there: the last good bundle stays in force, and without one nothing is permitted.
        strictest: '',
      }),
      signingKey: setting(pem.nullable().default(null), {
        text: 'Ed25519 public key (PEM, SPKI) by which the bundle of access policies is signed.',
        strictest: null,
      }),
      emergencyMs: setting(
        duration
          .min(MINUTE_MS)
          .max(DAY_MS)
          .default(30 * MINUTE_MS),
        {
          text: 'How long, in milliseconds, an emergency access lasts.',
          strictest: 10 * MINUTE_MS,
        },
      ),
    })
    .prefault({}),
  updates: updatesSchema.prefault({}),
  removal: z
    .strictObject({
      userData: setting(z.enum(['keep', 'keep-unsent', 'destroy']).default('keep'), {
        text: 'On Linux: what removing the package does with what clinicians keep. keep: nothing. keep-unsent: destroys it but for unsent work and the record of accesses. destroy: destroys all of it, with notes that were never sent.',
        // Whatever is wrong with it, nothing goes that IT has not clearly asked for.
        strictest: 'keep',
      }),
    })
    .prefault({}),
});

export type Policy = z.infer<typeof policySchema>;

export const defaultPolicy: Policy = policySchema.parse({}, UNCOMPILED);
