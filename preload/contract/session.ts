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
  /** This version of the program can't bring the files to its schema; they are as the version before has left them. */
  'upgrade-failed',
  'disk-full',
  'disk-read-only',
  'store-failed',
] as const;
export const storeError = z.enum(storeErrors);
export type StoreError = z.infer<typeof storeError>;

/**
 * Why a profile can't be opened without its server. `lease-clock`: the workstation's clock was set back; `lease-overdue`:
 * the keys will be destroyed unless the server is reached; `lease-sign-in`: the server wants a person to sign in.
 */
export const leaseErrors = [
  'lease-expired',
  'lease-clock',
  'lease-overdue',
  'lease-sign-in',
  'lease-destroyed',
] as const;
export const leaseError = z.enum(leaseErrors);
export type LeaseError = z.infer<typeof leaseError>;

export const signInErrors = [
  'server-address-invalid',
  'server-not-secure',
  /** Policy names other servers. */
  'server-not-allowed',
  'server-unreachable',
  'server-certificate',
  /** The server shows none of the keys that policy has pinned for it. */
  'server-pin',
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

/** Why a passphrase opens nothing, other than the keychain and the files. */
export const passphraseErrors = [
  'passphrase-wrong',
  /** Too soon after wrong ones; not counted. */
  'unlock-delayed',
  /** The last attempt was used up, or the keys were destroyed otherwise. */
  'keys-destroyed',
  'no-profile',
] as const;
export type PassphraseError = (typeof passphraseErrors)[number];

/** The organisation's recovery key, as policy names it, can't be used: nobody is enrolled without the one that it wants. */
export const recoveryKeyErrors = ['recovery-key-invalid', 'recovery-key-weak'] as const;

/** Bounds Argon2's input. The fewest characters are policy. */
export const PASSPHRASE_MAX = 256;
const passphrase = z.string().max(PASSPHRASE_MAX);

/** What makes a passphrase weak, in one word. */
export const strengthHints = [
  'short',
  'common',
  'keyboard',
  'repeated',
  'sequence',
  'date',
  'name',
  'own',
  'word',
  'more',
] as const;
export type StrengthHint = (typeof strengthHints)[number];

export const strength = z.strictObject({
  /** From 0 to 4. */
  score: z.int().min(0).max(4),
  /** Characters that are wanting. */
  missing: z.int().min(0),
  /** Policy takes it. */
  enough: z.boolean(),
  hint: z.enum(strengthHints).nullable(),
});
export type Strength = z.infer<typeof strength>;

/** What a person is told before the next try. */
export const attempts = z.strictObject({
  /** How many are left; null as long as there are many. */
  left: z.int().min(0).nullable(),
  waitMs: z.int().min(0),
});
export type Attempts = z.infer<typeof attempts>;

/** Whom this workstation knows: enough to greet, no patient data. */
export const profile = z.strictObject({ id: z.uuid(), display: text, server: text });
export type Profile = z.infer<typeof profile>;

const lockedProblem = z.union([keyringError, storeError, leaseError, z.literal('keys-destroyed')]);
export type LockedProblem = z.infer<typeof lockedProblem>;

/**
 * Why an open profile was locked. `asked`: by its clinician; `idle`: no key or pointer for too long; `system`: the OS
 * locked its screen; `suspend`: the computer sleeps; `user-switch`: another OS account came to the front;
 * `process-ended`: the process that holds the records died; `lease-expired`: the server was not reached for too long.
 */
export const lockReason = z.enum([
  'asked',
  'idle',
  'system',
  'suspend',
  'user-switch',
  'process-ended',
  'lease-expired',
]);
export type LockReason = z.infer<typeof lockReason>;
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
    reason: z.enum(['started', 'signed-in', ...lockReason.options]),
    problem: lockedProblem.nullable(),
    /** With `upgrade-failed`: the version of Wardlight that can open the profile, where it is known. */
    needs: text.optional(),
  }),
  /** The databases get new keys: nothing is open meanwhile. */
  z.strictObject({ phase: z.literal('rotating'), profile, done: z.number().min(0).max(1) }),
  z.strictObject({
    phase: z.literal('unlocked'),
    profile,
    since: instant,
    signInNeeded: z.boolean(),
    /** When the sign-in ends, where the server has granted none that lasts. */
    signInEnds: instant.nullable(),
    /** The patient whose chart the EHR had open when it launched Wardlight, until the page has gone there. */
    openPatient: fhirId.nullable(),
    /** The records were lost, and are fetched from the server again. */
    rebuilt: z.boolean(),
  }),
]);
export type SessionState = z.infer<typeof sessionState>;

const openErrors = [...passphraseErrors, ...keyringErrors, ...storeErrors, ...leaseErrors] as const;

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
      ...recoveryKeyErrors,
      ...keyringErrors,
      ...storeErrors,
      ...leaseErrors,
    ]),
    /** How strong a passphrase is that somebody is about to choose. */
    strength: call(z.strictObject({ passphrase }), strength),
    unlock: call(z.strictObject({ passphrase }), nothing, openErrors),
    /** How many attempts are left, and how long to wait for the next; asked by the lock screen. */
    attempts: call(nothing, attempts, ['no-profile', ...keyringErrors, ...storeErrors]),
    /** Wraps the keys for another passphrase. While unlocked only. */
    changePassphrase: call(z.strictObject({ current: passphrase, next: passphrase }), nothing, [
      'passphrase-weak',
      ...passphraseErrors,
      ...keyringErrors,
      ...storeErrors,
    ]),
    /** Gives the databases new keys: locks, encrypts anew, and opens again. While unlocked only. */
    rotateKey: call(z.strictObject({ passphrase }), nothing, openErrors),
    /** Unlocks with an empty list of unsent changes; the file that can't be opened, or is gone, stays beside it. */
    setOutboxAside: call(z.strictObject({ passphrase }), nothing, openErrors),
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
