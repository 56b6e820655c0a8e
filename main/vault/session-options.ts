import type { Result } from '../../preload/contract/channel.ts';
import type {
  Attempts,
  KeyringError,
  LeaseError,
  LockReason,
  PassphraseError,
  SessionState,
  SignInError,
  StoreError,
  Strength,
} from '../../preload/contract/session.ts';
import type { SessionAction } from '../audit/events/actions.ts';
import type { Profile, Profiles } from '../identity/profiles.ts';
import type { WipeOrder } from '../identity/revocation.ts';
import type { SignedIn, Smart } from '../identity/smart.ts';
import type { Wipe } from '../identity/wipe.ts';
import type { KeyStore } from './key-store.ts';
import type { RecoveryKeyError } from './recovery.ts';
import type { ProfileKeys } from './slots.ts';
import type { MeasureStrength } from './strength.ts';
import type { Vault } from './vault.ts';

/** What stands open while a profile is unlocked: cache, tokens, sync. */
export interface Workspace {
  /** Tokens of a sign-in that was made while unlocked, or just before enrolment. */
  adoptTokens(signedIn: SignedIn): Promise<Result<void, string>>;
  start(): void;
  close(): Promise<void>;
  /** The cache was made anew, here or at an earlier unlock. */
  readonly rebuilt: boolean;
}

/** Why a profile's keys or files, or its lease, did not let it be opened. */
export type OpenProblem = KeyringError | StoreError | LeaseError;

/** A database that is made anew in the place of one that is lost; what is left of that is kept beside it. */
export type Anew = 'cache' | 'outbox';

export interface SessionOptions {
  vault: Vault;
  strength: MeasureStrength;
  keyStore: KeyStore;
  profiles: Profiles;
  wipe: Wipe;
  smart: Smart;
  /** Checks what a person typed as the server's address. */
  parseServer: (typed: string) => Result<string, SignInError>;
  /** Filled in on the sign-in screen. */
  suggestedServer: string;
  /** Opens the profile's cache and outbox with their keys and wires what works on them. `onEnd`: it can't go on. */
  openWorkspace: (options: {
    profile: Profile;
    keys: ProfileKeys;
    create: boolean;
    anew: readonly Anew[];
    /** Looks through the files whole first: something in them could not be read. */
    check: boolean;
    onEnd: (how: 'process-ended' | 'damaged') => void;
  }) => Promise<Result<Workspace, OpenProblem>>;
  /** Why the profile can't be opened without its server; null where it can. */
  leaseProblem: (profile: Profile) => Promise<LeaseError | null>;
  /** Somebody enrols: the sign-in was a contact with her server. */
  beginLease: (profile: Profile, signedIn: SignedIn) => Promise<void>;
  /** A closed profile's clinician has signed in, as the server wanted: keeps the tokens and asks the server. */
  renewLease: (profile: Profile, signedIn: SignedIn) => Promise<LeaseError | null>;
  /** The clinician's name as the server has it, for greeting. */
  displayName: (server: string, signedIn: SignedIn) => Promise<string>;
  /** A durable record of what happened, before the page hears of it; of a lock with its reason. */
  record: (
    event: SessionAction,
    profile: { practitioner: string; server: string },
    reason?: LockReason,
  ) => Promise<void>;
  /** Lets the page hand over what is typed and not kept yet. It may not hold up a lock for long. */
  beforeLock: () => Promise<void>;

  onState: (state: SessionState) => void;
  /** Clears the page of everything it holds. */
  reloadPage: () => void;
  newId: () => string;
  now: () => number;
}

export type Codes<Code extends string> = Promise<Result<Record<string, never>, Code>>;
export type Opened = Codes<PassphraseError | OpenProblem>;
export type Verified<Code extends string = never> = Codes<Code | PassphraseError | KeyringError | StoreError>;

/** Where the clinician stands, and the only way from one state to another. */
export interface Session {
  state(): SessionState;
  /** Reads what the workstation has; to be called once, and again by `retryKeyring`. */
  begin(): Promise<void>;
  signIn(server: string): Codes<SignInError | KeyringError>;
  cancelSignIn(): void;
  enrol(passphrase: string): Codes<'passphrase-weak' | 'not-signed-in' | RecoveryKeyError | OpenProblem>;
  /** Of a passphrase that somebody is about to choose. */
  strength(passphrase: string): Promise<Strength>;
  unlock(passphrase: string): Opened;
  /** What to tell before the next try. */
  attempts(): Promise<Result<Attempts, 'no-profile' | KeyringError | StoreError>>;
  /** Whether it is still the same person; a wrong passphrase counts as at an unlock, and the last one locks. */
  reauthenticate(passphrase: string): Verified;
  changePassphrase(current: string, next: string): Verified<'passphrase-weak'>;
  /** Locks, gives the databases new keys, and opens them again. */
  rotateKey(passphrase: string): Opened;
  /** Unlocks with a new outbox; only ever because a person has decided it. */
  setOutboxAside(passphrase: string): Opened;
  lock(reason?: LockReason): Promise<void>;
  /** Shows what has become of the lease of a profile that is closed. */
  showLease(problem: LeaseError | null): void;
  /** The server no longer takes the refresh token. */
  needSignIn(): void;
  /** Locks what is open, and asks whose profile is to be unlocked. */
  switchClinician(): Promise<void>;
  choose(id: string): Codes<'no-profile'>;
  addClinician(): Codes<KeyringError>;
  /** The page shows the patient whose chart the EHR had open. */
  openedPatient(): void;
  /** Signs in for the `launch` that an EHR has handed over; `other-clinician`: it waits for `switchToLaunched`. */
  launch(server: string, launch: string): Codes<SignInError | 'other-clinician'>;
  /** Locks what is open, and goes on with who has signed in for the launch. */
  switchToLaunched(): Promise<void>;
  /** The server has ordered that this workstation erases itself. */
  wipe(order: WipeOrder): Promise<void>;
  dismissWipe(): Promise<void>;
}
