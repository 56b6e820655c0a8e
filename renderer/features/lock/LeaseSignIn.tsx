/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { bridge, codeOf } from '../../app/bridge.ts';
import { t } from '../../words/t.ts';
import { LockButton } from './LockButton.tsx';
import css from './lock.module.css';
import { Problem } from './Problem.tsx';

interface Props {
  readonly server: string;
  readonly onSignedIn: () => void;
}

/** Before the unlock: the time offline is over, and the server wants a person. */
export function LeaseSignIn({ server, onSignedIn }: Props) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const signIn = async () => {
    setBusy(true);
    setFailure(null);
    const code = await codeOf(bridge().session.signIn({ server }));
    setBusy(false);
    if (code === null) onSignedIn();
    else if (code !== 'sign-in-cancelled') setFailure(code);
  };
  const cancel = () => void codeOf(bridge().session.cancelSignIn({}));

  return (
    <div className={css.form}>
      {failure && <Problem code={failure} />}
      <div className={css.actions}>
        <LockButton kind="main" busy={busy} onClick={signIn} data-testid="lease-sign-in" focused>
          {t('Sign in')}
        </LockButton>
        {busy && <LockButton onClick={cancel}>{t('Cancel')}</LockButton>}
      </div>
      <p role="status" className="wl-muted">
        {busy ? t('The sign-in page of your hospital is open in the browser.') : ''}
      </p>
    </div>
  );
}
