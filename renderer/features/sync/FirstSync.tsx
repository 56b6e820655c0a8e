import { Button } from '@mantine/core';
import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { SyncProgress } from './SyncProgress.tsx';
import css from './sync.module.css';
import { failureWords } from './syncWords.ts';
import { cancelSync, startSync } from './useSync.ts';

/** Above the list until everything in scope was fetched once: how far it is, and that the list is usable already. */
export function FirstSync({ status }: { readonly status: SyncStatus }) {
  const running = status.activity !== 'idle';
  const failure = running ? null : failureWords(status);
  return (
    <section className={css.first} aria-label="First sync">
      <div className={css.firstText}>
        <h2>{running ? 'Fetching your patients and their records' : 'The first sync is not finished'}</h2>
        <p className="wl-muted">
          {running
            ? 'Patients appear below as they arrive and can be opened already; their charts say what is still missing.'
            : 'What was fetched is stored and stays. Resume to fetch the rest.'}
        </p>
        {failure && (
          <p className={css.firstFailure} role="alert">
            {failure.title}. {failure.act} <span className="wl-code">{status.error?.code}</span>
          </p>
        )}
        {status.progress && <SyncProgress progress={status.progress} />}
      </div>
      {running ? (
        <Button
          variant="default"
          onClick={cancelSync}
          disabled={status.activity === 'cancelling'}
          data-testid="sync-cancel"
        >
          {status.activity === 'cancelling' ? 'Cancelling…' : 'Cancel'}
        </Button>
      ) : (
        <Button onClick={startSync} data-testid="sync-resume">
          Resume
        </Button>
      )}
    </section>
  );
}
