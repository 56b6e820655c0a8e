import type { Transfer } from '../../../preload/contract/documents.ts';
import { bridge } from '../../app/bridge.ts';
import { useBridgeState } from '../../app/useBridgeState.ts';

const readTransfers = () => bridge().documents.transfers({});
const onTransfers = (listener: (value: { items: Transfer[] }) => void) =>
  bridge().documents.onTransfersChanged(listener);

/** The files that are on their way to the server, in their order; null until main has said so. */
export function useTransfers(): readonly Transfer[] | null {
  return useBridgeState(readTransfers, onTransfers)?.items ?? null;
}
