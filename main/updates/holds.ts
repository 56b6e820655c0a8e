import type { SyncStatus } from '../../preload/contract/sync.ts';
import type { UpdateHold } from '../../preload/contract/updates.ts';
import type { StoredTransfer } from '../cache/transfer.ts';

/** What somebody who has unlocked has under way. */
export interface UnderWay {
  readonly sync: Pick<SyncStatus, 'online' | 'activity'>;
  /** Drafts that were not saved. */
  readonly drafts: number;
  readonly transfers: readonly Pick<StoredTransfer, 'record' | 'state' | 'paused'>[];
}

/**
 * What would be interrupted. A server that isn't known to be there counts as a downtime; a file that waits for a person
 * waits as well behind a new start.
 */
export function holdsOf({ sync: { online, activity }, drafts, transfers }: UnderWay): UpdateHold[] {
  const isOnItsWay = transfers.some(({ record, state, paused }) => record === 'open' && state !== 'failed' && !paused);
  return [
    ...(online === true ? [] : (['offline'] as const)),
    ...(drafts > 0 ? (['unsaved'] as const) : []),
    ...(isOnItsWay ? (['sending'] as const) : []),
    ...(activity === 'idle' ? [] : (['syncing'] as const)),
  ];
}
