/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
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
          Go on without the unsent work…
        </LockButton>
      </div>
    );
  }
  return (
    <section className={css.aside} aria-label="Go on without the unsent work">
      <p>
        <strong>What you wrote and was not sent will not be shown or sent.</strong>{' '}
        {missing
          ? 'If IT finds the file again, it can no longer be put back in its place.'
          : 'The damaged file stays on this workstation, and IT may be able to recover something of it.'}{' '}
        Write down what you remember, and ask IT first if you can wait.
      </p>
      <p>Type your passphrase above. That you went on is recorded.</p>
      <LockButton kind="danger" busy={busy} onClick={onDecide} data-testid="outbox-aside-confirm" focused>
        Unlock without the unsent work
      </LockButton>
    </section>
  );
}
