import type { AuditStatus } from '../../../preload/contract/audit.ts';
import { bridge } from '../../app/bridge.ts';
import { useBridgeState } from '../../app/useBridgeState.ts';

const readStatus = () => bridge().audit.status({});

function onStatus(listener: (status: AuditStatus) => void): () => void {
  return bridge().audit.onChanged(listener);
}

/** How the record of access stands; null until main has said so. */
export function useAuditStatus(): AuditStatus | null {
  return useBridgeState(readStatus, onStatus);
}
