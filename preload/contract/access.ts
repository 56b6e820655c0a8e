import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call, event } from './channel.ts';
import { fhirId, nothing, text } from './fhir.ts';
import { keyringErrors, PASSPHRASE_MAX, passphraseErrors, storeErrors } from './session.ts';

/**
 * Why the organisation's access policies are not the ones in force, or may not be the next time. Until IT has looked,
 * the last good ones hold; where there are none, nothing is permitted.
 */
export const policyAlarms = [
  'policy-missing',
  'policy-damaged',
  'policy-signature',
  'policy-invalid',
  /** Older than the last good ones, or other policies under the same number. */
  'policy-older',
  /** In force, but they could not be kept as the last good ones. */
  'policy-not-kept',
] as const;
export type PolicyAlarm = (typeof policyAlarms)[number];

/** Purposes of use that a clinician can state: codes of HL7 v3 ActReason. */
export const purpose = z.enum(['TREAT', 'ETREAT', 'CAREMGT', 'HOPERAT']);
export type Purpose = z.infer<typeof purpose>;

/** Purposes for which emergency access can be declared. */
export const emergencyPurpose = z.enum(['ETREAT', 'BTG']);
export type EmergencyPurpose = z.infer<typeof emergencyPurpose>;

/** What is open of one patient beyond the ordinary, and for how long. */
export const grant = z.strictObject({
  patientId: fhirId,
  kind: z.enum(['emergency', 'purpose']),
  purpose: z.union([purpose, emergencyPurpose]),
  /** Milliseconds that are left, when this was told. */
  remainingMs: z.number().nonnegative(),
});
export type Grant = z.infer<typeof grant>;

export const accessState = z.strictObject({
  grants: z.array(grant).max(1_000),
  policies: z.strictObject({
    source: z.enum(['default', 'organisation', 'last-good', 'none']),
    name: text.nullable(),
    version: z.int().nullable(),
    alarm: z.enum(policyAlarms).nullable(),
  }),
});
export type AccessState = z.infer<typeof accessState>;

export const REASON_MIN = 4;
export const REASON_MAX = 1_000;

const reauthenticationErrors = [...passphraseErrors, ...keyringErrors, ...storeErrors] as const;

export const access = {
  calls: {
    state: call(nothing, accessState),
    /** Whether emergency access may be declared at all to a patient who is not one's own. Tells nothing of the patient. */
    mayDeclare: call(nothing, z.strictObject({ emergency: z.boolean() })),
    /**
     * Emergency access to one patient for a limited time. The passphrase is asked for again, and the override is recorded
     * and alerted before this answers. `not-found`: the patient is not on this workstation.
     */
    declareEmergency: call(
      z.strictObject({
        patientId: fhirId,
        purpose: emergencyPurpose,
        reason: z.string().trim().min(REASON_MIN).max(REASON_MAX),
        passphrase: z.string().max(PASSPHRASE_MAX),
      }),
      grant,
      ['not-found', ...auditErrors, ...reauthenticationErrors],
    ),
    /** Opens what is restricted of one's own patient for a limited time, for a purpose that is recorded. */
    openRestricted: call(z.strictObject({ patientId: fhirId, purpose }), grant, [...auditErrors]),
    /** Closes what was opened before its time is over. */
    end: call(z.strictObject({ patientId: fhirId }), nothing),
  },
  events: { changed: event(accessState) },
} as const;
