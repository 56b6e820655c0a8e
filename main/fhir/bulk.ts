import type { Parameters } from 'fhir/r4';
import {
  createRawClient,
  type RawClient,
  type RawClientOptions,
  type RawResult,
  rawFailure,
  secondsOf,
} from './raw.ts';

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
  cancel(status: string, signal: AbortSignal): Promise<void>;
}

type BulkResult<Value> = RawResult<Value>;

export interface ExportFile {
  readonly type: string;
  readonly url: string;
  /** Lines that are in it, where the server tells. */
  readonly count: number | null;
}

/** What an export brought (Bulk Data Access 2.0, complete status). */
export interface Manifest {
  /** Server time up to which everything is in it. */
  readonly transactionTime: string;
  readonly output: readonly ExportFile[];
  readonly deleted: readonly ExportFile[];
  readonly error: readonly ExportFile[];
}

const LINES = 500;
const CHARACTERS = 2_000_000;
const LINE_MAX = 64 * 1024 * 1024;

/** All addresses lie below the one that was signed in to: a token, and the patients' records, go nowhere else. */
export function createBulkClient(options: RawClientOptions): BulkClient {
  const { ask, within, inTime } = createRawClient(options);

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
      return status === null ? rawFailure('server-answer-invalid') : { ok: true, value: { status } };
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
      const text: string[] = [];
      const take = async (lines: string[]) => void text.push(...lines);
      const failure = await readLines(response, { skip: 0, take, signal, inTime });
      if (failure) return failure;
      const manifest = readManifest(text.join('\n'), within);
      return manifest ? { ok: true, value: { manifest, retryAfter } } : rawFailure('server-answer-invalid');
    },
    async lines(file, skip, take, signal) {
      const answer = await ask(file, { headers: { Accept: 'application/fhir+ndjson' }, signal });
      if (!answer.ok) return answer;
      const failure = await readLines(answer.value, { skip, take, signal, inTime });
      const date = Date.parse(answer.value.headers.get('date') ?? '');
      return failure ?? { ok: true, value: { serverTime: Number.isNaN(date) ? null : new Date(date).toISOString() } };
    },
    async cancel(status, signal) {
      await ask(status, { method: 'DELETE', signal });
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
  }: { skip: number; take: (lines: string[]) => Promise<void>; signal: AbortSignal; inTime: RawClient['inTime'] },
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
      return rawFailure(signal.aborted ? 'cancelled' : 'server-unreachable');
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
      return rawFailure('server-answer-invalid');
    }
    await hand(lines, chunk.done);
    if (chunk.done) return null;
  }
}

function readManifest(text: string, within: RawClient['within']): Manifest | null {
  const value = parsed(text) as Record<string, unknown> | null;
  const time = Date.parse(String(value?.['transactionTime']));
  if (!value || Number.isNaN(time)) return null;
  const files = (name: string): ExportFile[] | null => {
    const listed = value[name];
    if (!Array.isArray(listed)) return [];
    const found = (listed as { type?: unknown; url?: unknown; count?: unknown }[]).map(({ type, url, count }) => ({
      type: String(type),
      url: within(url),
      count: typeof count === 'number' ? count : null,
    }));
    return found.every((file): file is ExportFile => file.url !== null) ? found : null;
  };
  const [output, deleted, error] = [files('output'), files('deleted'), files('error')];
  if (!output || !deleted || !error) return null;
  return { transactionTime: new Date(time).toISOString(), output, deleted, error };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
