import { useEffect, useState } from 'react';
import type { AccessState, Grant } from '../../../preload/contract/access.ts';
import { bridge } from '../../app/bridge.ts';
import { useBridgeState } from '../../app/useBridgeState.ts';

const readAccess = () => bridge().access.state({});

/** What is told is how long something stays open; from then on the page counts by itself. */
function onAccess(listener: (state: AccessState) => void): () => void {
  return bridge().access.onChanged(listener);
}

/** What is open beyond the ordinary, and which policies hold; null until main has said so. */
export function useAccess(): AccessState | null {
  return useBridgeState(readAccess, onAccess);
}

/** What is open of one patient, with when it ends by the page's own count; null for nothing. */
export function useGrant(patientId: string): { readonly grant: Grant; readonly remainingMs: number } | null {
  const state = useAccess();
  const grant = state?.grants.find((one) => one.patientId === patientId) ?? null;
  const [since, setSince] = useState(() => performance.now());
  const [now, setNow] = useState(since);
  // biome-ignore lint/correctness/useExhaustiveDependencies: counted anew from each time that main tells
  useEffect(() => {
    const told = performance.now();
    setSince(told);
    setNow(told);
    if (!grant) return;
    const timer = setInterval(() => setNow(performance.now()), 1_000);
    return () => clearInterval(timer);
  }, [state]);
  return grant && { grant, remainingMs: Math.max(0, grant.remainingMs - (now - since)) };
}
