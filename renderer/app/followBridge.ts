import type { Result } from '../../preload/contract/channel.ts';

/**
 * Tells a listener of a value that main holds: first as it is, then each time that it changes. Answers the function
 * that ends it. A change that arrives before the first answer is the newer of the two, and wins.
 */
export function followBridge<Value>(
  read: () => Promise<Result<Value>>,
  subscribe: (listener: (value: Value) => void) => () => void,
  listener: (value: Value) => void,
): () => void {
  let live = true;
  let told = false;
  const unsubscribe = subscribe((next) => {
    told = true;
    if (live) listener(next);
  });
  const first = async () => {
    const answer = await read();
    if (live && !told && answer.ok) listener(answer.value);
  };
  // A bridge that breaks leaves the quiet starting state; the next event still comes through.
  first().catch(() => undefined);
  return () => {
    live = false;
    unsubscribe();
  };
}
