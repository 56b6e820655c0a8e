import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Profile } from '../../../main/identity/profiles.ts';
import type { SignedIn, Smart } from '../../../main/identity/smart.ts';
import { createSession, type SessionOptions, type Workspace } from '../../../main/vault/session.ts';
import { sessionState } from '../../../preload/contract/session.ts';
import { memoryKeyStore } from './support.ts';

const server = 'https://s';
const passphrase = 'long enough';
const signedIn: SignedIn = {
  tokens: { accessToken: 'a', refreshToken: 'r', expiresAt: 1 },
  practitioner: 'Practitioner/a',
  name: null,
};

interface Options {
  existing?: boolean;
  change?: Partial<SessionOptions>;
  signIn?: Smart['signIn'];
  unlock?: SessionOptions['vault']['unlock'];
  workspace?: Partial<Workspace>;
}

function start({ existing = false, change = {}, signIn, unlock, workspace = {} }: Options = {}) {
  const id = randomUUID();
  const log: string[] = [];
  const keys: Buffer[] = [];
  const ends: (() => void)[] = [];
  let stored: Profile | null = existing
    ? { version: 1, id, folder: '/x', display: 'Dr A', server, practitioner: 'Practitioner/a' }
    : null;
  const newKey = () => {
    const made = { cacheKey: Buffer.alloc(32, 7), outboxKey: Buffer.alloc(32, 8) };
    keys.push(made.cacheKey, made.outboxKey);
    return { ok: true, value: made } as const;
  };
  const keyStore = memoryKeyStore();
  const session = createSession({
    vault: {
      async enrol() {
        log.push('vault.enrol');
        return newKey();
      },
      unlock:
        unlock ??
        (async (_profile, typed) =>
          typed === passphrase ? newKey() : { ok: false, error: { code: 'passphrase-wrong' } }),
      async destroy() {
        log.push('vault.destroy');
        return { ok: true, value: undefined };
      },
    },
    keyStore,
    profiles: {
      find: async () => ({ ok: true, value: stored }),
      folderOf: () => '/x',
      async add(profile) {
        log.push('profile.add');
        stored = { version: 1, folder: '/x', ...profile };
        return stored;
      },
    },
    smart: {
      signIn: signIn ?? (async () => ({ ok: true, value: signedIn })),
      refresh: () => Promise.reject(new Error('not asked for')),
    },
    parseServer: (typed) =>
      typed === 'bad' ? { ok: false, error: { code: 'server-not-secure' } } : { ok: true, value: typed },
    suggestedServer: server,
    async openWorkspace({ keys, create, onEnd }) {
      log.push(`open ${create ? 'new' : 'old'} ${keys.cacheKey[0]} ${keys.outboxKey[0]}`);
      ends.push(onEnd);
      return {
        ok: true,
        value: {
          async adoptTokens() {
            log.push('adopt');
            return { ok: true, value: undefined };
          },
          start: () => log.push('start'),
          async close() {
            log.push('close');
          },
          ...workspace,
        },
      };
    },
    displayName: async () => 'Dr A',
    record: async (event) => void log.push(`record ${event}`),
    leaseProblem: async () => null,
    renewLease: async () => null,
    async beforeLock() {
      log.push('last words');
    },
    onState: (state) => {
      sessionState.parse(state);
      log.push(state.phase);
    },
    reloadPage: () => log.push('reload'),
    newId: () => id,
    now: () => 0,
    ...change,
  });
  return { session, log, keys, keyStore, ends, profile: () => stored };
}

async function unlocked(options: Options = {}) {
  const started = start({ existing: true, ...options });
  await started.session.begin();
  expect(await started.session.unlock(passphrase)).toEqual({ ok: true, value: {} });
  started.log.length = 0;
  return started;
}

const code = (answer: { ok: boolean; error?: { code: string } }) => (answer.ok ? 'ok' : answer.error?.code);

