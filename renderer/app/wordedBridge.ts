import type { Bridge } from '../../preload/contract/index.ts';

type InWords = (answer: unknown) => unknown;
type Calls = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** A feature's calls, in whose answers words take the place of main's codes. */
function callsInWords(calls: Calls, say: InWords): Calls {
  return new Proxy({} as Calls, {
    get: (_, name: string) => {
      const call = calls[name];
      if (typeof call !== 'function') return call;
      return (...args: unknown[]) => {
        const answer = call.apply(calls, args);
        return answer instanceof Promise ? answer.then(say) : answer;
      };
    },
  });
}

/** The doorway to main, with words for the codes in its answers. */
export function bridgeInWords(own: Bridge, say: InWords): Bridge {
  return new Proxy({} as Bridge, {
    get: (_, name: keyof Bridge) => callsInWords(own[name] as unknown as Calls, say),
  });
}
