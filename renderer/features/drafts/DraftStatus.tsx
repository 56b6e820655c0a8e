import { formatWhen } from '../../parts/dates.ts';
import { t } from '../../words/t.ts';
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
  if (!dirty) return t('Nothing changed yet.');
  if (state.kind === 'kept') return t('Not saved. Draft kept {when}.', { when: formatWhen(state.at, new Date()) });
  if (state.kind === 'failed') {
    return t(
      'Not saved, and the draft can’t be kept ({code}). The text is only on this screen: save it before you leave or lock.',
      { code: state.code },
    );
  }
  return t('Not saved. Keeping a draft…');
}
