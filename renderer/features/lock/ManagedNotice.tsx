/** @jsxImportSource preact */
import { useEffect, useState } from 'preact/hooks';
import type { ManagedState } from '../../../preload/contract/managed.ts';
import { bridge } from '../../app/bridge.ts';
import { followBridge } from '../../app/followBridge.ts';
import { t } from '../../words/t.ts';
import { noticeOf, problemWords } from '../managed/managedWords.ts';
import css from './lock.module.css';

const readManaged = () => bridge().managed.state({});
const onManaged = (listener: (state: ManagedState) => void) => bridge().managed.onChanged(listener);

/** The same that the frame tells above records: why the first screens may be stricter than they should be. */
export function ManagedNotice() {
  const [state, setState] = useState<ManagedState | null>(null);
  useEffect(() => followBridge(readManaged, onManaged, setState), []);
  const problem = state && noticeOf(state);
  if (!problem) return null;
  return (
    <section className={css.notice} role="alert" data-testid="managed-notice">
      <strong>{t('A setting of your organisation can’t be used.')}</strong> {problemWords(problem, state)}{' '}
      {t('Tell IT, and give them the code.')}{' '}
      <span className="wl-code">
        {problem.code} {problem.key}
      </span>
    </section>
  );
}
