import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { queryKeys } from '../../app/queries.ts';

/** Reads the lists again after a run of the sync: even one that changed no patient makes them newer. */
export function useListsAfterSync(sync: SyncStatus | null): void {
  const client = useQueryClient();
  const before = useRef<string | null | undefined>(undefined);
  const asOf = sync?.asOf;
  useEffect(() => {
    // The first word of it says nothing new: the lists are being read anyway.
    if (asOf !== undefined && before.current !== undefined && before.current !== asOf)
      void client.invalidateQueries({ queryKey: queryKeys.allPatients });
    before.current = asOf;
  }, [client, asOf]);
}

/** Whoever leaves a chart finds it among those that she opened, and what she has begun in it among the unfinished. */
export function useListsAfterChart(): void {
  const client = useQueryClient();
  useEffect(() => () => void client.invalidateQueries({ queryKey: queryKeys.allPatients }), [client]);
}