describe('the first day', () => {
  it('leads from signing in over a passphrase to an open profile, which exists only then', async () => {
    const { session, log, profile } = start();
    await session.begin();
    expect(session.state()).toEqual({ phase: 'signed-out', server });
    expect(code(await session.signIn(server))).toBe('ok');
    expect(session.state()).toEqual({ phase: 'enrolling', display: 'Dr A', server });
    expect(profile()).toBeNull();
    expect(code(await session.enrol(passphrase))).toBe('ok');
    expect(session.state()).toMatchObject({ phase: 'unlocked', signInNeeded: false });
    expect(log).toEqual([
      'signed-out',
      'signing-in',
      'record sign-in',
      'enrolling',
      'vault.enrol',
      'open new 7 8',
      'adopt',
      'profile.add',
      'record enrol',
      'unlocked',
      'start',
    ]);
  });

  it.each(['', 'short', '1234567', '\u{1f600}'.repeat(7)])(
    'refuses a weak passphrase (%j) and makes no key',
    async (weak) => {
      const { session, log } = start();
      await session.begin();
      await session.signIn(server);
      expect(code(await session.enrol(weak))).toBe('passphrase-weak');
      expect(log).not.toContain('vault.enrol');
      expect(session.state().phase).toBe('enrolling');
    },
  );

  it('does not begin without a keychain, and goes on when there is one', async () => {
    const { session, keyStore } = start();
    keyStore.failure = 'keyring-locked';
    await session.begin();
    expect(session.state()).toEqual({ phase: 'blocked', problem: 'keyring-locked' });
    expect(code(await session.signIn(server))).toBe('sign-in-failed');
    keyStore.failure = null;
    await session.begin();
    expect(session.state().phase).toBe('signed-out');
  });

  it('names a state where looking at the workstation throws, and looks again when asked', async () => {
    const { session, keyStore } = start();
    const { get } = keyStore;
    keyStore.get = () => Promise.reject(new Error('a bug'));
    await session.begin();
    expect(session.state()).toEqual({ phase: 'blocked', problem: 'internal' });
    keyStore.get = get;
    await session.begin();
    expect(session.state().phase).toBe('signed-out');
  });

  it('comes back to the sign-in screen where signing in fails, is called off, or throws', async () => {
    const answers: Smart['signIn'][] = [
      async () => ({ ok: false, error: { code: 'sign-in-denied' } }),
      async (_server, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve({ ok: false, error: { code: 'sign-in-cancelled' } }));
          queueMicrotask(() => session?.cancelSignIn());
        }),
      () => Promise.reject(new Error('no loopback')),
    ];
    let session: ReturnType<typeof createSession> | null = null;
    for (const signIn of answers) {
      const started = start({ signIn });
      session = started.session;
      await session.begin();
      const answer = await session.signIn(server);
      expect(answer.ok).toBe(false);
      expect(session.state()).toEqual({ phase: 'signed-out', server });
    }
  });

  it('does not ask the server where its address is refused', async () => {
    const { session, log } = start({ signIn: () => Promise.reject(new Error('asked')) });
    await session.begin();
    expect(code(await session.signIn('bad'))).toBe('server-not-secure');
    expect(log).toEqual(['signed-out']);
  });

  it('enrols nobody who has not signed in, and nobody twice', async () => {
    const { session } = start();
    await session.begin();
    expect(code(await session.enrol(passphrase))).toBe('not-signed-in');
    await session.signIn(server);
    const answers = await Promise.all([session.enrol(passphrase), session.enrol(passphrase)]);
    expect(answers.map(code)).toEqual(['ok', 'not-signed-in']);
  });

  it('leaves nothing open where the profile could not be written', async () => {
    const { session, log, profile } = start({
      change: {
        profiles: {
          find: async () => ({ ok: true, value: null }),
          folderOf: () => '/x',
          add: () => Promise.reject(new Error('disk full')),
        },
      },
    });
    await session.begin();
    await session.signIn(server);
    expect(code(await session.enrol(passphrase))).toBe('store-failed');
    expect(log.slice(-2)).toEqual(['adopt', 'close']);
    expect(session.state().phase).toBe('enrolling');
    expect(profile()).toBeNull();
  });

  it('leaves nothing open where the tokens could not be kept', async () => {
    const { session, log } = start({
      workspace: { adoptTokens: async () => ({ ok: false, error: { code: 'keyring-locked' } }) },
    });
    await session.begin();
    await session.signIn(server);
    expect(code(await session.enrol(passphrase))).toBe('keyring-failed');
    expect(log.at(-1)).toBe('close');
    expect(log).not.toContain('profile.add');
  });
});

