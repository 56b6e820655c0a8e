/** What repeating needs; handed in, so that tests neither wait nor draw lots. */
export interface Retry {
  /** Resolves after the time, or as soon as the signal says so. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 to less than 1. */
  random(): number;
}

interface Failed {
  readonly ok: false;
  readonly error: { readonly code: string; readonly status: number | null; readonly retryAfter: number | null };
}

const TRIES = 3;
const FIRST_MS = 500;
/** A longer wait is told to whoever asked, who plans the whole run by it. */
const WAIT_MAX_MS = 5_000;
const passing: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Makes a request that changes nothing up to three times, while it fails in passing: no answer, or a status that says
 * "not now". Waits twice as long each time, with jitter, and at least as long as the server asks for.
 */
export async function repeated<Answer extends { readonly ok: true } | Failed>(
  ask: () => Promise<Answer>,
  retry: Retry | undefined,
  signal?: AbortSignal,
): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const result = await ask();
    if (result.ok || !retry || tries === TRIES) return result;
    const { code, status, retryAfter } = result.error;
    const isPassing = status === null ? code === 'server-unreachable' : passing.has(status);
    const ms = Math.max((retryAfter ?? 0) * 1000, FIRST_MS * 2 ** (tries - 1) * (0.5 + retry.random()));
    if (!isPassing || ms > WAIT_MAX_MS || signal?.aborted) return result;
    await retry.wait(ms, signal);
    if (signal?.aborted) return result;
  }
}
