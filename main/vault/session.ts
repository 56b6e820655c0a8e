import type { Failure, Result } from '../../preload/contract/channel.ts';
import {
  type KeyringError,
  PASSPHRASE_MIN,
  type SessionState,
  type SignInError,
  type StoreError,
} from '../../preload/contract/session.ts';
import type { Profile, Profiles } from '../identity/profiles.ts';
import type { WipeOrder } from '../identity/revocation.ts';
import type { SignedIn, Smart } from '../identity/smart.ts';
import type { Wipe } from '../identity/wipe.ts';
import { createEntrance, type Place, shownProfile } from './entrance.ts';
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

export type SessionEvent = 'sign-in' | 'launch' | 'enrol' | 'unlock' | 'unlock-failed' | 'lock';

export interface SessionOptions {
  vault: Vault;
  keyStore: KeyStore;
  profiles: Profiles;
  wipe: Wipe;
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
  }) => Promise<Result<Workspace, StoreError>>;
  /** The clinician's name as the server has it, for greeting. */
  displayName: (server: string, signedIn: SignedIn) => Promise<string>;
  /** A durable record of what happened, before the page hears of it. */
  record: (event: SessionEvent, profile: { practitioner: string; server: string }) => Promise<void>;
  onState: (state: SessionState) => void;
  /** Clears the page of everything it holds. */
  reloadPage: () => void;
  newId: () => string;
  now: () => number;
}

type Codes<Code extends string> = Promise<Result<Record<string, never>, Code>>;
const done = { ok: true, value: {} } as const;

/** Where somebody may come in by a launch: what is being begun or erased is not broken off. */
const launchable: ReadonlySet<SessionState['phase']> = new Set(['choosing', 'locked', 'signed-out', 'unlocked']);

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
  enrol(passphrase: string): Codes<'passphrase-weak' | 'not-signed-in' | KeyringError | StoreError>;
  unlock(passphrase: string): Codes<'passphrase-wrong' | 'no-profile' | KeyringError | StoreError>;
  lock(): Promise<void>;
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

