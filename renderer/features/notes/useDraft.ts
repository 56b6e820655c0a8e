import { useEffect, useState } from 'react';
import type { Draft } from '../../../preload/contract/drafts.ts';
import { useFlush } from '../../app/flushing.ts';
import { createDraftKeeper, type DraftKeeper, type DraftKey, type DraftState, type DraftText } from './draftKeeper.ts';

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
  return { state, keeper };
}
