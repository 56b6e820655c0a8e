import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Draft, DraftKey, DraftText } from '../../../preload/contract/drafts.ts';
import { flushed, useFlush } from '../../app/flushing.ts';
import { queryKeys } from '../../app/queries.ts';
import { createDraftKeeper, type DraftKeeper, type DraftState } from './draftKeeper.ts';

/** Keeps what is typed as a draft, all the while; `begun` is the draft that is gone on with. */
export function useDraft(
  key: DraftKey,
  text: DraftText | null,
  begun: Draft | null,
): { readonly state: DraftState; readonly keeper: DraftKeeper } {
  const [state, setState] = useState<DraftState>(begun ? { kind: 'kept', at: begun.changedAt } : { kind: 'none' });
  const [keeper] = useState(() => createDraftKeeper(key, begun, setState));
  useEffect(() => keeper.change(text));
  useFlush(keeper.flush);
  useDraftsTold(key);
  return { state, keeper };
}

/** Lists of drafts are read anew once this one has left the screen. */
function useDraftsTold({ patientId, resourceType }: DraftKey): void {
  const client = useQueryClient();
  useEffect(
    () => () => {
      // After the text was handed over, which begins when the editor leaves the screen.
      queueMicrotask(async () => {
        await flushed();
        void client.invalidateQueries({ queryKey: queryKeys.patientDrafts(patientId, resourceType) });
        void client.invalidateQueries({ queryKey: queryKeys.drafts });
      });
    },
    [client, patientId, resourceType],
  );
}
