import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Profile } from '../../../main/identity/profiles.ts';
import type { SignedIn, Smart } from '../../../main/identity/smart.ts';
import { createSession } from '../../../main/vault/session.ts';
import type { SessionOptions, Workspace } from '../../../main/vault/session-options.ts';
import { type StoreError, sessionState } from '../../../preload/contract/session.ts';
import { memoryKeyStore } from './support.ts';

const server = 'https://s';
const passphrase = 'long enough';
const signedIn: SignedIn = {
  tokens: { accessToken: 'a', refreshToken: 'r', expiresAt: 1, scope: 'user/*.rs' },
  practitioner: 'Practitioner/a',
  name: null,
  context: { patientId: null },
  issued: { serverTime: 1_000, uptime: 1 },
};
const other: SignedIn = { ...signedIn, practitioner: 'Practitioner/b' };
const profileOf = (name: string): Profile => ({
  version: 1,
  id: randomUUID(),
  folder: `/${name}`,
  display: `Dr ${name.toUpperCase()}`,
  server,
  practitioner: `Practitioner/${name}`,
});

interface Options {
  existing?: boolean;
  /** Further profiles, and folders of damaged ones. */
  others?: Profile[];
  damaged?: string[];
  change?: Partial<SessionOptions>;
  signIn?: Smart['signIn'];
  unlock?: SessionOptions['vault']['unlock'];
  vault?: Partial<SessionOptions['vault']>;
  workspace?: Partial<Workspace>;
}

