import { useEffect, useState } from 'react';
import type { Result } from '../../preload/contract/channel.ts';
import { followBridge } from './followBridge.ts';

/** A value that main holds and tells of when it changes; null until the first answer. Both functions must be stable. */
export function useBridgeState<Value>(
  read: () => Promise<Result<Value>>,
  subscribe: (listener: (value: Value) => void) => () => void,
): Value | null {
  const [value, setValue] = useState<Value | null>(null);
  useEffect(() => followBridge(read, subscribe, setValue), [read, subscribe]);
  return value;
}
