import { describe, expect, it } from 'vitest';
import type { Smart, Tokens } from '../../../main/identity/smart.ts';
import { createTokenHolder, type RefreshTokenStore } from '../../../main/identity/tokens.ts';

type Confirmed = ReturnType<Parameters<typeof createTokenHolder>[0]['confirm']>;
type Refreshed = Awaited<ReturnType<Smart['refresh']>>;

function start(
  options: {
    stored?: string | null;
    refresh?: (token: string) => Promise<Refreshed>;
    confirm?: (token: string) => Confirmed;
  } = {},
) {
  const events: string[] = [];
  /** Tokens with which the server was asked whether the workstation was revoked. */
  const asked: string[] = [];
  let stored = options.stored === undefined ? 'refresh-0' : options.stored;
  let time = 1_000;
  let round = 0;
  let refuseToKeep = false;
  const rotate = async (): Promise<Refreshed> => {
    round += 1;
    return {
      ok: true,
      value: { accessToken: `access-${round}`, refreshToken: `refresh-${round}`, expiresAt: time + 100, scope: null },
    };
  };
  const store: RefreshTokenStore = {
    async get() {
      events.push('get');
      return { ok: true, value: stored };
    },
    async set(token) {
      events.push(`keep ${token}`);
      if (refuseToKeep) return { ok: false, error: { code: 'keyring-locked' } };
      stored = token;
      return { ok: true, value: undefined };
    },
    async delete() {
      events.push('delete');
      stored = null;
      return { ok: true, value: undefined };
    },
  };
  const smart: Smart = {
    signIn: () => Promise.reject(new Error('not asked for')),
    async refresh(server, token) {
      events.push(`refresh ${server} ${token}`);
      return (options.refresh ?? rotate)(token);
    },
  };
  return {
    holder: createTokenHolder({
      smart,
      server: 'https://s',
      store,
      grant: {
        async take(scope) {
          if (scope !== null) events.push(`grant ${scope}`);
        },
      },
      async confirm(token) {
        asked.push(token);
        return options.confirm?.(token) ?? { ok: true, value: undefined };
      },
      now: () => time,
    }),
    asked,
    store,
    events,
    stored: () => stored,
    pass: (ms: number) => {
      time += ms;
    },
    refuseToKeep: (value: boolean) => {
      refuseToKeep = value;
    },
  };
}

const tokens = (change: Partial<Tokens> = {}): Tokens => ({
  accessToken: 'access-0',
  refreshToken: 'refresh-0',
  expiresAt: 1_100,
  scope: null,
  ...change,
});

describe('the token holder', () => {
  it('uses a token until it expires, and then renews it', async () => {
    const { holder, events, pass } = start();
    await holder.replace(tokens());
    expect(await holder.access()).toEqual({ ok: true, value: 'access-0' });
    pass(99);
    expect(await holder.access()).toEqual({ ok: true, value: 'access-0' });
    pass(1);
    expect(await holder.access()).toEqual({ ok: true, value: 'access-1' });
    expect(await holder.access()).toEqual({ ok: true, value: 'access-1' });
    expect(events.filter((event) => event.startsWith('refresh'))).toEqual(['refresh https://s refresh-0']);
  });

  it('renews once for all who ask at the same time', async () => {
    const { holder, events } = start();
    const answers = await Promise.all([holder.access(), holder.access(), holder.access()]);
    expect(answers.map((answer) => answer.ok && answer.value)).toEqual(['access-1', 'access-1', 'access-1']);
    expect(events.filter((event) => event.startsWith('refresh'))).toHaveLength(1);
  });

  it('renews a token that the server refuses although it looks valid, once for all who were refused', async () => {
    const { holder, events } = start();
    await holder.replace(tokens());
    const answers = await Promise.all([holder.access('access-0'), holder.access('access-0')]);
    expect(answers.map((answer) => answer.ok && answer.value)).toEqual(['access-1', 'access-1']);
    // Word of the old one's refusal that comes late costs the new one nothing.
    expect(await holder.access('access-0')).toEqual({ ok: true, value: 'access-1' });
    expect(await holder.access()).toEqual({ ok: true, value: 'access-1' });
    expect(events.filter((event) => event.startsWith('refresh'))).toEqual(['refresh https://s refresh-0']);
  });

  it('does not use a refused token again where it could not be renewed', async () => {
    let answer: Refreshed = { ok: false, error: { code: 'server-unreachable' } };
    const { holder } = start({ refresh: async () => answer });
    await holder.replace(tokens());
    expect(await holder.access('access-0')).toEqual({ ok: false, error: { code: 'server-unreachable' } });
    answer = { ok: false, error: { code: 'denied' } };
    expect(await holder.access()).toEqual({ ok: false, error: { code: 'sign-in-needed' } });
  });

  it.each(['client-certificate', 'proxy-refused', 'server-certificate', 'server-pin'] as const)(
    'says why a renewal has failed: %s',
    async (code) => {
      const { holder } = start({ refresh: async () => ({ ok: false, error: { code } }) });
      expect(await holder.access()).toEqual({ ok: false, error: { code } });
    },
  );

  it('tries again after a renewal that failed', async () => {
    let up = false;
    const { holder } = start({
      refresh: async () =>
        up
          ? { ok: true, value: tokens({ accessToken: 'late' }) }
          : { ok: false, error: { code: 'server-unreachable' } },
    });
    expect(await holder.access()).toEqual({ ok: false, error: { code: 'server-unreachable' } });
    up = true;
    expect(await holder.access()).toEqual({ ok: true, value: 'late' });
  });

  it('needs a sign-in where the server refuses the refresh token, and keeps what is stored', async () => {
    const { holder, stored } = start({ refresh: async () => ({ ok: false, error: { code: 'denied' } }) });
    expect(await holder.access()).toEqual({ ok: false, error: { code: 'sign-in-needed' } });
    expect(stored()).toBe('refresh-0');
  });

  it('needs a sign-in where nothing is stored, without asking the server', async () => {
    const { holder, events } = start({ stored: null });
    expect(await holder.access()).toEqual({ ok: false, error: { code: 'sign-in-needed' } });
    expect(events).toEqual(['get']);
  });

  it('uses a new sign-in from then on', async () => {
    const { holder, stored } = start({ refresh: async () => ({ ok: false, error: { code: 'denied' } }) });
    await holder.access();
    expect((await holder.replace(tokens({ accessToken: 'fresh', refreshToken: 'new' }))).ok).toBe(true);
    expect(await holder.access()).toEqual({ ok: true, value: 'fresh' });
    expect(stored()).toBe('new');
  });
});

