import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { useBridgeState } from '../../app/useBridgeState.ts';

const readSync = () => bridge().sync.status({});
const onSync = (listener: (status: SyncStatus) => void) => bridge().sync.onChanged(listener);

/** What the sync is doing; null until main has said so. */
export function useSyncStatus(): SyncStatus | null {
  return useBridgeState(readSync, onSync);
}

/** What comes of it is told by the status, so the answers are not looked at. */
export const startSync = () => void codeOf(bridge().sync.start({}));
export const cancelSync = () => void codeOf(bridge().sync.cancel({}));
