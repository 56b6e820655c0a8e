import { formatWhen } from '../../parts/dates.ts';
import type { DraftState } from './draftKeeper.ts';
import css from './drafts.module.css';

/** What became of the typed text so far. */
export function DraftStatus({ state, dirty }: { readonly state: DraftState; readonly dirty: boolean }) {
  return (
    <span className={state.kind === 'failed' ? css.failed : css.sub} role="status" data-testid="draft-state">
      {words(state, dirty)}
    </span>
  );
}

function words(state: DraftState, dirty: boolean): string {
  if (!dirty) return 'Nothing changed yet.';
  if (state.kind === 'kept') return `Not saved. Draft kept ${formatWhen(state.at, new Date())}.`;
  if (state.kind === 'failed') {
    return `Not saved, and the draft can’t be kept (${state.code}). The text is only on this screen: save it before you leave or lock.`;
  }
  return 'Not saved. Keeping a draft…';
}
