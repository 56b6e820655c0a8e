import type { Parameters } from 'fhir/r4';
import { type AccessToken, authorized, tokenFailure } from './authorized.ts';
import type { FhirErrorCode } from './client.ts';

/** Bulk Data Access 2.0, as far as a clinician's client uses it. All addresses lie below the base. */
export interface BulkClient {
  /** Begins an export, with a POST where there are parameters; answers the address of its status. */
  begin(
    kickOff: { url: string; parameters?: Parameters },
    signal: AbortSignal,
  ): Promise<BulkResult<{ status: string }>>;
  /** Asks how an export stands; null while it is under way. */
  poll(
    status: string,
    signal: AbortSignal,
  ): Promise<BulkResult<{ manifest: Manifest | null; retryAfter: number | null }>>;
  /**
   * Reads a file of lines as they arrive, and hands on so many at a time; `skip` lines are passed over. Waits for what is
   * done with them.
   */
  lines(
    file: string,
    skip: number,
    take: (lines: string[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<BulkResult<{ serverTime: string | null }>>;
  /** Tells the server that the export isn't needed any longer. */
  cancel(status: string): Promise<void>;
}

export interface BulkError {
  code: FhirErrorCode;
  status: number | null;
  retryAfter: number | null;
}

type BulkResult<Value> = { ok: true; value: Value } | { ok: false; error: BulkError };

export interface ExportFile {
  readonly type: string;
  readonly url: string;
}

/** What an export brought (Bulk Data Access 2.0, complete status). */
export interface Manifest {
  /** Server time up to which everything is in it. */
  readonly transactionTime: string;
  readonly output: readonly ExportFile[];
  readonly deleted: readonly ExportFile[];
  readonly error: readonly ExportFile[];
}

export interface BulkClientOptions {
  base: string;
  fetch: typeof globalThis.fetch;
  accessToken: AccessToken;
  requestId: () => string;
  /** Calls back after `ms`; answers how to cancel that. */
  after: (ms: number, callback: () => void) => () => void;
}

interface BulkRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

const LINES = 500;
const CHARACTERS = 2_000_000;
const LINE_MAX = 64 * 1024 * 1024;
/** Longest silence of a server, before an answer and between two parts of one. */
const TIMEOUT_MS = 60_000;

export function createBulkClient({ base, fetch, accessToken, requestId, after }: BulkClientOptions): BulkClient {
  const inTime = createTimeLimit(after);
  const root = base.endsWith('/') ? base : `${base}/`;

  /** Only below the address that was signed in to: a token, and the patients' records, go nowhere else. */
  function within(url: unknown): string | null {
    if (typeof url !== 'string' || !URL.canParse(url, root)) return null;
    const { href } = new URL(url, root);
    return href.startsWith(root) ? href : null;
  }

  /** The answer's head comes within the time, or there is none. */
  async function ask(url: string, request: BulkRequest): Promise<BulkResult<Response>> {
    const target = within(url);
    if (target === null) return failed('server-answer-invalid');
    return authorized<BulkResult<Response>>({
      async token(refused) {
        // Renewing a token takes its time, and nobody who locks or cancels waits for it.
        const token = await inTime(accessToken(refused), request.signal);
        if (token === null) return { ok: false, answer: unanswered(request) };
        if (token.ok) return token;
        return { ok: false, answer: failed(tokenFailure(token.error.code)) };
      },
      ask: (token) => askWith(token, target, request),
      isRefused: (answer) => !answer.ok && answer.error.status === 401,
    });
  }

  function unanswered({ signal }: BulkRequest): BulkResult<never> & { ok: false } {
    return failed(signal?.aborted ? 'cancelled' : 'server-unreachable');
  }

  async function askWith(token: string, target: string, request: BulkRequest): Promise<BulkResult<Response>> {
    const { method = 'GET', headers, body, signal } = request;
    const asking = fetch(target, {
      method,
      headers: { ...headers, Authorization: `Bearer ${token}`, 'X-Request-Id': requestId() },
      ...(body !== undefined && { body }),
      redirect: 'error',
      credentials: 'omit',
      cache: 'no-store',
      ...(signal && { signal }),
    });
    const response = await inTime(asking, signal);
    if (response === null) return unanswered(request);
    if (response.ok) return { ok: true, value: response };
    await response.body?.cancel().catch(() => undefined);
    return failed(codeOf(response.status), response.status, secondsOf(response));
  }

  return {
    async begin({ url, parameters }, signal) {
      const headers = { Accept: 'application/fhir+json', Prefer: 'respond-async' };
      const request = parameters && {
        method: 'POST',
        headers: { ...headers, 'Content-Type': 'application/fhir+json' },
        body: JSON.stringify(parameters),
      };
      const answer = await ask(url, { headers, ...request, signal });
      if (!answer.ok) return answer;
      await answer.value.body?.cancel().catch(() => undefined);
      const status = within(answer.value.headers.get('content-location'));
      return status === null ? failed('server-answer-invalid') : { ok: true, value: { status } };
    },
    async poll(status, signal) {
      const answer = await ask(status, { headers: { Accept: 'application/json' }, signal });
      if (!answer.ok) return answer;
      const response = answer.value;
      const retryAfter = secondsOf(response);
      if (response.status === 202) {
        await response.body?.cancel().catch(() => undefined);
        return { ok: true, value: { manifest: null, retryAfter } };
      }
      const manifest = await readManifest(response, within);
      return manifest ? { ok: true, value: { manifest, retryAfter } } : failed('server-answer-invalid');
    },
    async lines(file, skip, take, signal) {
      const answer = await ask(file, { headers: { Accept: 'application/fhir+ndjson' }, signal });
      if (!answer.ok) return answer;
      const failure = await readLines(answer.value, { skip, take, signal, inTime });
      const date = Date.parse(answer.value.headers.get('date') ?? '');
      return failure ?? { ok: true, value: { serverTime: Number.isNaN(date) ? null : new Date(date).toISOString() } };
    },
    async cancel(status) {
      await ask(status, { method: 'DELETE' });
    },
  };
}

/** An exception of `take` is thrown on; one of the network is a failure. */
async function readLines(
  response: Response,
  {
    skip,
    take,
    signal,
    inTime,
  }: { skip: number; take: (lines: string[]) => Promise<void>; signal: AbortSignal; inTime: TimeLimit },
): Promise<(BulkResult<never> & { ok: false }) | null> {
  const reader = response.body?.getReader();
  if (!reader) return null;
  const decoder = new TextDecoder();
  // A line comes in many parts: they are joined once, when it is whole.
  let parts: string[] = [];
  let length = 0;
  let left = skip;
  let batch: string[] = [];
  let size = 0;

  async function hand(lines: readonly string[], isLast: boolean): Promise<void> {
    for (const line of lines) {
      if (line.trim() === '') continue;
      if (left > 0) {
        left -= 1;
        continue;
      }
      batch.push(line);
      size += line.length;
      if (batch.length >= LINES || size >= CHARACTERS) await flush();
    }
    if (isLast) await flush();
  }

  async function flush(): Promise<void> {
    if (batch.length > 0) await take(batch);
    batch = [];
    size = 0;
  }

  for (;;) {
    const chunk = await inTime(reader.read(), signal);
    if (chunk === null || signal.aborted) {
      await reader.cancel().catch(() => undefined);
      return failed(signal.aborted ? 'cancelled' : 'server-unreachable');
    }
    const text = chunk.done ? decoder.decode() : decoder.decode(chunk.value, { stream: true });
    const lines = text.split('\n');
    const rest = chunk.done ? null : lines.pop();
    if (lines.length > 0) {
      lines[0] = [...parts, lines[0]].join('');
      parts = [];
      length = 0;
    }
    parts.push(rest ?? '');
    length += rest?.length ?? 0;
    if (length > LINE_MAX || lines.some((line) => line.length > LINE_MAX)) {
      await reader.cancel().catch(() => undefined);
      return failed('server-answer-invalid');
    }
    await hand(lines, chunk.done);
    if (chunk.done) return null;
  }
}

/** What comes within the time; null where it fails, takes too long, or isn't waited for any longer. */
type TimeLimit = <Value>(work: Promise<Value>, signal?: AbortSignal) => Promise<Value | null>;

function createTimeLimit(after: BulkClientOptions['after']): TimeLimit {
  return async (work, signal) => {
    let end: () => void = () => undefined;
    const ended = new Promise<null>((resolve) => {
      end = () => resolve(null);
    });
    const forget = after(TIMEOUT_MS, end);
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

async function readManifest(response: Response, within: (url: unknown) => string | null): Promise<Manifest | null> {
  const value = (await response.json().catch(() => null)) as Record<string, unknown> | null;
  const time = Date.parse(String(value?.['transactionTime']));
  if (!value || Number.isNaN(time)) return null;
  const files = (name: string): ExportFile[] | null => {
    const listed = value[name];
    if (!Array.isArray(listed)) return [];
    const found = (listed as { type?: unknown; url?: unknown }[]).map(({ type, url }) => ({
      type: String(type),
      url: within(url),
    }));
    return found.every((file): file is ExportFile => file.url !== null) ? found : null;
  };
  const [output, deleted, error] = [files('output'), files('deleted'), files('error')];
  if (!output || !deleted || !error) return null;
  return { transactionTime: new Date(time).toISOString(), output, deleted, error };
}

function failed(
  code: FhirErrorCode,
  status: number | null = null,
  retryAfter: number | null = null,
): BulkResult<never> & { ok: false } {
  return { ok: false, error: { code, status, retryAfter } };
}

function secondsOf(response: Response): number | null {
  const value = response.headers.get('retry-after');
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const wait = Date.parse(value) - Date.parse(response.headers.get('date') ?? '');
  return Number.isNaN(wait) ? null : Math.max(0, Math.ceil(wait / 1000));
}

function codeOf(status: number): FhirErrorCode {
  const named: Record<number, FhirErrorCode> = {
    401: 'unauthorized',
    403: 'forbidden',
    404: 'not-found',
    410: 'gone',
    429: 'too-many-requests',
  };
  return named[status] ?? (status >= 500 ? 'server-error' : 'rejected');
}
