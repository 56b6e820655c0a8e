/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { t } from '../../words/t.ts';
import { LockButton } from './LockButton.tsx';
import css from './lock.module.css';

interface Props {
  readonly missing: boolean;
  readonly busy: boolean;
  readonly onDecide: () => void;
}

/** Going on without the unsent work that can't be opened: never by itself, and said before it is done. */
export function OutboxAside({ missing, busy, onDecide }: Props) {
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <div className={css.aside}>
        <LockButton onClick={() => setAsking(true)} data-testid="outbox-aside">
          {t('Go on without the unsent work…')}
        </LockButton>
      </div>
    );
  }
  return (
    <section className={css.aside} aria-label={t('Go on without the unsent work')}>
      <p>
        <strong>{t('What you wrote and was not sent will not be shown or sent.')}</strong>{' '}
        {t('{what} Write down what you remember, and ask IT first if you can wait.', {
          what: missing
            ? t('If IT finds the file again, it can no longer be put back in its place.')
            : t('The damaged file stays on this workstation, and IT may be able to recover something of it.'),
        })}
      </p>
      <p>{t('Type your passphrase above. That you went on is recorded.')}</p>
      <LockButton kind="danger" busy={busy} onClick={onDecide} data-testid="outbox-aside-confirm" focused>
        {t('Unlock without the unsent work')}
      </LockButton>
    </section>
  );
}
