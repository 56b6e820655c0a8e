import type { Failure, Result } from '../../preload/contract/channel.ts';
import {
  type Attempts,
  type KeyringError,
  type LeaseError,
  type LockedProblem,
  type LockReason,
  leaseError,
  type PassphraseError,
  type Profile as PublicProfile,
  type SessionState,
  type SignInError,
  type StoreError,
  type Strength,
} from '../../preload/contract/session.ts';
import type { Profile, Profiles } from '../identity/profiles.ts';
import type { SignedIn, Smart } from '../identity/smart.ts';
import type { KeyStore } from './key-store.ts';
import type { RecoveryKeyError } from './recovery.ts';
import type { ProfileKeys } from './slots.ts';
import type { MeasureStrength } from './strength.ts';
import type { UnlockError, Vault } from './vault.ts';

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

export type SessionEvent =
  | 'sign-in'
  | 'enrol'
  | 'unlock'
  | 'unlock-failed'
  | 'lock'
  | 'change-passphrase'
  | 'rotate-key'
  | 'keys-destroyed'
  | 'rebuild-cache'
  | 'set-outbox-aside';

export interface SessionOptions {
  vault: Vault;
  strength: MeasureStrength;
  keyStore: KeyStore;
  profiles: Profiles;
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
  /** A closed profile's clinician has signed in, as the server wanted: keeps the tokens and asks the server. */
  renewLease: (profile: Profile, signedIn: SignedIn) => Promise<LeaseError | null>;
  /** The clinician's name as the server has it, for greeting. */
  displayName: (server: string, signedIn: SignedIn) => Promise<string>;
  /** A durable record of what happened, before the page hears of it; of a lock with its reason. */
  record: (
    event: SessionEvent,
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

type Codes<Code extends string> = Promise<Result<Record<string, never>, Code>>;
const done = { ok: true, value: {} } as const;

function failed<Code extends string>(error: Failure<Code>): { ok: false; error: Failure<Code> } {
  return { ok: false, error };
}

type Opened = Codes<PassphraseError | OpenProblem>;
type Verified<Code extends string = never> = Codes<Code | PassphraseError | KeyringError | StoreError>;

/** Records that can be had from the server again. */
const LOST: readonly OpenProblem[] = ['cache-damaged', 'cache-missing'];

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
}

export function createSession(options: SessionOptions): Session {
  const { vault, keyStore, profiles, smart, openWorkspace, record, now } = options;
  let state: SessionState = { phase: 'starting' };
  let profile: Profile | null = null;
  let pending: { server: string; signedIn: SignedIn; display: string } | null = null;
  let workspace: Workspace | null = null;
  let signingIn: AbortController | null = null;
  /** A file was found to be damaged while it was open. */
  let suspected = false;
  /** Enrolling, unlocking and locking never overlap: each waits for the one before. */
  let queue: Promise<unknown> = Promise.resolve();

  function enter(next: SessionState): void {
    state = next;
    options.onState(next);
  }

  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const turn = queue.then(work, work);
    queue = turn.catch(() => undefined);
    return turn;
  }

  function known(from: Profile): PublicProfile {
    return { id: from.id, display: from.display, server: from.server };
  }

  /** A problem that another try with the same passphrase can't solve is shown on the screen itself. */
  function enterProblem(from: Profile, problem: LockedProblem): void {
    enter({ phase: 'locked', profile: known(from), reason: 'started', problem });
  }

  async function begin(): Promise<void> {
    // Asked again at any time by the page, it must neither hide an open workspace nor lose a sign-in.
    if (workspace || ['signing-in', 'enrolling', 'rotating', 'unlocked'].includes(state.phase)) return;
    // Nobody is there to hear of an exception, and the page would wait for ever.
    await look().catch(() => enter({ phase: 'blocked', problem: 'internal' }));
  }

  async function look(): Promise<void> {
    const found = await profiles.find();
    if (!found.ok) return enter({ phase: 'blocked', problem: found.error.code });
    profile = found.value;
    if (profile) {
      const problem = await options.leaseProblem(profile);
      return enter({ phase: 'locked', profile: known(profile), reason: 'started', problem });
    }
    // Asked before the clinician has typed anything: without a keychain there is nowhere to keep a key.
    const probe = await keyStore.get('probe');
    if (!probe.ok) return enter({ phase: 'blocked', problem: probe.error.code });
    enter({ phase: 'signed-out', server: options.suggestedServer });
  }

  async function open(
    from: Profile,
    keys: ProfileKeys,
    { create = false, anew = [] }: { create?: boolean; anew?: readonly Anew[] } = {},
  ): Promise<Result<Workspace, OpenProblem>> {
    const onEnd = (how: 'process-ended' | 'damaged') => void (how === 'damaged' ? damaged(from) : closeWorkspace(how));
    const check = suspected;
    const attempt = (more: readonly Anew[]) => openWorkspace({ profile: from, keys, create, anew: more, check, onEnd });
    try {
      let opened = await attempt(anew);
      if (!create && !opened.ok && LOST.includes(opened.error.code)) {
        await record('rebuild-cache', from);
        opened = await attempt([...anew, 'cache']);
      }
      if (opened.ok) {
        workspace = opened.value;
        suspected = false;
      }
      return opened;
    } finally {
      keys.cacheKey.fill(0);
      keys.outboxKey.fill(0);
    }
  }

