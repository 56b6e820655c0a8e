import type { Failure, Result } from '../../preload/contract/channel.ts';
import type { Bridge } from '../../preload/contract/index.ts';

declare global {
  interface Window {
    readonly wardlight: Bridge;
  }
}

let speaks: (bridge: Bridge) => Bridge = (own) => own;

/** What puts words in the place of main's codes in answers comes with the part of the page that shows records. */
export function speakBy(worded: (bridge: Bridge) => Bridge): void {
  speaks = worded;
}

/** The doorway to main. Read at each use, so that a test can put its own in place. */
export function bridge(): Bridge {
  return speaks(window.wardlight);
}

/** An expected failure of a call, thrown only where a library (TanStack Query) wants failures thrown. */
export class CallFailure extends Error {
  readonly code: string;

  constructor(failure: Failure) {
    super(failure.code);
    this.name = 'CallFailure';
    this.code = failure.code;
  }
}

/** The value of an answer, or its failure thrown. */
export async function unwrap<Value>(answer: Promise<Result<Value>>): Promise<Value> {
  const result = await answer;
  if (result.ok) return result.value;
  throw new CallFailure(result.error);
}

/** The code of a failed call or null; a call that breaks instead of answering counts as `internal`. */
export async function codeOf<Code extends string>(
  answer: Promise<Result<unknown, Code>>,
): Promise<Code | 'internal' | null> {
  try {
    const result = await answer;
    return result.ok ? null : result.error.code;
  } catch {
    return 'internal';
  }
}

/** The code that an error carries. */
export function failureCode(error: unknown): string {
  return error instanceof CallFailure ? error.code : 'internal';
}
