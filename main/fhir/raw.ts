import { type AccessToken, authorized, tokenFailure } from './authorized.ts';

import { type FhirErrorCode, networkCode, statusCode } from './errors.ts';

export interface RawError {
  code: FhirErrorCode;
  status: number | null;
  /** Seconds that the server asks to wait. */
  retryAfter: number | null;
}

export type RawResult<Value> = { ok: true; value: Value } | { ok: false; error: RawError };

export interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A function where it is read while it is sent: it may have to be sent twice. */
  readonly body?: string | Uint8Array | (() => ReadableStream<Uint8Array>);
  readonly signal?: AbortSignal | undefined;
  /** Longest wait for the answer's head, the sending of a body included. */
  readonly timeoutMs?: number;
}

/** Requests with a token whose answers are streams, to one address and what lies below it. */
export interface RawClient {
  /** The address with a slash at its end. */
  readonly root: string;
  /** The address in full, where a token may go there: it is the root or below it. */
  within(url: unknown): string | null;
  /** The answer as soon as its head is there, where its status is one of success. A refused token is renewed once. */
  ask(url: string, request: RawRequest): Promise<RawResult<Response>>;
  /** What comes within the time; null where it fails, takes too long, or isn't waited for any longer. */
  inTime: TimeLimit;
}

export interface RawClientOptions {
  base: string;
  fetch: typeof globalThis.fetch;
  accessToken: AccessToken;
  requestId: () => string;
  /** Calls back after `ms`; answers how to cancel that. */
  after: (ms: number, callback: () => void) => () => void;
}

/** Longest silence of a server, before an answer and between two parts of one. */
const TIMEOUT_MS = 60_000;

export function createRawClient({ base, fetch, accessToken, requestId, after }: RawClientOptions): RawClient {
  const inTime = createTimeLimit(after);
  const root = base.endsWith('/') ? base : `${base}/`;

  function within(url: unknown): string | null {
    if (typeof url !== 'string' || !URL.canParse(url, root)) return null;
    const { href } = new URL(url, root);
    return href.startsWith(root) || href === root.slice(0, -1) ? href : null;
  }

  async function ask(url: string, request: RawRequest): Promise<RawResult<Response>> {
    const target = within(url);
    if (target === null) return rawFailure('server-answer-invalid');
    return authorized<RawResult<Response>>({
      async token(refused) {
        // Renewing a token takes its time, and nobody who locks or cancels waits for it.
        const token = await inTime(accessToken(refused), request.signal);
        if (token === null) return { ok: false, answer: unanswered(request) };
        if (token.ok) return token;
        return { ok: false, answer: rawFailure(tokenFailure(token.error.code)) };
      },
      ask: (token) => askWith(token, target, request),
      isRefused: (answer) => !answer.ok && answer.error.status === 401,
    });
  }

  async function askWith(token: string, target: string, request: RawRequest): Promise<RawResult<Response>> {
    const { method = 'GET', headers, body, signal, timeoutMs } = request;
    const late = new AbortController();
    const asking = fetch(target, {
      method,
      headers: { ...headers, Authorization: `Bearer ${token}`, 'X-Request-Id': requestId() },
      ...bodyOf(body),
      redirect: 'error',
      credentials: 'omit',
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
    }).catch((error: unknown) => networkCode(error));
    const response = await inTime(asking, signal, timeoutMs);
    if (response === null) {
      late.abort();
      return unanswered(request);
    }
    if (typeof response === 'string') return rawFailure(signal?.aborted ? 'cancelled' : response);
    if (response.ok) return { ok: true, value: response };
    await response.body?.cancel().catch(() => undefined);
    return rawFailure(statusCode(response.status), response.status, secondsOf(response));
  }

  return { root, within, ask, inTime };
}

/** A stream has to say that it is read while it is sent (Fetch standard, RequestDuplex). */
function bodyOf(body: RawRequest['body']) {
  if (body === undefined) return {};
  return typeof body === 'function' ? { body: body(), duplex: 'half' as const } : { body: body as BodyInit };
}

function unanswered({ signal }: RawRequest): RawResult<never> & { ok: false } {
  return rawFailure(signal?.aborted ? 'cancelled' : 'server-unreachable');
}

type TimeLimit = <Value>(work: Promise<Value>, signal?: AbortSignal, timeoutMs?: number) => Promise<Value | null>;

function createTimeLimit(after: RawClientOptions['after']): TimeLimit {
  return async (work, signal, timeoutMs = TIMEOUT_MS) => {
    let end: () => void = () => undefined;
    const ended = new Promise<null>((resolve) => {
      end = () => resolve(null);
    });
    const forget = after(timeoutMs, end);
    if (signal?.aborted) end();
    signal?.addEventListener('abort', end, { once: true });
    try {
      return await Promise.race([ended, work.catch(() => null)]);
    } finally {
      forget();
      signal?.removeEventListener('abort', end);
    }
  };
}

export function rawFailure(
  code: FhirErrorCode,
  status: number | null = null,
  retryAfter: number | null = null,
): RawResult<never> & { ok: false } {
  return { ok: false, error: { code, status, retryAfter } };
}

/** Seconds of `Retry-After` (RFC 9110, section 10.2.3), a date by the server's own clock. */
export function secondsOf(response: Response): number | null {
  const value = response.headers.get('retry-after');
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const wait = Date.parse(value) - Date.parse(response.headers.get('date') ?? '');
  return Number.isNaN(wait) ? null : Math.max(0, Math.ceil(wait / 1000));
}
