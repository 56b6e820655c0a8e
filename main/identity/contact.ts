import type { Result } from '../../preload/contract/channel.ts';
import type { AskFailure } from './answers.ts';
import type { Revocation } from './revocation.ts';
import type { AccessError, TokenHolder } from './tokens.ts';

type Contact =
  | { ok: true }
  | {
      ok: false;
      error: {
        code: Exclude<AskFailure['code'], 'revoked' | 'unauthorized'> | ContactError;
        retryAfter: number | null;
      };
    };
type ContactError = 'cancelled' | 'sign-in-needed';

/**
 * What comes first when a workstation meets its server again, before anything is sent or fetched: whether it was revoked.
 * A new token has been asked about already. Where it was revoked, what follows is not a matter of the run.
 */
export async function contactServer(
  tokens: Pick<TokenHolder, 'access'>,
  revocation: Pick<Revocation, 'ask' | 'count'>,
): Promise<Contact> {
  const before = revocation.count();
  const token = await tokens.access();
  if (!token.ok) return failed(token.error.code);
  if (revocation.count() !== before) return { ok: true };
  const asked = await revocation.ask(token.value);
  if (asked.ok) return asked;
  const { code, retryAfter } = asked.error;
  if (code === 'revoked') return failed('cancelled');
  if (code !== 'unauthorized') return failed(code, retryAfter);
  const renewed = await tokens.access(token.value);
  return renewed.ok ? { ok: true } : failed(renewed.error.code);
}

function failed<Code extends string>(code: Code, retryAfter: number | null = null) {
  return { ok: false, error: { code, retryAfter } } as const;
}

/** A new token is used for nothing before the server was asked with it. */
export async function confirmToken(
  revocation: Pick<Revocation, 'ask'>,
  token: string,
): Promise<Result<void, AccessError>> {
  const asked = await revocation.ask(token);
  if (asked.ok) return asked;
  const { code } = asked.error;
  if (code === 'revoked' || code === 'unauthorized') return { ok: false, error: { code: 'sign-in-needed' } };
  return { ok: false, error: { code: code === 'server-error' ? 'server-unreachable' : code } };
}
