import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { Button } from '../../parts/Button.tsx';
import { useNow } from '../../parts/useNow.ts';
import { t } from '../../words/t.ts';
import { SyncProgress } from './SyncProgress.tsx';
import css from './sync.module.css';
import { failureWords, isOffline, nextTryWords } from './syncWords.ts';
import { cancelSync, startSync } from './useSync.ts';

/** Above the list until everything in scope was fetched once: how far it is, and that the list is usable already. */
export function FirstSync({ status }: { readonly status: SyncStatus }) {
  const running = status.activity !== 'idle';
  return (
    <section className={css.first} aria-label={t('First sync')}>
      <div className={css.firstText}>
        <h2>{running ? t('Fetching your patients and their records') : t('The first sync is not finished')}</h2>
        {running ? (
          <p className="wl-muted">
            {t(
              'Patients appear below as they arrive and can be opened already; their charts say what is still missing.',
            )}
          </p>
        ) : (
          <Stopped status={status} />
        )}
        {running && status.progress && <SyncProgress progress={status.progress} />}
      </div>
      {running ? (
        <Button onClick={cancelSync} disabled={status.activity === 'cancelling'} data-testid="sync-cancel">
          {status.activity === 'cancelling' ? t('Cancelling…') : t('Cancel')}
        </Button>
      ) : (
        <Button kind="main" onClick={startSync} data-testid="sync-resume">
          {t('Resume')}
        </Button>
      )}
    </section>
  );
}

function Stopped({ status }: { readonly status: SyncStatus }) {
  const now = useNow();
  const failure = failureWords(status);
  const nextTry = nextTryWords(status, now);
  return (
    <>
      <p className="wl-muted">
        {isOffline(status) && t('The server can’t be reached just now. ')}
        {t('What was fetched is stored and stays. {nextTry}', {
          nextTry: nextTry
            ? t('Wardlight fetches the rest by itself: {nextTry}.', { nextTry })
            : t('Resume to fetch the rest.'),
        })}
      </p>
      {failure && (
        <p className={css.firstFailure} role="alert">
          {failure.title}. {failure.act} <span className="wl-code">{status.error?.code}</span>
        </p>
      )}
    </>
  );
}
