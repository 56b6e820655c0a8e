import { useEffect, useState } from 'react';
import type { DowntimeState } from '../../../preload/contract/downtime.ts';
import { bridge } from '../../app/bridge.ts';

/** The binders of this workstation and what is being made; null until that is known. */
export function useDowntime(): DowntimeState | null {
  const [state, setState] = useState<DowntimeState | null>(null);
  useEffect(() => {
    let live = true;
    void bridge()
      .downtime.state({})
      .then((answer) => {
        if (live && answer.ok) setState((known) => known ?? answer.value);
      })
      .catch(() => undefined);
    const end = bridge().downtime.onChanged(setState);
    return () => {
      live = false;
      end();
    };
  }, []);
  return state;
}
