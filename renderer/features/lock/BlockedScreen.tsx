import { useState } from 'react';
import type { SessionState } from '../../../preload/contract/session.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { errorWords } from '../../app/errors.ts';
import { Button } from '../../parts/Button.tsx';
import css from './lock.module.css';
import { ScreenCard } from './ScreenCard.tsx';

type Blocked = Extract<SessionState, { phase: 'blocked' }>;

/** Nothing can be begun, for want of the keyring mostly: what happened, that nothing is lost, and what to do. */
export function BlockedScreen({ problem }: { readonly problem: Blocked['problem'] }) {
  const [busy, setBusy] = useState(false);
  const words = errorWords(problem);

  const retry = async () => {
    setBusy(true);
    await codeOf(bridge().session.retryKeyring({}));
    setBusy(false);
  };

  return (
    <ScreenCard title={words.title} testId="keyring-screen">
      <div role="status" className={css.text}>
        <p>{words.means}</p>
        <p>
          <strong>What to do:</strong> {words.act}
        </p>
      </div>
      <div className={css.actions}>
        <Button kind="main" size="large" onClick={retry} busy={busy} data-testid="keyring-retry" autoFocus>
          Retry
        </Button>
        <span className="wl-code">Code for IT: {problem}</span>
      </div>
    </ScreenCard>
  );
}
