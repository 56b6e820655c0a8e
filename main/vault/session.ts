import type { Failure, Result } from '../../preload/contract/channel.ts';
import {
  type KeyringError,
  type LeaseError,
  type LockReason,
  leaseError,
  PASSPHRASE_MIN,
  type Profile as PublicProfile,
  type SessionState,
  type SignInError,
  type StoreError,
} from '../../preload/contract/session.ts';
import type { Profile, Profiles } from '../identity/profiles.ts';
import type { SignedIn, Smart } from '../identity/smart.ts';
import type { KeyStore } from './key-store.ts';
import type { ProfileKeys } from './slots.ts';
import type { Vault } from './vault.ts';

/** What stands open while a profile is unlocked: cache, tokens, sync. */
export interface Workspace {
  /** Tokens of a sign-in that was made while unlocked, or just before enrolment. */
  adoptTokens(signedIn: SignedIn): Promise<Result<void, string>>;
  start(): void;
  close(): Promise<void>;
}

/** Why a profile's keys or files, or its lease, did not let it be opened. */
export type OpenProblem = KeyringError | StoreError | LeaseError;

export type SessionEvent = 'sign-in' | 'enrol' | 'unlock' | 'unlock-failed' | 'lock';

export interface SessionOptions {
  vault: Vault;
  keyStore: KeyStore;
  profiles: Profiles;
  smart: Smart;
  /** Checks what a person typed as the server's address. */
  parseServer: (typed: string) => Result<string, SignInError>;
  /** Filled in on the sign-in screen. */
  suggestedServer: string;
  /** Opens the profile's cache and outbox with their keys and wires what works on them. `onEnd`: the cache's process died. */
  openWorkspace: (options: {
    profile: Profile;
    keys: ProfileKeys;
    create: boolean;
    onEnd: () => void;
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

/** Where the clinician stands, and the only way from one state to another. */
export interface Session {
  state(): SessionState;
  /** Reads what the workstation has; to be called once, and again by `retryKeyring`. */
  begin(): Promise<void>;
  signIn(server: string): Codes<SignInError | KeyringError>;
  cancelSignIn(): void;
  enrol(passphrase: string): Codes<'passphrase-weak' | 'not-signed-in' | OpenProblem>;
  unlock(passphrase: string): Codes<'passphrase-wrong' | 'no-profile' | OpenProblem>;
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
  function enterProblem(from: Profile, problem: OpenProblem): void {
    enter({ phase: 'locked', profile: known(from), reason: 'started', problem });
  }

  async function begin(): Promise<void> {
    // Asked again at any time by the page, it must neither hide an open workspace nor lose a sign-in.
    if (workspace || ['signing-in', 'enrolling', 'unlocked'].includes(state.phase)) return;
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

  async function open(from: Profile, keys: ProfileKeys, create: boolean): Promise<Result<Workspace, OpenProblem>> {
    const onEnd = () => void closeWorkspace('process-ended');
    const opened = await openWorkspace({ profile: from, keys, create, onEnd });
    keys.cacheKey.fill(0);
    keys.outboxKey.fill(0);
    if (opened.ok) workspace = opened.value;
    return opened;
  }

  function enterUnlocked(from: Profile): void {
    const since = new Date(now()).toISOString();
    enter({ phase: 'unlocked', profile: known(from), since, signInNeeded: false });
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
    enterUnlocked(profile);
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
        if ([...passphrase].length < PASSPHRASE_MIN) return failed({ code: 'passphrase-weak' });
        const { server, signedIn, display } = pending;
        const id = options.newId();
        const draft = { id, folder: profiles.folderOf(id) };
        const keys = await vault.enrol(draft, passphrase);
        if (!keys.ok) return keys;
        const fresh: Profile = { version: 1, ...draft, display, server, practitioner: signedIn.practitioner };
        const opened = await open(fresh, keys.value, true);
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
        enterUnlocked(profile);
        opened.value.start();
        return done;
      }),

    unlock: (passphrase) =>
      inTurn(async () => {
        if (!profile) return failed({ code: 'no-profile' });
        if (state.phase !== 'locked') return done;
        const keys = await vault.unlock(profile, passphrase);
        if (!keys.ok) {
          await record('unlock-failed', profile);
          const { code } = keys.error;
          if (code !== 'passphrase-wrong') enterProblem(profile, code);
          return keys;
        }
        const opened = await open(profile, keys.value, false);
        if (!opened.ok) {
          enterProblem(profile, opened.error.code);
          return opened;
        }
        await record('unlock', profile);
        enterUnlocked(profile);
        opened.value.start();
        return done;
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