describe('a sign-in that is not to last', () => {
  it('works until it expires, and ends the one before, whose refresh token goes', async () => {
    const { holder, stored, events, pass } = start();
    expect((await holder.replace(tokens({ refreshToken: null }))).ok).toBe(true);
    expect(stored()).toBeNull();
    expect(await holder.access()).toEqual({ ok: true, value: 'access-0' });
    pass(100);
    expect(await holder.access()).toEqual({ ok: false, error: { code: 'sign-in-needed' } });
    expect(events).not.toContain('refresh https://s refresh-0');
  });
});

describe('what was granted', () => {
  it('is taken before a token is used, at sign-in and at each renewal that says it', async () => {
    const { holder, events } = start({
      refresh: async () => ({ ok: true, value: tokens({ accessToken: 'b', scope: 'user/Patient.rs' }) }),
    });
    await holder.replace(tokens({ scope: 'user/*.rs' }));
    await holder.access('access-0');
    expect(events.filter((event) => event.startsWith('grant'))).toEqual(['grant user/*.rs', 'grant user/Patient.rs']);
  });
});

describe('security: the token holder', () => {
  it('security: a new token is given to nobody before the server was asked with it whether it is revoked', async () => {
    let answer: Awaited<Confirmed> = { ok: false, error: { code: 'server-unreachable' } };
    const { holder, asked } = start({ confirm: async () => answer });
    await holder.replace(tokens());
    expect(await holder.access()).toEqual({ ok: false, error: { code: 'server-unreachable' } });
    expect(await holder.access()).toEqual({ ok: false, error: { code: 'server-unreachable' } });
    answer = { ok: true, value: undefined };
    expect(await holder.access()).toEqual({ ok: true, value: 'access-0' });
    expect(await holder.access()).toEqual({ ok: true, value: 'access-0' });
    expect(asked).toEqual(['access-0', 'access-0', 'access-0']);
    expect(await holder.access('access-0')).toEqual({ ok: true, value: 'access-1' });
    expect(asked.at(-1)).toBe('access-1');
  });

  it('security: a rotated refresh token is stored before the new access token is used', async () => {
    const { holder, events } = start();
    await holder.access().then(() => events.push('used'));
    expect(events).toEqual(['get', 'refresh https://s refresh-0', 'keep refresh-1', 'used']);
  });

  it('security: a rotated refresh token that cannot be stored needs a sign-in, and nothing of it is used', async () => {
    const { holder, stored, pass, refuseToKeep } = start();
    await holder.replace(tokens());
    pass(1_000);
    refuseToKeep(true);
    expect(await holder.access()).toEqual({ ok: false, error: { code: 'sign-in-needed' } });
    expect(stored()).toBe('refresh-0');
    // Neither may the token that could not be kept serve later.
    refuseToKeep(false);
    expect(await holder.access()).toEqual({ ok: true, value: 'access-2' });
  });

  it('security: tokens of a sign-in that cannot be stored are refused', async () => {
    const { holder, refuseToKeep } = start({ stored: null });
    refuseToKeep(true);
    expect((await holder.replace(tokens())).ok).toBe(false);
    expect((await holder.access()).ok).toBe(false);
  });

  it('security: nothing is left in memory once it was told to forget, even by a renewal under way', async () => {
    const { holder, events, store } = start();
    const renewing = holder.access();
    holder.clear();
    await renewing;
    // The rotated token is stored all the same: the old one is worth nothing any more.
    expect(events).toContain('keep refresh-1');
    store.get = async () => ({ ok: true, value: null });
    expect((await holder.access()).ok).toBe(false);
  });
});
