import type { Result } from '../../preload/contract/channel.ts';
import { networkErrors } from './errors.ts';

/** A token that is valid now, or why there is none; another one than that which the server has just refused. */
export type AccessToken = (refused?: string) => Promise<Result<string, string>>;

/** Why there is no token, as the request's failure: no network is not the end of a sign-in. */
export function tokenFailure(code: string): (typeof networkErrors)[number] | 'unauthorized' {
  return networkErrors.find((one) => one === code) ?? 'unauthorized';
}

export interface AuthorizedRequest<Answer> {
  /** The token to ask with, or the answer where there is none. */
  token: (refused?: string) => Promise<{ ok: true; value: string } | { ok: false; answer: Answer }>;
  ask: (token: string) => Promise<Answer>;
  /** True of an answer with status 401: the server has done nothing of what was asked. */
  isRefused: (answer: Answer) => boolean;
}

/**
 * Asks with a token, and once more with a new one where the server refuses it: a token may be withdrawn, or run out
 * early, while it still looks valid here (RFC 6750, section 3.1). A server that refuses the new one too means it.
 */
export async function authorized<Answer>({ token, ask, isRefused }: AuthorizedRequest<Answer>): Promise<Answer> {
  const first = await token();
  if (!first.ok) return first.answer;
  const answer = await ask(first.value);
  if (!isRefused(answer)) return answer;
  const second = await token(first.value);
  if (!second.ok) return second.answer;
  return second.value === first.value ? answer : ask(second.value);
}