  /** Something in a file can't be read: locked, so that the next unlock looks through it and makes good what can be. */
  async function damaged(from: Profile): Promise<void> {
    if (!workspace) return;
    suspected = true;
    await closeWorkspace('asked');
    enterProblem(from, 'cache-damaged');
  }

  function enterUnlocked(from: Profile, { rebuilt }: Workspace): void {
    const since = new Date(now()).toISOString();
    enter({ phase: 'unlocked', profile: known(from), since, signInNeeded: false, rebuilt });
  }

  /** What follows a passphrase that opened nothing. The last one locks what was open. */
  async function refused(from: Profile, code: UnlockError): Promise<{ ok: false; error: Failure<UnlockError> }> {
    if (code === 'unlock-delayed') return failed({ code });
    const known = state.phase === 'locked' && state.problem === 'keys-destroyed';
    if (code === 'keys-destroyed' && !known) await record('keys-destroyed', from);
    else await record('unlock-failed', from);
    if (code === 'keys-destroyed') await closeWorkspace('asked');
    if (code !== 'passphrase-wrong' && !workspace) enterProblem(from, code);
    return failed({ code });
  }

  async function unlock(passphrase: string, anew: readonly Anew[]): Opened {
    if (!profile) return failed({ code: 'no-profile' });
    if (state.phase !== 'locked') return done;
    const keys = await vault.unlock(profile, passphrase);
    if (!keys.ok) return refused(profile, keys.error.code);
    if (anew.length > 0) await record('set-outbox-aside', profile);
    const opened = await open(profile, keys.value, { anew });
    if (!opened.ok) {
      enterProblem(profile, opened.error.code);
      return opened;
    }
    await record('unlock', profile);
    enterUnlocked(profile, opened.value);
    opened.value.start();
    return done;
  }

  async function rotateKey(from: Profile, passphrase: string): Opened {
    const rotated = await vault.rotate(from, passphrase, {
      async prepare() {
        const closing = workspace;
        workspace = null;
        enter({ phase: 'rotating', profile: known(from), done: 0 });
        await closing?.close();
      },
      onProgress(share) {
        if (state.phase === 'rotating') enter({ ...state, done: Math.max(state.done, share) });
      },
    });
    if (!rotated.ok) return refused(from, rotated.error.code);
    const { keys, failure } = rotated.value;
    if (failure === null) await record('rotate-key', from);
    const opened = await open(from, keys);
    if (!opened.ok || failure !== null) {
      const code = opened.ok ? failure : opened.error.code;
      // Shown on the lock screen: the dialog that asked for it is gone.
      await closeWorkspace('asked');
      enterProblem(from, code ?? 'store-failed');
      return failed({ code: code ?? 'store-failed' });
    }
    enterUnlocked(from, opened.value);
    opened.value.start();
    return done;
  }

  async function closeWorkspace(reason: LockReason): Promise<void> {
    if (!profile || !workspace) return;
    const closing = workspace;
    workspace = null;
    // The page first: nothing of the patient may stay on the screen while the rest is put away.
    // Not yet the passphrase field: what is typed before the page is loaded anew would be lost.
    options.onState({ phase: 'starting' });
    const problem = reason === 'lease-expired' ? reason : null;
    state = { phase: 'locked', profile: known(profile), reason, problem };
    options.reloadPage();
    await closing.close();
    await record('lock', profile, reason);
  }

  /** A second sign-in renews the tokens of the open profile; it never lets another clinician into it. */
  async function adopt(server: string, signedIn: SignedIn): Codes<SignInError> {
    if (!profile || !workspace) return failed({ code: 'sign-in-failed' });
    if (server !== profile.server || signedIn.practitioner !== profile.practitioner) {
      return failed({ code: 'sign-in-failed', detail: 'another clinician' });
    }
    const kept = await workspace.adoptTokens(signedIn);
    if (!kept.ok) return failed({ code: 'sign-in-failed', detail: 'keyring' });
    enterUnlocked(profile, workspace);
    workspace.start();
    return done;
  }

  /** The server wanted a person: it is the profile's own clinician, and she still has to unlock. */
  async function renewLease(server: string, signedIn: SignedIn): Codes<SignInError> {
    if (!profile || server !== profile.server || signedIn.practitioner !== profile.practitioner) {
      return failed({ code: 'sign-in-failed', detail: 'another clinician' });
    }
    const problem = await options.renewLease(profile, signedIn);
    if (state.phase === 'locked') enter({ ...state, problem });
    return done;
  }

