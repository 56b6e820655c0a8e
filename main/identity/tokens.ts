import type { Result } from '../../preload/contract/channel.ts';
import type { Smart, Tokens } from './smart.ts';

/** The part of the keychain that is needed: one entry for the refresh token of one profile. */
export interface RefreshTokenStore {
  get(): Promise<Result<string | null, string>>;
  set(refreshToken: string): Promise<Result<void, string>>;
}

/** Tokens of one unlocked profile. The access token is in memory only, the refresh token in the OS keychain. */
export interface TokenHolder {
  /**
   * A token that is valid now, and another one than `refused`, which the server did not take. `sign-in-needed`: only a
   * person can get a new one.
   */
  access(refused?: string): Promise<Result<string, 'sign-in-needed' | 'server-unreachable'>>;
  replace(tokens: Tokens): Promise<Result<void, string>>;
  /** Forgets what is in memory. */
  clear(): void;
}

export interface TokenHolderOptions {
  smart: Smart;
  server: string;
  store: RefreshTokenStore;
  now: () => number;
}

export function createTokenHolder({ smart, server, store, now }: TokenHolderOptions): TokenHolder {
  let current: Tokens | null = null;
  /** Counts what was forgotten: a renewal that was under way then doesn't bring its token back into memory. */
  let era = 0;
  let refreshing: Promise<Result<string, 'sign-in-needed' | 'server-unreachable'>> | null = null;

  /** The rotated refresh token is durable before the new access token is used: a crash must not strand the profile. */
  async function adopt(tokens: Tokens, begun = era): Promise<Result<void, string>> {
    if (tokens.refreshToken !== null && tokens.refreshToken !== current?.refreshToken) {
      const kept = await store.set(tokens.refreshToken);
      if (!kept.ok) return kept;
    }
    if (begun === era) current = tokens;
    return { ok: true, value: undefined };
  }

  async function refresh(): Promise<Result<string, 'sign-in-needed' | 'server-unreachable'>> {
    const begun = era;
    const stored = await store.get();
    const refreshToken = stored.ok ? stored.value : null;
    if (!refreshToken) return { ok: false, error: { code: 'sign-in-needed' } };
    const renewed = await smart.refresh(server, refreshToken);
    if (!renewed.ok) {
      return { ok: false, error: { code: renewed.error.code === 'denied' ? 'sign-in-needed' : 'server-unreachable' } };
    }
    const kept = await adopt(renewed.value, begun);
    if (!kept.ok) return { ok: false, error: { code: 'sign-in-needed' } };
    return { ok: true, value: renewed.value.accessToken };
  }

  return {
    async access(refused) {
      // Only the one that was refused is given up: another request may have renewed it meanwhile.
      if (refused !== undefined && current?.accessToken === refused) current = { ...current, expiresAt: 0 };
      if (current && current.expiresAt > now()) return { ok: true, value: current.accessToken };
      // One refresh at a time: a rotating server takes a second use of the same token for theft.
      refreshing ??= refresh().finally(() => {
        refreshing = null;
      });
      return refreshing;
    },
    replace: (tokens) => adopt(tokens),
    clear() {
      era += 1;
      current = null;
    },
  };
}
