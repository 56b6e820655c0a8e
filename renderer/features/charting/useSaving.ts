import { useRef, useState } from 'react';
import type { Result } from '../../../preload/contract/channel.ts';

/** Why something was not saved; `lines` name what is wrong with it. */
export interface Failure {
  readonly code: string;
  readonly lines: readonly string[];
}

interface Saving {
  readonly busy: boolean;
  readonly failure: Failure | null;
  /** True when it was saved. Answers false at once while something is being saved: nothing is sent twice. */
  readonly save: (send: () => Promise<Result<unknown>>) => Promise<boolean>;
}

/** Saves once at a time, and tells why it could not. */
export function useSaving(): Saving {
  // State would be too late for a second Enter.
  const saving = useRef(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const save = async (send: () => Promise<Result<unknown>>) => {
    if (saving.current) return false;
    saving.current = true;
    setBusy(true);
    setFailure(null);
    const answer = await send().catch(() => ({ ok: false as const, error: { code: 'internal' } }));
    saving.current = false;
    setBusy(false);
    if (!answer.ok) setFailure(failureOf(answer.error));
    return answer.ok;
  };
  return { busy, failure, save };
}

/** What the page says of a refusal. */
export function failureOf({ code, detail }: { readonly code: string; readonly detail?: string }): Failure {
  return { code, lines: code === 'invalid' ? (detail ?? '').split('\n').filter((line) => line !== '') : [] };
}
