import { useEffect, useState } from 'react';
import type { NumbersState } from '../../../preload/contract/downtime.ts';
import { bridge } from '../../app/bridge.ts';

/** How the numbers of this workstation stand; null where there are none, and until that is known. Another `turn` asks anew. */
export function useNumbers(turn = 0): NumbersState | null {
  const [state, setState] = useState<NumbersState | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a turn is what asks anew
  useEffect(() => {
    let live = true;
    void bridge()
      .downtime.numbers({})
      .then((answer) => {
        if (live && answer.ok) setState(answer.value);
      })
      .catch(() => undefined);
    return () => {
      live = false;
    };
  }, [turn]);
  return state;
}
