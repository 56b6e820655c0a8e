import type { Failure, Result } from '../../preload/contract/channel.ts';
import {
  type LeaseError,
  type LockedProblem,
  type LockReason,
  leaseError,
  type SessionState,
  type SignInError,
} from '../../preload/contract/session.ts';
import type { Profile } from '../identity/profiles.ts';
import type { SignedIn, Smart } from '../identity/smart.ts';
import { createEntrance, type Place, shownProfile } from './entrance.ts';
import type { Anew, Codes, Opened, OpenProblem, Session, SessionOptions, Workspace } from './session-options.ts';
import type { ProfileKeys } from './slots.ts';
import type { UnlockError } from './vault.ts';

const done = { ok: true, value: {} } as const;

/** Where somebody may come in by a launch: what is being begun or erased is not broken off. */
const launchable: ReadonlySet<SessionState['phase']> = new Set(['choosing', 'locked', 'signed-out', 'unlocked']);

/** Records that can be had from the server again. */
const LOST: readonly OpenProblem[] = ['cache-damaged', 'cache-missing'];

function isUnsentLost(problem: LockedProblem | null): boolean {
  return problem === 'outbox-missing' || problem === 'outbox-damaged';
}

function failed<Code extends string>(error: Failure<Code>): { ok: false; error: Failure<Code> } {
  return { ok: false, error };
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
  /** The profile of which a file was found to be damaged while it was open. */
  let suspected: string | null = null;
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

  /** A profile that doesn't open without its server says so as soon as the keychain, which may be slow, has answered. */
  async function approach(place: Place): Promise<void> {
    stand(place);
    const { profile: whose } = place;
    if (state.phase !== 'locked' || !whose) return;
    const problem = await options.leaseProblem(whose);
    if (profile === whose) showLease(problem);
  }

  function showLease(problem: LeaseError | null): void {
    if (state.phase !== 'locked' || state.problem === problem) return;
    // Why the last attempt failed stays on the screen, unless there is nothing left to attempt.
    const { success: isLease } = leaseError.safeParse(state.problem);
    const isOpen = state.problem === null || (isLease && state.problem !== 'lease-sign-in');
    if (isOpen || problem === 'lease-destroyed') enter({ ...state, problem });
  }

  /** A problem that another try with the same passphrase can't solve is shown on the screen itself. */
  function enterProblem(from: Profile, problem: LockedProblem, needs?: string): void {
    enter({ phase: 'locked', profile: shownProfile(from), reason: 'started', problem, ...(needs && { needs }) });
  }

  /** The page may ask to begin again at any time: that must neither hide an open workspace nor lose a sign-in. */
  function isEngaged(): boolean {
    return workspace !== null || ['signing-in', 'enrolling', 'rotating', 'unlocked'].includes(state.phase);
  }

  async function begin(): Promise<void> {
    if (isEngaged()) return;
    // Nobody is there to hear of an exception, and the page would wait for ever.
    await lookInTurn().catch(() => enter({ phase: 'blocked', problem: 'internal' }));
  }

  /** In turn until it is known who is here: the page can have been told before (`firstLook`), and may unlock at once. */
  async function lookInTurn(): Promise<void> {
    let approached: Promise<void> | undefined;
    await inTurn(async () => {
      const place = await entrance.look();
      // What was before it in the queue may have opened a workspace.
      if (!isEngaged()) approached = approach(place);
    });
    await approached;
  }

  async function look(): Promise<void> {
    await approach(await entrance.look());
  }

  async function open(
    from: Profile,
    keys: ProfileKeys,
    { create = false, anew = [] }: { create?: boolean; anew?: readonly Anew[] } = {},
  ): Promise<Result<Workspace, OpenProblem>> {
    const onEnd = (how: 'process-ended' | 'damaged') => ended(from, how);
    const check = suspected === from.id;
    const attempt = (more: readonly Anew[]) => openWorkspace({ profile: from, keys, create, anew: more, check, onEnd });
    try {
      let opened = await attempt(anew);
      if (!create && !opened.ok && LOST.includes(opened.error.code)) {
        await record('rebuild-cache', from);
        opened = await attempt([...anew, 'cache']);
      }
      if (opened.ok) {
        workspace = opened.value;
        suspected = null;
      }
      return opened;
    } finally {
      keys.cacheKey.fill(0);
      keys.outboxKey.fill(0);
    }
  }

  /**
   * What is open has ended by itself, or something in a file can't be read: locked, so that the next unlock, which waits until
   * all is put away, looks through it and makes good what can be.
   */
  function ended(from: Profile, how: 'process-ended' | 'damaged'): void {
    const isDamaged = how === 'damaged';
    const putAway = hide(isDamaged ? 'asked' : how);
    if (!putAway) return;
    if (isDamaged) suspected = from.id;
    void inTurn(async () => {
      await putAway();
      if (isDamaged && !workspace && profile === from) enterProblem(from, 'cache-damaged');
    });
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
      rebuilt: workspace.rebuilt,
    });
  }

  /** What follows a passphrase that opened nothing. The last one locks what was open. */
  async function refused(from: Profile, code: UnlockError): Promise<{ ok: false; error: Failure<UnlockError> }> {
    if (code === 'unlock-delayed') return failed({ code });
    const known = state.phase === 'locked' && state.problem === 'keys-destroyed';
    if (code === 'keys-destroyed' && !known) await record('keys-destroyed', from);
    else await record('unlock-failed', from);
    if (code === 'keys-destroyed') await leave('asked');
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
      const { code, detail } = opened.error;
      enterProblem(profile, code, code === 'upgrade-failed' ? detail : undefined);
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
  }

  async function rotateKey(from: Profile, passphrase: string): Opened {
    const rotated = await vault.rotate(from, passphrase, {
      async prepare() {
        await options.beforeLock();
        const closing = workspace;
        workspace = null;
        enter({ phase: 'rotating', profile: shownProfile(from), done: 0 });
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
    enterUnlocked(from, null);
    opened.value.start();
    return done;
  }

  async function closeWorkspace(reason: LockReason): Promise<void> {
    await hide(reason)?.();
  }

  /** Locks what is shown at once; answers how to put the rest away. Null where nothing is open. */
  function hide(reason: LockReason): (() => Promise<void>) | null {
    if (!profile || !workspace) return null;
    const closing = workspace;
    const whose = profile;
    workspace = null;
    // The page first: nothing of the patient may stay on the screen while the rest is put away.
    // Not yet the passphrase field: what is typed before the page is loaded anew would be lost.
    options.onState({ phase: 'starting' });
    const problem = reason === 'lease-expired' ? reason : null;
    state = { phase: 'locked', profile: shownProfile(profile), reason, problem };
    options.reloadPage();
    return async () => {
      await closing.close();
      await record('lock', whose, reason);
    };
  }

  /** Lets the page hand over what is typed, then closes what is open. */
  async function leave(reason: LockReason): Promise<void> {
    if (workspace) await options.beforeLock();
    await closeWorkspace(reason);
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

  /** The server wanted a person: it is the profile's own clinician, and she still has to unlock. */
  async function renewLease(server: string, signedIn: SignedIn): Codes<SignInError> {
    if (!profile || server !== profile.server || signedIn.practitioner !== profile.practitioner) {
      return failed({ code: 'sign-in-failed', detail: 'another clinician' });
    }
    const problem = await options.renewLease(profile, signedIn);
    if (state.phase === 'locked') enter({ ...state, problem });
    return done;
  }

  /** Somebody has signed in: her profile is to be unlocked, or made where she has none. */
  async function arrive(server: string, signedIn: SignedIn): Promise<void> {
    const { practitioner } = signedIn;
    const found = await entrance.find((one) => one.server === server && one.practitioner === practitioner);
    if (found) {
      // Where her server was not reached for too long, this has been the contact.
      const isOver = (await options.leaseProblem(found)) !== null;
      const problem = isOver ? await options.renewLease(found, signedIn) : null;
      const locked = { phase: 'locked', profile: shownProfile(found), reason: 'signed-in', problem } as const;
      stand({ state: locked, profile: found });
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
      const isClosed = before.phase === 'locked' && before.problem === 'lease-sign-in';
      if (before.phase !== 'signed-out' && before.phase !== 'unlocked' && !isClosed) {
        return failed({ code: 'sign-in-failed' });
      }
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
        if (isClosed) return renewLease(server.value, result.value);
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
        const { server, signedIn, display } = pending;
        if (!(await options.strength(passphrase, [display, server])).enough) return failed({ code: 'passphrase-weak' });
        const id = options.newId();
        const draft = { id, folder: profiles.folderOf(id) };
        const keys = await vault.enrol(draft, passphrase);
        if (!keys.ok) return keys;
        const fresh: Profile = { version: 1, ...draft, display, server, practitioner: signedIn.practitioner };
        await options.beginLease(fresh, signedIn);
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
        enterUnlocked(profile, signedIn);
        opened.value.start();
        return done;
      }),

    strength(passphrase) {
      const whom = pending ?? profile;
      return options.strength(passphrase, whom ? [whom.display, whom.server] : []);
    },

    unlock: (passphrase) => inTurn(() => unlock(passphrase, [])),
    // Only what can't be opened: unsent work that is whole is not put aside, whoever asks for it.
    setOutboxAside: (passphrase) =>
      inTurn(() => unlock(passphrase, state.phase === 'locked' && isUnsentLost(state.problem) ? ['outbox'] : [])),

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

    lock: (reason = 'asked') => inTurn(() => leave(reason)),

    showLease,

    needSignIn() {
      if (state.phase === 'unlocked' && !state.signInNeeded) enter({ ...state, signInNeeded: true, signInEnds: null });
    },

    switchClinician: () =>
      inTurn(async () => {
        const from = workspace ? profile : null;
        await leave('asked');
        await approach(await entrance.others(from));
      }),

    choose: (id) =>
      inTurn(async () => {
        const chosen = await entrance.find((one) => one.id === id);
        if (!chosen || state.phase !== 'choosing') return failed({ code: 'no-profile' });
        const locked = { phase: 'locked', profile: shownProfile(chosen), reason: 'started', problem: null } as const;
        await approach({ state: locked, profile: chosen });
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
        await leave('asked');
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
