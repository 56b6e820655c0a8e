import * as z from 'zod';
import { call, event } from './channel.ts';
import { fhirId, instant, nothing, text } from './fhir.ts';

/** Why the OS keychain gave no secret. None of these deletes or replaces anything. */
export const keyringErrors = [
  'keyring-absent',
  'keyring-locked',
  'keyring-denied',
  'keyring-timeout',
  'keyring-failed',
  'keyring-entry-missing',
  'keyring-entry-wrong',
] as const;
export const keyringError = z.enum(keyringErrors);
export type KeyringError = z.infer<typeof keyringError>;

/** Why a profile's files could not be opened although the key was right or could not be tried. */
export const storeErrors = [
  'profile-damaged',
  'slots-damaged',
  'slots-newer',
  'cache-damaged',
  'cache-key-wrong',
  'cache-newer-schema',
  'cache-missing',
  'outbox-damaged',
  'outbox-key-wrong',
  'outbox-newer-schema',
  'outbox-missing',
  'disk-full',
  'disk-read-only',
  'store-failed',
] as const;
export const storeError = z.enum(storeErrors);
export type StoreError = z.infer<typeof storeError>;

export const signInErrors = [
  'server-address-invalid',
  'server-not-secure',
  'server-unreachable',
  'server-certificate',
  /** The server asks for a certificate of this workstation, and none was shown that it takes. */
  'client-certificate',
  'proxy-refused',
  'server-not-smart',
  'sign-in-denied',
  'sign-in-cancelled',
  'sign-in-timeout',
  'sign-in-failed',
  'sign-in-no-practitioner',
] as const;
export const signInError = z.enum(signInErrors);
export type SignInError = z.infer<typeof signInError>;

/** Length in characters. The minimum becomes policy with machine policy; the maximum bounds Argon2's input. */
export const PASSPHRASE_MIN = 8;
export const PASSPHRASE_MAX = 256;
const passphrase = z.string().max(PASSPHRASE_MAX);

/** Whom this workstation knows: enough to greet, no patient data. */
export const profile = z.strictObject({ id: z.uuid(), display: text, server: text });
export type Profile = z.infer<typeof profile>;

/** More than a workstation ever has; a list has an end. */
const PROFILES_MAX = 500;

/** One of several clinicians of this workstation. */
const knownProfile = profile.extend({ lastUsed: instant.nullable() });

/** What was erased because its server ordered it. `kept`: unsent work stays, sealed for the organisation's recovery key. */
const wipedProfile = z.strictObject({ display: text, server: text, unsent: z.enum(['kept', 'removed']) });

/**
 * Where the clinician stands. `locked.reason` says why the lock came, `locked.problem` what stopped the last attempt
 * to open, other than a wrong passphrase (which `unlock` answers itself).
 */
export const sessionState = z.discriminatedUnion('phase', [
  z.strictObject({ phase: z.literal('starting') }),
  /** Nothing can be begun: there is no keychain, or a profile that can't be read, in whose place none is made. */
  z.strictObject({
    phase: z.literal('blocked'),
    problem: z.union([keyringError, storeError, z.literal('internal')]),
  }),
  /** This workstation was told to erase itself. `problem`: why it isn't finished yet. */
  z.strictObject({
    phase: z.literal('wiped'),
    profiles: z.array(wipedProfile).max(PROFILES_MAX),
    problem: z.union([keyringError, storeError]).nullable(),
  }),
  /** Several clinicians: who it is this time. `damaged`: profiles that can't be read, by the names of their folders. */
  z.strictObject({
    phase: z.literal('choosing'),
    profiles: z.array(knownProfile).max(PROFILES_MAX),
    damaged: z.array(text).max(PROFILES_MAX),
  }),
  z.strictObject({ phase: z.literal('signed-out'), server: z.string().max(2_000), hasProfiles: z.boolean() }),
  z.strictObject({ phase: z.literal('signing-in'), server: text }),
  z.strictObject({ phase: z.literal('enrolling'), display: text, server: text }),
  z.strictObject({
    phase: z.literal('locked'),
    profile,
    reason: z.enum(['started', 'asked', 'process-ended', 'signed-in']),
    problem: z.union([keyringError, storeError]).nullable(),
  }),
  z.strictObject({
    phase: z.literal('unlocked'),
    profile,
    since: instant,
    signInNeeded: z.boolean(),
    /** When the sign-in ends, where the server has granted none that lasts. */
    signInEnds: instant.nullable(),
    /** The patient whose chart the EHR had open when it launched Wardlight, until the page has gone there. */
    openPatient: fhirId.nullable(),
  }),
]);
export type SessionState = z.infer<typeof sessionState>;

export const session = {
  calls: {
    state: call(nothing, sessionState),
    /** Opens the system browser at the server's sign-in page and waits until it comes back. */
    signIn: call(z.strictObject({ server: z.string().max(2_000) }), nothing, [...signInErrors, ...keyringErrors]),
    cancelSignIn: call(nothing, nothing),
    /** Makes the keys of a new profile. Only after a sign-in. */
    enrol: call(z.strictObject({ passphrase }), nothing, [
      'passphrase-weak',
      'not-signed-in',
      ...keyringErrors,
      ...storeErrors,
    ]),
    unlock: call(z.strictObject({ passphrase }), nothing, [
      'passphrase-wrong',
      'no-profile',
      ...keyringErrors,
      ...storeErrors,
    ]),
    lock: call(nothing, nothing),
    /** Locks what is open, and asks who it is to be; where there is one other clinician only, it is she. */
    switchClinician: call(nothing, nothing),
    /** One of the profiles that `choosing` lists. */
    choose: call(z.strictObject({ id: z.uuid() }), nothing, ['no-profile']),
    /** Somebody who has no profile here yet. */
    addClinician: call(nothing, nothing, [...keyringErrors]),
    /** The page has gone to `openPatient`. */
    openedPatient: call(nothing, nothing),
    /** What was erased has been read. */
    dismissWipe: call(nothing, nothing),
    /** Asks the keychain again, after the person has started or unlocked it. */
    retryKeyring: call(nothing, nothing),
  },
  events: { changed: event(sessionState) },
} as const;