function start({
  existing = false,
  others = [],
  damaged = [],
  change = {},
  signIn,
  unlock,
  vault = {},
  workspace = {},
}: Options = {}) {
  const id = randomUUID();
  const log: string[] = [];
  const keys: Buffer[] = [];
  const ends: ((how: 'process-ended' | 'damaged') => void)[] = [];
  const stored: Profile[] = [...(existing ? [{ ...profileOf('a'), id }] : []), ...others];
  const wiped: string[] = [];
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
      verify: async (_profile, typed) =>
        typed === passphrase ? { ok: true, value: undefined } : { ok: false, error: { code: 'passphrase-wrong' } },
      async changePassphrase(_profile, current) {
        log.push('vault.changePassphrase');
        return current === passphrase
          ? { ok: true, value: undefined }
          : { ok: false, error: { code: 'passphrase-wrong' } };
      },
      async rotate(_profile, typed, { prepare, onProgress }) {
        if (typed !== passphrase) return { ok: false, error: { code: 'passphrase-wrong' } };
        await prepare();
        onProgress(0.5);
        onProgress(0.25);
        return { ok: true, value: { keys: newKey().value, failure: null } };
      },
      attempts: async () => ({ ok: true, value: { left: 2, waitMs: 5 } }),
      async destroy() {
        log.push('vault.destroy');
        return { ok: true, value: undefined };
      },
      ...vault,
    },
    strength: async (typed) => {
      const missing = Math.max(0, 8 - [...typed].length);
      return { score: 3, missing, enough: missing === 0, hint: missing === 0 ? null : 'short' };
    },
    keyStore,
    profiles: {
      list: async () => ({ profiles: stored.map((one) => ({ ...one, lastUsed: null })), damaged }),
      folderOf: () => '/x',
      async add(profile) {
        log.push('profile.add');
        const added = { version: 1 as const, folder: '/x', ...profile };
        stored.push(added);
        return added;
      },
      touch: async () => undefined,
    },
    wipe: {
      async mark({ task }) {
        log.push(`mark ${task}`);
        wiped.push(...stored.map((one) => one.id));
      },
      async erase() {
        if (wiped.length > 0) log.push('erase');
        return { wiped: wiped.length > 0 ? [{ display: 'Dr A', server, unsent: 'removed' }] : [], problem: null };
      },
      acknowledge: async (token) => void (token && log.push(`acknowledge ${token}`)),
      marked: async () => new Set(wiped),
      async dismiss() {
        stored.length = 0;
        wiped.length = 0;
      },
    },
    smart: {
      signIn: signIn ?? (async () => ({ ok: true, value: signedIn })),
      refresh: () => Promise.reject(new Error('not asked for')),
    },
    parseServer: (typed) =>
      typed === 'bad' ? { ok: false, error: { code: 'server-not-secure' } } : { ok: true, value: typed },
    suggestedServer: server,
    async openWorkspace({ keys, create, anew, check, onEnd }) {
      const how = [...anew, ...(check ? ['checked'] : [])];
      log.push(['open', create ? 'new' : 'old', keys.cacheKey[0], keys.outboxKey[0], ...how].join(' '));
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
          rebuilt: anew.includes('cache'),
          ...workspace,
        },
      };
    },
    displayName: async () => 'Dr A',
    record: async (event) => void log.push(`record ${event}`),
    leaseProblem: async () => null,
    beginLease: async (_profile, { issued }) => void log.push(`lease from ${issued.serverTime}`),
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
  return { session, log, keys, keyStore, ends, id, profile: () => stored[0] ?? null };
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
    expect(session.state()).toEqual({ phase: 'signed-out', server, hasProfiles: false });
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
      'lease from 1000',
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
      expect(session.state()).toEqual({ phase: 'signed-out', server, hasProfiles: false });
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
          list: async () => ({ profiles: [], damaged: [] }),
          folderOf: () => '/x',
          add: () => Promise.reject(new Error('disk full')),
          touch: async () => undefined,
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
      change: { openWorkspace: async () => ({ ok: false, error: { code: 'cache-newer-schema' } }) },
    });
    await session.begin();
    expect(code(await session.unlock(passphrase))).toBe('cache-newer-schema');
    expect(session.state()).toMatchObject({ phase: 'locked', problem: 'cache-newer-schema' });
    expect(keys).toEqual([Buffer.alloc(32), Buffer.alloc(32)]);
  });

  it('says which version is needed where this one could not take the records over', async () => {
    const failed = { ok: false, error: { code: 'upgrade-failed', detail: '0.1.0' } } as const;
    const { session } = start({ existing: true, change: { openWorkspace: async () => failed } });
    await session.begin();
    expect(code(await session.unlock(passphrase))).toBe('upgrade-failed');
    expect(session.state()).toMatchObject({ phase: 'locked', problem: 'upgrade-failed', needs: '0.1.0' });
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

  it('shows where to type while the keychain still thinks about the lease', async () => {
    const keychain = new EventEmitter();
    const slow = once(keychain, 'answer').then(() => 'lease-expired' as const);
    const { session } = start({ existing: true, change: { leaseProblem: () => slow } });
    const begun = session.begin();
    await expect.poll(() => session.state()).toMatchObject({ phase: 'locked', problem: null });
    keychain.emit('answer');
    await begun;
    expect(session.state()).toMatchObject({ phase: 'locked', problem: 'lease-expired' });
  });

  it('unlocks for somebody who was quicker than its first look, and not before', async () => {
    const disk = new EventEmitter();
    const slow = once(disk, 'answer');
    const nothing = async () => undefined;
    const erase = async () => {
      await slow;
      return { wiped: [], problem: null };
    };
    const wipe = {
      erase,
      mark: nothing,
      acknowledge: nothing,
      dismiss: nothing,
      marked: async () => new Set<string>(),
    };
    const { session } = start({ existing: true, change: { wipe } });
    void session.begin();
    const unlocked = session.unlock(passphrase);
    expect(session.state().phase).toBe('starting');
    disk.emit('answer');
    expect(await unlocked).toEqual({ ok: true, value: {} });
    expect(session.state().phase).toBe('unlocked');
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
    ends[0]?.('process-ended');
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
    const keychain = new EventEmitter();
    const slow = once(keychain, 'answer');
    const keys = { cacheKey: Buffer.alloc(32, 7), outboxKey: Buffer.alloc(32, 8) };
    const unlock = () => slow.then(() => ({ ok: true, value: keys }) as const);
    const unlocking = start({ existing: true, unlock });
    await unlocking.session.begin();
    const opened = unlocking.session.unlock(passphrase);
    const again = unlocking.session.begin();
    keychain.emit('answer');
    expect(await opened).toMatchObject({ ok: true });
    await again;
    expect(unlocking.session.state().phase).toBe('unlocked');
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

describe('records that are lost', () => {
  /** A workstation whose cache is lost, or its outbox, until they are made anew. */
  function losing(codes: Record<'cache' | 'outbox', StoreError | null>) {
    const log: string[] = [];
    const started = start({
      existing: true,
      change: {
        async openWorkspace({ anew, keys }) {
          log.push(`open ${anew.join('+')} ${keys.cacheKey[0]}`);
          const code = (!anew.includes('outbox') && codes.outbox) || (!anew.includes('cache') && codes.cache);
          if (code) return { ok: false, error: { code } };
          const workspace = { start: () => undefined, close: async () => undefined, rebuilt: anew.includes('cache') };
          return { ok: true, value: { ...workspace, adoptTokens: async () => ({ ok: true, value: undefined }) } };
        },
        record: async (event) => void log.push(`record ${event}`),
      },
    });
    return { ...started, log };
  }

  it.each(['cache-damaged', 'cache-missing'] as const)(
    'a cache that is lost (%s) is made anew, recorded first, and the page is told',
    async (cache) => {
      const { session, log, keys } = losing({ cache, outbox: null });
      await session.begin();
      expect(code(await session.unlock(passphrase))).toBe('ok');
      expect(log).toEqual(['open  7', 'record rebuild-cache', 'open cache 7', 'record unlock']);
      expect(session.state()).toMatchObject({ phase: 'unlocked', rebuilt: true });
      expect(keys).toEqual([Buffer.alloc(32), Buffer.alloc(32)]);
    },
  );

  it.each(['outbox-damaged', 'outbox-missing'] as const)(
    'security: unsent work that can’t be opened (%s) is never given up by itself',
    async (outbox) => {
      const { session, log } = losing({ cache: null, outbox });
      await session.begin();
      expect(code(await session.unlock(passphrase))).toBe(outbox);
      expect(session.state()).toMatchObject({ phase: 'locked', problem: outbox });
      expect(log).toEqual(['open  7']);
      expect(code(await session.setOutboxAside('wrong'))).toBe('passphrase-wrong');
      expect(code(await session.setOutboxAside(passphrase))).toBe('ok');
      expect(log.slice(2)).toEqual(['record set-outbox-aside', 'open outbox 7', 'record unlock']);
    },
  );

  it('locks where something turns out to be unreadable, and looks through the files at the next unlock', async () => {
    const { session, log, ends } = await unlocked();
    ends[0]?.('damaged');
    await expect.poll(() => session.state()).toMatchObject({ phase: 'locked', problem: 'cache-damaged' });
    expect(log.slice(0, 3)).toEqual(['starting', 'reload', 'close']);
    log.length = 0;
    expect(code(await session.unlock(passphrase))).toBe('ok');
    await session.lock();
    expect(code(await session.unlock(passphrase))).toBe('ok');
    expect(log.filter((event) => event.startsWith('open'))).toEqual(['open old 7 8 checked', 'open old 7 8']);
  });

  it('lets nobody in before what was found to be damaged is put away', async () => {
    let close: () => void = () => undefined;
    const closing = new Promise<void>((resolve) => {
      close = resolve;
    });
    const { session, log, ends } = await unlocked({
      workspace: {
        async close() {
          log.push('closing');
          await closing;
          log.push('closed');
        },
      },
    });
    ends[0]?.('damaged');
    expect(session.state().phase).toBe('locked');
    const again = session.unlock(passphrase);
    await expect.poll(() => log).toContain('closing');
    expect(log.filter((event) => event.startsWith('open'))).toEqual([]);
    close();
    expect(code(await again)).toBe('ok');
    expect(session.state()).toMatchObject({ phase: 'unlocked' });
    const after = log.slice(log.indexOf('closed')).filter((event) => /^(closed|open|record)/.test(event));
    expect(after).toEqual(['closed', 'record lock', 'open old 7 8 checked', 'record unlock']);
  });

  it('security: unsent work that is whole is not put aside, whatever the page asks for', async () => {
    const { session, log } = losing({ cache: null, outbox: null });
    await session.begin();
    expect(code(await session.setOutboxAside(passphrase))).toBe('ok');
    expect(log).toEqual(['open  7', 'record unlock']);
  });

  it('both are made anew once a person has decided it', async () => {
    const { session, log } = losing({ cache: 'cache-damaged', outbox: 'outbox-missing' });
    await session.begin();
    expect(code(await session.unlock(passphrase))).toBe('outbox-missing');
    expect(code(await session.setOutboxAside(passphrase))).toBe('ok');
    expect(log.at(-2)).toBe('open outbox+cache 7');
  });
});

describe('passphrase and keys', () => {
  it('tells how many attempts are left while it is locked', async () => {
    const { session } = start({ existing: true });
    await session.begin();
    expect(await session.attempts()).toEqual({ ok: true, value: { left: 2, waitMs: 5 } });
    await session.unlock(passphrase);
    expect(await session.attempts()).toEqual({ ok: true, value: { left: null, waitMs: 0 } });
  });

  it('asks again for the passphrase of an open profile, and records a wrong one', async () => {
    const { session, log } = await unlocked();
    expect(code(await session.reauthenticate('wrong'))).toBe('passphrase-wrong');
    expect(code(await session.reauthenticate(passphrase))).toBe('ok');
    expect(log).toEqual(['record unlock-failed']);
    expect(session.state().phase).toBe('unlocked');
    await session.lock();
    expect(code(await session.reauthenticate(passphrase))).toBe('no-profile');
  });

  it('changes the passphrase of an open profile for a strong one only', async () => {
    const { session, log } = await unlocked();
    expect(code(await session.changePassphrase(passphrase, 'short'))).toBe('passphrase-weak');
    expect(log).toEqual([]);
    expect(code(await session.changePassphrase('wrong', 'long enough too'))).toBe('passphrase-wrong');
    expect(code(await session.changePassphrase(passphrase, 'long enough too'))).toBe('ok');
    expect(log.filter((event) => event.startsWith('record'))).toEqual([
      'record unlock-failed',
      'record change-passphrase',
    ]);
  });

  it('takes what is typed before it closes anything for new keys', async () => {
    const { session, log } = await unlocked();
    await session.rotateKey(passphrase);
    expect(log.slice(0, 3)).toEqual(['last words', 'rotating', 'close']);
  });

  it('closes everything for new keys, tells how far it is and never backwards, and opens again with them', async () => {
    const shares: number[] = [];
    const { session, log } = await unlocked({
      change: { onState: (state) => void (state.phase === 'rotating' && shares.push(state.done)) },
    });
    expect(code(await session.rotateKey(passphrase))).toBe('ok');
    expect(log).toEqual(['last words', 'close', 'record rotate-key', 'open old 7 8', 'start']);
    expect(shares).toEqual([0, 0.5, 0.5]);
    expect(session.state().phase).toBe('unlocked');
  });

  it('stays open where the passphrase for new keys is wrong', async () => {
    const { session, log } = await unlocked();
    expect(code(await session.rotateKey('wrong'))).toBe('passphrase-wrong');
    expect(log).toEqual(['record unlock-failed']);
    expect(session.state().phase).toBe('unlocked');
  });

  it('says on the lock screen why there are no new keys, and opens with the old ones', async () => {
    const keys = { cacheKey: Buffer.alloc(32, 7), outboxKey: Buffer.alloc(32, 8) };
    const { session, log } = await unlocked({
      vault: {
        async rotate(_profile, _typed, { prepare }) {
          await prepare();
          return { ok: true, value: { keys, failure: 'disk-full' } };
        },
      },
    });
    expect(code(await session.rotateKey(passphrase))).toBe('disk-full');
    expect(session.state()).toMatchObject({ phase: 'locked', problem: 'disk-full' });
    expect(log).not.toContain('record rotate-key');
    expect(code(await session.unlock(passphrase))).toBe('ok');
  });

  it('security: locks what is open, and says so, where the last wrong passphrase destroyed the keys', async () => {
    const { session, log } = await unlocked({
      vault: { verify: async () => ({ ok: false, error: { code: 'keys-destroyed' } }) },
    });
    expect(code(await session.reauthenticate('wrong'))).toBe('keys-destroyed');
    expect(session.state()).toMatchObject({ phase: 'locked', problem: 'keys-destroyed' });
    // What is typed is handed over first: unsent work outlives the keys.
    expect(log.slice(0, 5)).toEqual(['record keys-destroyed', 'last words', 'starting', 'reload', 'close']);
  });

  it('does not record an attempt that came too soon', async () => {
    const { session, log } = start({
      existing: true,
      unlock: async () => ({ ok: false, error: { code: 'unlock-delayed' } }),
    });
    await session.begin();
    expect(code(await session.unlock(passphrase))).toBe('unlock-delayed');
    expect(log).toEqual(['locked']);
    expect(session.state()).toMatchObject({ phase: 'locked', problem: null });
  });
});

describe('several clinicians', () => {
  it('are asked who it is, and each opens her own', async () => {
    const b = profileOf('b');
    const { session, id } = start({ existing: true, others: [b] });
    await session.begin();
    expect(session.state()).toMatchObject({ phase: 'choosing', profiles: [{ id }, { id: b.id }], damaged: [] });
    expect(code(await session.choose(randomUUID()))).toBe('no-profile');
    expect(code(await session.unlock(passphrase))).toBe('no-profile');
    expect(code(await session.choose(b.id))).toBe('ok');
    expect(session.state()).toMatchObject({ phase: 'locked', profile: { id: b.id } });
    expect(code(await session.unlock(passphrase))).toBe('ok');
    expect(session.state()).toMatchObject({ phase: 'unlocked', profile: { id: b.id } });
    expect(code(await session.choose(id))).toBe('no-profile');
    expect(session.state()).toMatchObject({ phase: 'unlocked', profile: { id: b.id } });
  });

  it('who is alone is asked for her passphrase at once, and can still go to another', async () => {
    const { session, id } = start({ existing: true });
    await session.begin();
    expect(session.state()).toMatchObject({ phase: 'locked', profile: { id } });
    await session.switchClinician();
    expect(session.state()).toMatchObject({ phase: 'choosing', profiles: [{ id }] });
    expect(code(await session.addClinician())).toBe('ok');
    expect(session.state()).toEqual({ phase: 'signed-out', server, hasProfiles: true });
    await session.switchClinician();
    expect(session.state()).toMatchObject({ phase: 'choosing' });
  });

  it('a damaged profile is named and keeps nobody out; alone it blocks, and nothing takes its place', async () => {
    const beside = start({ existing: true, damaged: ['folder'] });
    await beside.session.begin();
    expect(beside.session.state()).toMatchObject({
      phase: 'choosing',
      profiles: [{ id: beside.id }],
      damaged: ['folder'],
    });
    expect(code(await beside.session.choose(beside.id))).toBe('ok');
    expect(code(await beside.session.unlock(passphrase))).toBe('ok');
    const alone = start({ damaged: ['folder'] });
    await alone.session.begin();
    expect(alone.session.state()).toEqual({ phase: 'blocked', problem: 'profile-damaged' });
  });

  it('who enrols a second time is led to the profile that she has, which her tokens wait for', async () => {
    const { session, log, id } = start({ existing: true });
    await session.begin();
    await session.addClinician();
    expect(code(await session.signIn(server))).toBe('ok');
    expect(session.state()).toMatchObject({ phase: 'locked', reason: 'signed-in', profile: { id } });
    expect(code(await session.enrol(passphrase))).toBe('not-signed-in');
    expect(log).not.toContain('adopt');
    expect(code(await session.unlock(passphrase))).toBe('ok');
    expect(log.filter((event) => event === 'adopt')).toHaveLength(1);
    expect(log).not.toContain('vault.enrol');
  });

  it('a sign-in that doesn’t last says when it ends', async () => {
    const short = { ...signedIn, tokens: { ...signedIn.tokens, refreshToken: null, expiresAt: 60_000 } };
    const { session } = await unlocked({ signIn: async () => ({ ok: true, value: short }) });
    await session.signIn(server);
    expect(session.state()).toMatchObject({ phase: 'unlocked', signInEnds: '1970-01-01T00:01:00.000Z' });
    session.needSignIn();
    expect(session.state()).toMatchObject({ signInNeeded: true, signInEnds: null });
  });
});

describe('security: switching clinicians', () => {
  it('security: locks the one, clearing the page first, before the other’s passphrase is asked for', async () => {
    const b = profileOf('b');
    const { session, log } = start({ existing: true, others: [b] });
    await session.begin();
    await session.choose(b.id);
    await session.unlock(passphrase);
    log.length = 0;
    await session.switchClinician();
    expect(log).toEqual(['last words', 'starting', 'reload', 'close', 'record lock', 'locked']);
    expect(session.state()).toMatchObject({ phase: 'locked', profile: { display: 'Dr A' } });
  });

  it('security: tokens of one never reach the profile of another', async () => {
    const b = profileOf('b');
    const { session, log, id } = start({ existing: true, others: [b] });
    await session.begin();
    await session.addClinician();
    await session.signIn(server);
    // Signed in as A; B is chosen instead.
    await session.switchClinician();
    await session.choose(b.id);
    await session.unlock(passphrase);
    await session.switchClinician();
    await session.unlock(passphrase);
    expect(session.state()).toMatchObject({ phase: 'unlocked', profile: { id } });
    expect(log).not.toContain('adopt');
  });
});

describe('a launch by an EHR', () => {
  const forPatient: SignedIn = { ...signedIn, context: { patientId: 'p7' } };

  it('opens the patient’s chart after the unlock, once', async () => {
    const { session, log } = start({ existing: true, signIn: async () => ({ ok: true, value: forPatient }) });
    await session.begin();
    expect(code(await session.launch(server, 'xyz'))).toBe('ok');
    expect(session.state()).toMatchObject({ phase: 'locked', reason: 'signed-in' });
    await session.unlock(passphrase);
    expect(session.state()).toMatchObject({ phase: 'unlocked', openPatient: 'p7' });
    session.openedPatient();
    expect(session.state()).toMatchObject({ phase: 'unlocked', openPatient: null });
    expect(log).toContain('record launch');
  });

  it('opens it at once where the same clinician has it open', async () => {
    const { session, log } = await unlocked({ signIn: async () => ({ ok: true, value: forPatient }) });
    expect(code(await session.launch(server, 'xyz'))).toBe('ok');
    expect(session.state()).toMatchObject({ phase: 'unlocked', openPatient: 'p7' });
    expect(log).not.toContain('close');
  });

  it('security: for another clinician changes nothing before the one who has it open agrees', async () => {
    const b = profileOf('b');
    const { session, log } = start({ existing: true, others: [b], signIn: async () => ({ ok: true, value: other }) });
    await session.begin();
    const { id } = (session.state() as { profiles: { id: string }[] }).profiles[0]!;
    await session.choose(id);
    await session.unlock(passphrase);
    log.length = 0;
    expect(code(await session.launch(server, 'xyz'))).toBe('other-clinician');
    expect(session.state()).toMatchObject({ phase: 'unlocked', profile: { id } });
    expect(log).toEqual(['record launch']);
    await session.switchToLaunched();
    expect(log).toEqual(['record launch', 'last words', 'starting', 'reload', 'close', 'record lock', 'locked']);
    expect(session.state()).toMatchObject({ phase: 'locked', profile: { id: b.id } });
  });

  it('security: that was given up leaves nothing to switch to', async () => {
    const { session, log } = await unlocked({ signIn: async () => ({ ok: true, value: other }) });
    await session.launch(server, 'xyz');
    session.cancelSignIn();
    await session.switchToLaunched();
    expect(session.state().phase).toBe('unlocked');
    expect(log).not.toContain('close');
  });
});

describe('security: a wipe', () => {
  const order = { task: 'Task/1', server, accessToken: 'a' };

  it('security: is marked before anything else, clears the page, erases, and then tells the server', async () => {
    const { session, log } = await unlocked();
    await session.wipe(order);
    expect(log).toEqual([
      'mark Task/1',
      'starting',
      'reload',
      'close',
      'record lock',
      'erase',
      'wiped',
      'acknowledge a',
    ]);
    expect(session.state()).toMatchObject({ phase: 'wiped', profiles: [{ display: 'Dr A', unsent: 'removed' }] });
    expect(code(await session.unlock(passphrase))).toBe('no-profile');
    await session.dismissWipe();
    expect(session.state()).toMatchObject({ phase: 'signed-out', hasProfiles: false });
  });

  it('security: that was cut off is gone on with by the next start, before anybody can unlock', async () => {
    const first = await unlocked();
    await first.session.wipe(order);
    const again = start({
      existing: true,
      change: {
        wipe: {
          mark: async () => undefined,
          erase: async () => ({ wiped: [], problem: 'keyring-locked' }),
          acknowledge: async () => undefined,
          marked: async () => new Set([again.id]),
          dismiss: async () => undefined,
        },
      },
    });
    await again.session.begin();
    expect(again.session.state()).toEqual({ phase: 'wiped', profiles: [], problem: 'keyring-locked' });
    expect(code(await again.session.choose(again.id))).toBe('no-profile');
    expect(code(await again.session.unlock(passphrase))).toBe('no-profile');
  });
});
