import type { Result } from '../../preload/contract/channel.ts';
import type { NetworkError } from './network.ts';
import type { Grant } from './scopes.ts';
import type { Smart, Tokens } from './smart.ts';

/** The part of the keychain that is needed: one entry for the refresh token of one profile. */
export interface RefreshTokenStore {
  get(): Promise<Result<string | null, string>>;
  set(refreshToken: string): Promise<Result<void, string>>;
  delete(): Promise<Result<void, string>>;
}

/** Why there is no token: only a person can get one, or the network. */
export type AccessError = 'sign-in-needed' | NetworkError;

/** Tokens of one unlocked profile. The access token is in memory only, the refresh token in the OS keychain. */
export interface TokenHolder {
  /**
   * A token that is valid now, and another one than `refused`, which the server did not take. `sign-in-needed`: only a
   * person can get a new one.
   */
  access(refused?: string): Promise<Result<string, AccessError>>;
  replace(tokens: Tokens): Promise<Result<void, string>>;
  /** Forgets what is in memory. */
  clear(): void;
}

export interface TokenHolderOptions {
  smart: Pick<Smart, 'refresh'>;
  server: string;
  store: RefreshTokenStore;
  grant: Pick<Grant, 'take'>;
  /** Asks with a new token whether the workstation was revoked, before anything else is asked or sent with it. */
  confirm: (accessToken: string) => Promise<Result<void, AccessError>>;
  now: () => number;
}

export function createTokenHolder({ smart, server, store, grant, confirm, now }: TokenHolderOptions): TokenHolder {
  let current: Tokens | null = null;
  /** The token that `confirm` has let pass. */
  let confirmed: string | null = null;
  /** Counts what was forgotten: a renewal that was under way then doesn't bring its token back into memory. */
  let era = 0;
  let renewing: Promise<Result<string, AccessError>> | null = null;

  /** The rotated refresh token is durable before the new access token is used: a crash must not strand the profile. */
  async function adopt(tokens: Tokens, begun = era): Promise<Result<void, string>> {
    if (tokens.refreshToken !== null && tokens.refreshToken !== current?.refreshToken) {
      const kept = await store.set(tokens.refreshToken);
      if (!kept.ok) return kept;
    }
    if (begun !== era) return { ok: true, value: undefined };
    await grant.take(tokens.scope);
    current = tokens;
    return { ok: true, value: undefined };
  }

  async function refresh(): Promise<Result<string, AccessError>> {
    const begun = era;
    const stored = await store.get();
    const refreshToken = stored.ok ? stored.value : null;
    if (!refreshToken) return { ok: false, error: { code: 'sign-in-needed' } };
    const renewed = await smart.refresh(server, refreshToken);
    if (!renewed.ok) {
      const { code } = renewed.error;
      return { ok: false, error: { code: code === 'denied' ? 'sign-in-needed' : code } };
    }
    const kept = await adopt(renewed.value, begun);
    if (!kept.ok) return { ok: false, error: { code: 'sign-in-needed' } };
    return { ok: true, value: renewed.value.accessToken };
  }

  function living(): string | null {
    return current && current.expiresAt > now() ? current.accessToken : null;
  }

  async function renew(): Promise<Result<string, AccessError>> {
    const held = living();
    const token = held === null ? await refresh() : ({ ok: true, value: held } as const);
    if (!token.ok || token.value === confirmed) return token;
    const asked = await confirm(token.value);
    if (!asked.ok) return asked;
    confirmed = token.value;
    return token;
  }

  return {
    async access(refused) {
      // Only the one that was refused is given up: another request may have renewed it meanwhile.
      if (refused !== undefined && current?.accessToken === refused) current = { ...current, expiresAt: 0 };
      const held = living();
      if (held !== null && held === confirmed) return { ok: true, value: held };
      // One refresh at a time: a rotating server takes a second use of the same token for theft.
      renewing ??= renew().finally(() => {
        renewing = null;
      });
      return renewing;
    },
    async replace(tokens) {
      // A sign-in that is not to last doesn't go on under the tokens of one that was.
      const ended = tokens.refreshToken === null ? await store.delete() : ({ ok: true, value: undefined } as const);
      return ended.ok ? adopt(tokens) : ended;
    },
    clear() {
      era += 1;
      current = null;
      confirmed = null;
    },
  };
}

/** A new access token outside of an open profile; the refresh token that comes with it is stored first. */
export async function renewToken(
  smart: Pick<Smart, 'refresh'>,
  server: string,
  store: Pick<RefreshTokenStore, 'get' | 'set'>,
): Promise<Result<string, 'denied' | NetworkError>> {
  const stored = await store.get();
  if (!stored.ok) return { ok: false, error: { code: 'server-unreachable' } };
  if (stored.value === null) return { ok: false, error: { code: 'denied' } };
  const renewed = await smart.refresh(server, stored.value);
  if (!renewed.ok) return renewed;
  const { accessToken, refreshToken } = renewed.value;
  if (refreshToken !== null && refreshToken !== stored.value) await store.set(refreshToken);
  return { ok: true, value: accessToken };
}