describe('unlocking', () => {
  it('records and answers a wrong passphrase, and stays locked', async () => {
    const { session, log } = start({ existing: true });
    await session.begin();
    expect(code(await session.unlock('wrong'))).toBe('passphrase-wrong');
    expect(session.state()).toMatchObject({ phase: 'locked', problem: null });
    expect(log).toEqual(['locked', 'record unlock-failed']);
  });

  it.each(['keyring-locked', 'keyring-entry-missing', 'keyring-entry-wrong', 'slots-damaged', 'slots-newer'] as const)(
    'shows %s on the screen',
    async (problem) => {
      const { session } = start({ existing: true, unlock: async () => ({ ok: false, error: { code: problem } }) });
      await session.begin();
      expect(code(await session.unlock(passphrase))).toBe(problem);
      expect(session.state()).toMatchObject({ phase: 'locked', problem });
    },
  );

  it('shows why the cache did not open, and wipes the keys', async () => {
    const { session, keys } = start({
      existing: true,
      change: { openWorkspace: async () => ({ ok: false, error: { code: 'cache-damaged' } }) },
    });
    await session.begin();
    expect(code(await session.unlock(passphrase))).toBe('cache-damaged');
    expect(session.state()).toMatchObject({ phase: 'locked', problem: 'cache-damaged' });
    expect(keys).toEqual([Buffer.alloc(32), Buffer.alloc(32)]);
  });

  it('opens once, however often it is asked for at the same time', async () => {
    const { session, log } = start({ existing: true });
    await session.begin();
    const answers = await Promise.all([session.unlock(passphrase), session.unlock(passphrase)]);
    expect(answers.map(code)).toEqual(['ok', 'ok']);
    expect(log.filter((event) => event.startsWith('open'))).toHaveLength(1);
  });

  it('has no profile to open on the first day', async () => {
    const { session } = start();
    await session.begin();
    expect(code(await session.unlock(passphrase))).toBe('no-profile');
  });
});

