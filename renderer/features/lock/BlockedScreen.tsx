/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import type { SessionState } from '../../../preload/contract/session.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { errorWords } from '../../app/errors.ts';
import { t } from '../../words/t.ts';
import { LockButton } from './LockButton.tsx';
import css from './lock.module.css';
import { ScreenCard } from './ScreenCard.tsx';

type Blocked = Extract<SessionState, { phase: 'blocked' }>;

/** Nothing can be begun, for want of the keyring mostly: what happened, that nothing is lost, and what to do. */
export function BlockedScreen({ problem }: { readonly problem: Blocked['problem'] }) {
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const words = errorWords(problem);

  const retry = async () => {
    setBusy(true);
    setTried(false);
    await codeOf(bridge().session.retryKeyring({}));
    setBusy(false);
    setTried(true);
  };

  return (
    <ScreenCard title={words.title} testId="keyring-screen">
      <div role="status" className={css.text}>
        <p>{words.means}</p>
        <p>
          <strong>{t('What to do:')}</strong> {words.act}
        </p>
      </div>
      {/* Only seen where the retry has led nowhere: without it the press would seem to do nothing. */}
      <p role="status" className="wl-muted">
        {tried ? t('Tried again: the problem is still there.') : ''}
      </p>
      <div className={css.actions}>
        <LockButton kind="main" onClick={retry} busy={busy} data-testid="keyring-retry" focused>
          {t('Retry')}
        </LockButton>
        <span className="wl-code">{t('Code for IT: {problem}', { problem })}</span>
      </div>
    </ScreenCard>
  );
}
