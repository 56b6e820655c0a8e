import { useState } from 'react';
import { bridge, codeOf } from '../../app/bridge.ts';
import { Button } from '../../parts/Button.tsx';
import { formatWhen } from '../../parts/dates.ts';
import { useNow } from '../../parts/useNow.ts';
import { t } from '../../words/t.ts';
import css from './updates.module.css';
import { modeWords, problemWords, stageWords } from './updateWords.ts';
import { useUpdates } from './useUpdates.ts';

/** How the program's updates stand, beside what the organisation has decided. */
export function UpdateLines() {
  const state = useUpdates();
  const now = useNow();
  const [busy, setBusy] = useState(false);
  if (!state) return null;
  const { mode, installed, checkedAt, problem } = state;
  const look = async () => {
    setBusy(true);
    await codeOf(bridge().updates.check({}));
    setBusy(false);
  };
  const stage = stageWords(state);
  return (
    <section className={css.updates} aria-label={t('Version')} data-testid="update-lines">
      <p role="status">
        <strong>{t('Wardlight {version}.', { version: installed })}</strong> {modeWords(mode)}{' '}
        {stage && <strong>{stage}</strong>}{' '}
        {checkedAt && t('Last looked {when}.', { when: formatWhen(checkedAt, now) })}
      </p>
      {problem && (
        <p data-testid="update-problem">
          {problemWords(problem)} <span className="wl-code">{problem}</span>
        </p>
      )}
      {mode !== 'off' && (
        <Button size="tiny" busy={busy} onClick={look} data-testid="update-look">
          {t('Look now')}
        </Button>
      )}
    </section>
  );
}
