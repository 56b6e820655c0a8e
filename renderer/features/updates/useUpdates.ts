import type { UpdateState } from '../../../preload/contract/updates.ts';
import { bridge } from '../../app/bridge.ts';
import { useBridgeState } from '../../app/useBridgeState.ts';

const read = () => bridge().updates.state({});
const subscribe = (listener: (state: UpdateState) => void) => bridge().updates.onChanged(listener);

/** How the program's updates stand; null until main has said so. */
export function useUpdates(): UpdateState | null {
  return useBridgeState(read, subscribe);
}