  return {
    state: () => state,
    begin,

    async signIn(typed) {
      const server = options.parseServer(typed);
      if (!server.ok) return server;
      const before = state;
      const isClosed = before.phase === 'locked' && before.problem === 'lease-sign-in';
      if (before.phase !== 'signed-out' && before.phase !== 'unlocked' && !isClosed) {
        return failed({ code: 'sign-in-failed' });
      }
      signingIn?.abort();
      const attempt = new AbortController();
      signingIn = attempt;
      if (before.phase === 'signed-out') enter({ phase: 'signing-in', server: server.value });
      const broken = () => failed({ code: 'sign-in-failed' } as const);
      const result = await smart.signIn(server.value, attempt.signal).catch(broken);
      if (!result.ok) {
        if (state.phase === 'signing-in') enter({ phase: 'signed-out', server: server.value });
        return result;
      }
      await record('sign-in', { practitioner: result.value.practitioner, server: server.value });
      if (isClosed) return renewLease(server.value, result.value);
      if (before.phase === 'unlocked') return adopt(server.value, result.value);
      const display = await options.displayName(server.value, result.value);
      pending = { server: server.value, signedIn: result.value, display };
      enter({ phase: 'enrolling', display, server: server.value });
      return done;
    },

    cancelSignIn() {
      signingIn?.abort();
      if (state.phase === 'enrolling') {
        pending = null;
        enter({ phase: 'signed-out', server: options.suggestedServer });
      }
    },

    enrol: (passphrase) =>
      inTurn(async () => {
        if (!pending || state.phase !== 'enrolling') return failed({ code: 'not-signed-in' });
        const { server, signedIn, display } = pending;
        if (!(await options.strength(passphrase, [display, server])).enough) return failed({ code: 'passphrase-weak' });
        const id = options.newId();
        const draft = { id, folder: profiles.folderOf(id) };
        const keys = await vault.enrol(draft, passphrase);
        if (!keys.ok) return keys;
        const fresh: Profile = { version: 1, ...draft, display, server, practitioner: signedIn.practitioner };
        const opened = await open(fresh, keys.value, { create: true });
        if (!opened.ok) return opened;
        const kept = await opened.value.adoptTokens(signedIn);
        if (!kept.ok) {
          workspace = null;
          await opened.value.close();
          return failed({ code: 'keyring-failed' });
        }
        // Only now does the profile exist: an enrolment that is cut off before leaves nothing that could be opened.
        const added = await profiles.add(fresh).catch(() => null);
        if (!added) {
          workspace = null;
          await opened.value.close();
          return failed({ code: 'store-failed' });
        }
        profile = added;
        pending = null;
        await record('enrol', profile);
        enterUnlocked(profile, opened.value);
        opened.value.start();
        return done;
      }),

    strength(passphrase) {
      const whom = pending ?? profile;
      return options.strength(passphrase, whom ? [whom.display, whom.server] : []);
    },

    unlock: (passphrase) => inTurn(() => unlock(passphrase, [])),
    setOutboxAside: (passphrase) => inTurn(() => unlock(passphrase, ['outbox'])),

    attempts: () =>
      inTurn(async () => {
        if (!profile) return failed({ code: 'no-profile' });
        if (state.phase !== 'locked') return { ok: true, value: { left: null, waitMs: 0 } };
        const looked = await vault.attempts(profile);
        if (looked.ok) return looked;
        const { code } = looked.error;
        if (code !== 'keys-destroyed') return failed({ code });
        if (state.problem !== code) enterProblem(profile, code);
        return { ok: true, value: { left: 0, waitMs: 0 } };
      }),

    reauthenticate: (passphrase) =>
      inTurn(async () => {
        if (!profile || !workspace) return failed({ code: 'no-profile' });
        const verified = await vault.verify(profile, passphrase);
        return verified.ok ? done : refused(profile, verified.error.code);
      }),

    changePassphrase: (current, next) =>
      inTurn(async () => {
        if (!profile || !workspace) return failed({ code: 'no-profile' });
        const { display, server } = profile;
        if (!(await options.strength(next, [display, server])).enough) return failed({ code: 'passphrase-weak' });
        const changed = await vault.changePassphrase(profile, current, next);
        if (!changed.ok) return refused(profile, changed.error.code);
        await record('change-passphrase', profile);
        return done;
      }),

    rotateKey: (passphrase) =>
      inTurn(async () => {
        if (!profile || !workspace) return failed({ code: 'no-profile' });
        return rotateKey(profile, passphrase);
      }),

    lock: (reason = 'asked') =>
      inTurn(async () => {
        if (workspace) await options.beforeLock();
        await closeWorkspace(reason);
      }),

    showLease(problem) {
      if (state.phase !== 'locked' || state.problem === problem) return;
      // Why the last attempt failed stays on the screen, unless there is nothing left to attempt.
      const { success: isLease } = leaseError.safeParse(state.problem);
      const isOpen = state.problem === null || (isLease && state.problem !== 'lease-sign-in');
      if (isOpen || problem === 'lease-destroyed') enter({ ...state, problem });
    },

    needSignIn() {
      if (state.phase === 'unlocked' && !state.signInNeeded) enter({ ...state, signInNeeded: true });
    },
  };
}
