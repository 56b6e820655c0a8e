import type { Failure, Result } from '../../preload/contract/channel.ts';
import type { Bridge } from '../../preload/contract/index.ts';

declare global {
  interface Window {
    readonly wardlight: Bridge;
  }
}

type InWords = (answer: unknown) => unknown;

let inWords: InWords = (answer) => answer;

/** How words take the place of main's codes: it comes with the part of the page that shows records. */
export function sayAnswers(say: InWords): void {
  inWords = say;
}

type Calls = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** A feature's calls, whose answers have words in the place of main's codes. */
function worded(calls: Calls): Calls {
  return new Proxy({} as Calls, {
    get: (_, name: string) => {
      const call = calls[name];
      if (typeof call !== 'function') return call;
      return (...args: unknown[]) => {
        const answer = call.apply(calls, args);
        return answer instanceof Promise ? answer.then(inWords) : answer;
      };
    },
  });
}

const features = new Proxy({} as Bridge, {
  get: (_, name: keyof Bridge) => worded(window.wardlight[name] as unknown as Calls),
});

/** The doorway to main. Read at each use, so that a test can put its own in place. */
export function bridge(): Bridge {
  return features;
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
