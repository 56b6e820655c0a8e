import type { ManagedState } from '../../../preload/contract/managed.ts';
import { bridge } from '../../app/bridge.ts';
import { useBridgeState } from '../../app/useBridgeState.ts';

const readManaged = () => bridge().managed.state({});
const onManaged = (listener: (state: ManagedState) => void) => bridge().managed.onChanged(listener);

/** What is wrong with what IT has set; null until main has said so. */
export function useManaged(): ManagedState | null {
  return useBridgeState(readManaged, onManaged);
}