describe('security: the session', () => {
  it('security: wipes the keys of cache and outbox as soon as the cache’s process has them', async () => {
    const { keys } = await unlocked();
    expect(keys).toEqual([Buffer.alloc(32), Buffer.alloc(32)]);
  });

  it('security: locking clears the page before anything else, and then closes and records', async () => {
    const { session, log } = await unlocked();
    await session.lock();
    // `starting` empties the page; the passphrase field comes with the new one, so that nothing typed is lost.
    expect(log).toEqual(['last words', 'starting', 'reload', 'close', 'record lock']);
    expect(session.state()).toMatchObject({ phase: 'locked', reason: 'asked' });
    await session.lock();
    expect(log).toHaveLength(5);
  });

  it.each(['idle', 'suspend', 'system', 'user-switch', 'lease-expired'] as const)(
    'security: says and records that it was locked for %s',
    async (reason) => {
      const recorded: unknown[] = [];
      const { session } = await unlocked({ change: { record: async (...args) => void recorded.push(args) } });
      recorded.length = 0;
      await session.lock(reason);
      const problem = reason === 'lease-expired' ? reason : null;
      expect(session.state()).toMatchObject({ phase: 'locked', reason, problem });
      expect(recorded).toMatchObject([['lock', { practitioner: 'Practitioner/a' }, reason]]);
    },
  );

  it('security: opens nothing where its lease is over, and says so from the start', async () => {
    const refused = { ok: false, error: { code: 'lease-expired' } } as const;
    const { session, keys } = start({
      existing: true,
      change: { leaseProblem: async () => 'lease-expired', openWorkspace: async () => refused },
    });
    await session.begin();
    expect(session.state()).toMatchObject({ phase: 'locked', problem: 'lease-expired' });
    expect(code(await session.unlock(passphrase))).toBe('lease-expired');
    expect(keys).toEqual([Buffer.alloc(32), Buffer.alloc(32)]);
  });

  it('security: a closed profile takes the sign-in of its own clinician alone, and stays closed', async () => {
    const renewed: string[] = [];
    const begin = async (who: string) => {
      const { session } = start({
        existing: true,
        signIn: async () => ({ ok: true, value: { ...signedIn, practitioner: who } }),
        change: {
          leaseProblem: async () => 'lease-sign-in',
          async renewLease(_profile, { practitioner }) {
            renewed.push(practitioner);
            return null;
          },
        },
      });
      await session.begin();
      return session;
    };
    const other = await begin('Practitioner/b');
    expect(code(await other.signIn(server))).toBe('sign-in-failed');
    expect(other.state()).toMatchObject({ phase: 'locked', problem: 'lease-sign-in' });
    expect(renewed).toEqual([]);
    const own = await begin('Practitioner/a');
    expect(code(await own.signIn(server))).toBe('ok');
    expect(own.state()).toMatchObject({ phase: 'locked', problem: null });
  });

  it('shows what becomes of the lease, and keeps why the last attempt failed', async () => {
    const { session } = start({
      existing: true,
      unlock: async () => ({ ok: false, error: { code: 'keyring-locked' } }),
    });
    await session.begin();
    session.showLease('lease-overdue');
    expect(session.state()).toMatchObject({ problem: 'lease-overdue' });
    session.showLease(null);
    expect(session.state()).toMatchObject({ problem: null });
    await session.unlock(passphrase);
    session.showLease('lease-expired');
    expect(session.state()).toMatchObject({ problem: 'keyring-locked' });
    session.showLease('lease-destroyed');
    expect(session.state()).toMatchObject({ problem: 'lease-destroyed' });
  });

  it('security: is locked at once when the cache’s process ends, and can be unlocked again', async () => {
    const { session, log, ends } = await unlocked();
    ends[0]?.();
    expect(session.state()).toMatchObject({ phase: 'locked', reason: 'process-ended' });
    expect(log.slice(0, 2)).toEqual(['starting', 'reload']);
    expect(code(await session.unlock(passphrase))).toBe('ok');
  });

  it('security: asking for the keychain again opens no way around, whatever the session is doing', async () => {
    const { session, log } = await unlocked();
    await session.begin();
    expect(session.state().phase).toBe('unlocked');
    expect(log).toEqual([]);
    const enrolling = start();
    await enrolling.session.begin();
    await enrolling.session.signIn(server);
    await enrolling.session.begin();
    expect(enrolling.session.state().phase).toBe('enrolling');
  });

  it('security: another clinician’s sign-in does not get into an open profile', async () => {
    let next: SignedIn = { ...signedIn, practitioner: 'Practitioner/b' };
    const { session, log } = await unlocked({ signIn: async () => ({ ok: true, value: next }) });
    expect(code(await session.signIn(server))).toBe('sign-in-failed');
    next = signedIn;
    expect(code(await session.signIn('https://other'))).toBe('sign-in-failed');
    expect(log).not.toContain('adopt');
    expect(session.state().phase).toBe('unlocked');
    session.needSignIn();
    expect(session.state()).toMatchObject({ signInNeeded: true });
    expect(code(await session.signIn(server))).toBe('ok');
    expect(session.state()).toMatchObject({ signInNeeded: false });
    expect(log.slice(-3)).toEqual(['adopt', 'unlocked', 'start']);
  });

  it('security: a sign-in that ends after the lock opens nothing', async () => {
    let answer: (value: Awaited<ReturnType<Smart['signIn']>>) => void = () => undefined;
    const { session, log } = await unlocked({
      signIn: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    const signing = session.signIn(server);
    await session.lock();
    answer({ ok: true, value: signedIn });
    expect(code(await signing)).toBe('sign-in-failed');
    expect(session.state().phase).toBe('locked');
    expect(log).not.toContain('adopt');
  });

  it('security: a lock that comes while it is being unlocked is done after it, not lost', async () => {
    const { session } = start({ existing: true });
    await session.begin();
    const unlocking = session.unlock(passphrase);
    await session.lock();
    expect(code(await unlocking)).toBe('ok');
    expect(session.state().phase).toBe('locked');
  });
});
