import { useEffect, useState } from 'react';
import type { Result } from '../../preload/contract/channel.ts';

/**
 * A value that main holds and tells of when it changes; null until the first answer. Both functions must be stable.
 * A change that arrives before the first answer is the newer of the two, and wins.
 */
export function useBridgeState<Value>(
  read: () => Promise<Result<Value>>,
  subscribe: (listener: (value: Value) => void) => () => void,
): Value | null {
  const [value, setValue] = useState<Value | null>(null);
  useEffect(() => {
    let live = true;
    let told = false;
    const unsubscribe = subscribe((next) => {
      told = true;
      if (live) setValue(next);
    });
    const first = async () => {
      const answer = await read();
      if (live && !told && answer.ok) setValue(answer.value);
    };
    // A bridge that breaks leaves the quiet starting state; the next event still comes through.
    first().catch(() => undefined);
    return () => {
      live = false;
      unsubscribe();
    };
  }, [read, subscribe]);
  return value;
}