export function createSession(options: SessionOptions): Session {
  const { vault, profiles, smart, openWorkspace, record, now } = options;
  const entrance = createEntrance(options);
  let state: SessionState = { phase: 'starting' };
  let profile: Profile | null = null;
  let pending: { server: string; signedIn: SignedIn; display: string } | null = null;
  /** A sign-in of somebody who has a profile here: its tokens wait for the passphrase, in memory only. */
  let arrived: { profileId: string; signedIn: SignedIn } | null = null;
  /** Somebody else's sign-in for a launch, until the one who has Wardlight open agrees. */
  let launched: { server: string; signedIn: SignedIn } | null = null;
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

  function stand({ state: next, profile: whose }: Place): void {
    profile = whose;
    pending = null;
    arrived = null;
    enter(next);
  }

  /** A problem that another try with the same passphrase can't solve is shown on the screen itself. */
  function enterProblem(from: Profile, problem: KeyringError | StoreError): void {
    enter({ phase: 'locked', profile: shownProfile(from), reason: 'started', problem });
  }

  async function begin(): Promise<void> {
    // Asked again at any time by the page, it must neither hide an open workspace nor lose a sign-in.
    if (workspace || ['signing-in', 'enrolling', 'unlocked'].includes(state.phase)) return;
    // Nobody is there to hear of an exception, and the page would wait for ever.
    await look().catch(() => enter({ phase: 'blocked', problem: 'internal' }));
  }

  async function look(): Promise<void> {
    stand(await entrance.look());
  }

  async function open(from: Profile, keys: ProfileKeys, create: boolean): Promise<Result<Workspace, StoreError>> {
    const onEnd = () => void closeWorkspace('process-ended');
    const opened = await openWorkspace({ profile: from, keys, create, onEnd });
    keys.cacheKey.fill(0);
    keys.outboxKey.fill(0);
    if (opened.ok) workspace = opened.value;
    return opened;
  }

  /** `signedIn` where tokens came with it: what they are good for, and what the EHR had open. */
  function enterUnlocked(from: Profile, signedIn: SignedIn | null): void {
    // What was open may have ended while the unlock was being recorded.
    if (!workspace) return;
    void profiles.touch(from);
    const { tokens, context } = signedIn ?? {};
    enter({
      phase: 'unlocked',
      profile: shownProfile(from),
      since: new Date(now()).toISOString(),
      signInNeeded: false,
      signInEnds: tokens && tokens.refreshToken === null ? new Date(tokens.expiresAt).toISOString() : null,
      openPatient: context?.patientId ?? null,
    });
  }

  async function closeWorkspace(reason: 'asked' | 'process-ended'): Promise<void> {
    if (!profile || !workspace) return;
    const closing = workspace;
    workspace = null;
    // The page first: nothing of the patient may stay on the screen while the rest is put away.
    // Not yet the passphrase field: what is typed before the page is loaded anew would be lost.
    options.onState({ phase: 'starting' });
    state = { phase: 'locked', profile: shownProfile(profile), reason, problem: null };
    options.reloadPage();
    await closing.close();
    await record('lock', profile);
  }

  /** A second sign-in renews the tokens of the open profile; it never lets another clinician into it. */
  async function adopt(server: string, signedIn: SignedIn): Codes<SignInError> {
    if (!profile || !workspace) return failed({ code: 'sign-in-failed' });
    if (server !== profile.server || signedIn.practitioner !== profile.practitioner) {
      return failed({ code: 'sign-in-failed', detail: 'another clinician' });
    }
    const kept = await workspace.adoptTokens(signedIn);
    if (!kept.ok) return failed({ code: 'sign-in-failed', detail: 'keyring' });
    enterUnlocked(profile, signedIn);
    workspace.start();
    return done;
  }

  /** Somebody has signed in: her profile is to be unlocked, or made where she has none. */
  async function arrive(server: string, signedIn: SignedIn): Promise<void> {
    const { practitioner } = signedIn;
    const found = await entrance.find((one) => one.server === server && one.practitioner === practitioner);
    if (found) {
      stand({
        state: { phase: 'locked', profile: shownProfile(found), reason: 'signed-in', problem: null },
        profile: found,
      });
      arrived = { profileId: found.id, signedIn };
      return;
    }
    const display = await options.displayName(server, signedIn);
    stand({ state: { phase: 'enrolling', display, server }, profile: null });
    pending = { server, signedIn, display };
  }

  /** One sign-in at a time: a new one gives up the one before. */
  function beginSignIn(server: string, launch?: string): ReturnType<Smart['signIn']> {
    signingIn?.abort();
    const attempt = new AbortController();
    signingIn = attempt;
    const broken = () => failed({ code: 'sign-in-failed' } as const);
    return smart.signIn(server, attempt.signal, launch).catch(broken);
  }

  return {
    state: () => state,
    begin,

    async signIn(typed) {
      const server = options.parseServer(typed);
      if (!server.ok) return server;
      const before = state;
      if (before.phase !== 'signed-out' && before.phase !== 'unlocked') return failed({ code: 'sign-in-failed' });
      if (before.phase === 'signed-out') enter({ phase: 'signing-in', server: server.value });
      const result = await beginSignIn(server.value);
      if (!result.ok) {
        const isBack = state.phase === 'signing-in' && before.phase === 'signed-out';
        if (isBack) enter({ ...before, server: server.value });
        return result;
      }
      const { practitioner } = result.value;
      await record('sign-in', { practitioner, server: server.value });
      return inTurn(async () => {
        if (before.phase === 'unlocked') return adopt(server.value, result.value);
        if (state.phase !== 'signing-in') return failed({ code: 'sign-in-cancelled' });
        await arrive(server.value, result.value);
        return done;
      });
    },

    cancelSignIn() {
      signingIn?.abort();
      launched = null;
      if (state.phase !== 'enrolling') return;
      pending = null;
      void look();
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
        enterUnlocked(profile, signedIn);
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
        const signedIn = arrived?.profileId === profile.id ? arrived.signedIn : null;
        arrived = null;
        // Tokens that can't be kept are as good as none: the profile is open, and syncing asks for a sign-in.
        if (signedIn) await opened.value.adoptTokens(signedIn);
        enterUnlocked(profile, signedIn);
        opened.value.start();
        return done;
      }),

    lock: () => inTurn(() => closeWorkspace('asked')),

    needSignIn() {
      if (state.phase === 'unlocked' && !state.signInNeeded) enter({ ...state, signInNeeded: true, signInEnds: null });
    },

    switchClinician: () =>
      inTurn(async () => {
        const from = workspace ? profile : null;
        await closeWorkspace('asked');
        stand(await entrance.others(from));
      }),

    choose: (id) =>
      inTurn(async () => {
        const chosen = await entrance.find((one) => one.id === id);
        if (!chosen || state.phase !== 'choosing') return failed({ code: 'no-profile' });
        const locked = { phase: 'locked', profile: shownProfile(chosen), reason: 'started', problem: null } as const;
        stand({ state: locked, profile: chosen });
        return done;
      }),

    addClinician: () =>
      inTurn(async () => {
        if (workspace) return done;
        const place = await entrance.signIn();
        if (!place.ok) return place;
        stand(place.value);
        return done;
      }),

    openedPatient() {
      if (state.phase === 'unlocked' && state.openPatient !== null) enter({ ...state, openPatient: null });
    },

    async launch(server, launch) {
      if (!launchable.has(state.phase)) return failed({ code: 'sign-in-failed' });
      launched = null;
      const result = await beginSignIn(server, launch);
      if (!result.ok) return result;
      const signedIn = result.value;
      await record('launch', { practitioner: signedIn.practitioner, server });
      return inTurn(async () => {
        if (!workspace) {
          await arrive(server, signedIn);
          return done;
        }
        if (profile?.server === server && profile.practitioner === signedIn.practitioner)
          return adopt(server, signedIn);
        launched = { server, signedIn };
        return failed({ code: 'other-clinician', detail: await options.displayName(server, signedIn) });
      });
    },

    switchToLaunched: () =>
      inTurn(async () => {
        const next = launched;
        launched = null;
        if (!next) return;
        await closeWorkspace('asked');
        await arrive(next.server, next.signedIn);
      }),

    wipe: (order) =>
      inTurn(async () => {
        await options.wipe.mark(order);
        await closeWorkspace('asked');
        stand(await entrance.erase());
        // Not waited for: a server that is slow to answer keeps nobody from reading what has happened.
        void options.wipe.acknowledge(order.accessToken).catch(() => undefined);
      }),

    async dismissWipe() {
      await options.wipe.dismiss();
      await look();
    },
  };
}
