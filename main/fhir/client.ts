import axios, { type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import type { OperationOutcome } from 'fhir/r4';
import { type AccessToken, authorized, tokenFailure } from './authorized.ts';
import { type FhirErrorCode, networkCode, statusCode } from './errors.ts';
import { type Retry, repeated } from './retry.ts';

export interface FhirError {
  code: FhirErrorCode;
  status: number | null;
  /** What the server said (FHIR R4 operationoutcome.html). May hold PHI: never logged. */
  outcome: OperationOutcome | null;
  /** Seconds that the server asks to wait (RFC 9110, section 10.2.3). */
  retryAfter: number | null;
  serverTime: string | null;
}

export type FhirResult<Value> = { ok: true; value: Value } | { ok: false; error: FhirError };

export interface FhirAnswer {
  text: string;
  status: number;
  /** The server's clock (`Date` header) as ISO instant, or null where it sent none. */
  serverTime: string | null;
  etag: string | null;
  /** `Location` of what was created (http.html#create). */
  location: string | null;
}

/** A request that changes something. The path is relative to the base; empty for a bundle. */
export interface FhirWrite {
  method: 'POST' | 'PUT' | 'DELETE';
  url: string;
  /** JSON text, sent as it is, so that decimals keep their digits. */
  body?: string;
  /** Version id for `If-Match`. */
  ifMatch?: string;
  /** Search parameters for `If-None-Exist` (http.html#ccreate). */
  ifNoneExist?: string;
  prefer?: 'return=representation' | 'return=minimal';
  /** `X-Request-Id` where somebody has recorded it already; otherwise a new one. */
  requestId?: string | undefined;
}

/** A read that is answered with status 304 and no text where nothing has changed (http.html#cread). */
export interface FhirConditions {
  /** Entity tag, as the server gave it. */
  readonly ifNoneMatch?: string;
}

export interface FhirClient {
  readonly base: string;
  /** GET of a path relative to the base, or of a next link, which must lie on the same origin and base. */
  get(url: string, signal?: AbortSignal, conditions?: FhirConditions): Promise<FhirResult<FhirAnswer>>;
  /**
   * Sends once, and never again by itself: only who knows what became of it may repeat it. What is refused for its token
   * (401) was certainly not done, and is sent with a new one.
   */
  send(write: FhirWrite, signal?: AbortSignal): Promise<FhirResult<FhirAnswer>>;
}

export interface FhirClientOptions {
  base: string;
  /** Chromium's network stack in the app, Node's in tests. */
  fetch: typeof globalThis.fetch;
  accessToken: AccessToken;
  requestId: () => string;
  /** Repeats reads that failed in passing; without it each is made once. */
  retry?: Retry;
}

const TIMEOUT_MS = 60_000;
const MAX_BODY_BYTES = 128 * 1024 * 1024;

/**
 * HTTP to one FHIR R4 server (http.html). Failures are values with a code and the server's OperationOutcome.
 */
export function createFhirClient({ base, fetch, accessToken, requestId, retry }: FhirClientOptions): FhirClient {
  const root = base.endsWith('/') ? base : `${base}/`;
  const http: AxiosInstance = axios.create({
    adapter: 'fetch',
    env: { fetch },
    timeout: TIMEOUT_MS,
    maxContentLength: MAX_BODY_BYTES,
    responseType: 'text',
    // The text is kept as sent; parsing here would lose the digits of decimals.
    transformResponse: [(data: unknown) => data],
    validateStatus: () => true,
    // A server or a proxy that answers with what it found before would show stale as fresh: HAPI keeps searches a minute.
    headers: { Accept: 'application/fhir+json', 'Cache-Control': 'no-cache' },
    fetchOptions: { redirect: 'error', credentials: 'omit', cache: 'no-store' },
  });

  async function once(config: AxiosRequestConfig, signal?: AbortSignal): Promise<FhirResult<FhirAnswer>> {
    return authorized<FhirResult<FhirAnswer>>({
      async token(refused) {
        const token = await unlessAborted(accessToken(refused), signal);
        if (token === 'aborted') return { ok: false, answer: failed('cancelled') };
        if (token.ok) return token;
        return { ok: false, answer: failed(tokenFailure(token.error.code)) };
      },
      ask: (token) => ask(token, config, signal),
      isRefused: (answer) => !answer.ok && answer.error.status === 401,
    });
  }

  async function ask(token: string, config: AxiosRequestConfig, signal?: AbortSignal): Promise<FhirResult<FhirAnswer>> {
    try {
      const headers = { 'X-Request-Id': requestId(), ...config.headers, Authorization: `Bearer ${token}` };
      return answerOf(await http.request<string>({ ...config, headers, ...(signal && { signal }) }));
    } catch (error) {
      return failed(networkCode(error, signal));
    }
  }

  return {
    base: root,
    async get(url, signal, conditions) {
      const target = withinBase(url, root);
      if (!target) return failed('server-answer-invalid');
      const headers = conditions?.ifNoneMatch === undefined ? {} : { 'If-None-Match': conditions.ifNoneMatch };
      return repeated(() => once({ method: 'GET', url: target, headers }, signal), retry, signal);
    },
    async send(write, signal) {
      const target = write.url === '' ? root.slice(0, -1) : withinBase(write.url, root);
      if (!target) return failed('server-answer-invalid');
      return once({ method: write.method, url: target, headers: writeHeaders(write), data: write.body }, signal);
    },
  };
}

function writeHeaders({ body, ifMatch, ifNoneExist, prefer, requestId }: FhirWrite): Record<string, string> {
  return {
    ...(body !== undefined && { 'Content-Type': 'application/fhir+json' }),
    ...(ifMatch !== undefined && { 'If-Match': `W/"${ifMatch}"` }),
    ...(ifNoneExist !== undefined && { 'If-None-Exist': ifNoneExist }),
    ...(prefer !== undefined && { Prefer: prefer }),
    ...(requestId !== undefined && { 'X-Request-Id': requestId }),
  };
}

/** Renewing a token takes its time, and nobody who locks or cancels waits for it. */
async function unlessAborted<Value>(work: Promise<Value>, signal?: AbortSignal): Promise<Value | 'aborted'> {
  if (!signal) return work;
  let stop: () => void = () => undefined;
  const aborted = new Promise<'aborted'>((resolve) => {
    stop = () => resolve('aborted');
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Next links are followed only on the server that was asked: a bearer token goes nowhere else. */
function withinBase(url: string, root: string): string | null {
  if (!URL.canParse(url, root)) return null;
  const target = new URL(url, root).href;
  return target.startsWith(root) ? target : null;
}

function failed(code: FhirErrorCode, details: Partial<FhirError> = {}): { ok: false; error: FhirError } {
  return { ok: false, error: { status: null, outcome: null, retryAfter: null, serverTime: null, ...details, code } };
}

function answerOf(response: AxiosResponse<string>): FhirResult<FhirAnswer> {
  const { status, data } = response;
  const header = (name: string): string | null => {
    const value: unknown = response.headers[name];
    return typeof value === 'string' ? value : null;
  };
  const date = header('date');
  const serverTime = date && !Number.isNaN(Date.parse(date)) ? new Date(date).toISOString() : null;
  if ((status >= 200 && status < 300) || status === 304) {
    return {
      ok: true,
      value: { text: data ?? '', status, serverTime, etag: header('etag'), location: header('location') },
    };
  }
  const outcome = outcomeOf(data);
  const retryAfter = secondsOf(header('retry-after'), serverTime) ?? (status === 429 ? secondsSaid(outcome) : null);
  return failed(statusCode(status), { status, outcome, retryAfter, serverTime });
}

/** Retry-After is a number of seconds, or a date by the server's own clock. */
function secondsOf(retryAfter: string | null, serverTime: string | null): number | null {
  if (retryAfter === null) return null;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter);
  const wait = / GMT$/.test(retryAfter) ? Date.parse(retryAfter) - Date.parse(serverTime ?? '') : Number.NaN;
  return Number.isNaN(wait) ? null : Math.max(0, Math.ceil(wait / 1000));
}

/** Medplum sends no Retry-After; it says the milliseconds in the OperationOutcome. */
function secondsSaid(outcome: OperationOutcome | null): number | null {
  const issues: readonly ({ diagnostics?: unknown } | null)[] = Array.isArray(outcome?.issue) ? outcome.issue : [];
  for (const issue of issues) {
    const said = /"_msBeforeNext":\s*(\d{1,9})\b/.exec(String(issue?.diagnostics))?.[1];
    if (said) return Math.ceil(Number(said) / 1000);
  }
  return null;
}

function outcomeOf(text: unknown): OperationOutcome | null {
  if (typeof text !== 'string') return null;
  try {
    const value = JSON.parse(text) as { resourceType?: unknown };
    return value?.resourceType === 'OperationOutcome' ? (value as OperationOutcome) : null;
  } catch {
    return null;
  }
}
