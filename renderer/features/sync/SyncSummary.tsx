import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { useLease } from '../../app/LeaseBanner.tsx';
import { formatAsOf, formatWhen } from '../../parts/dates.ts';
import { t } from '../../words/t.ts';
import css from './changes.module.css';
import { SyncProgress } from './SyncProgress.tsx';
import { activityWords, clockWords, failureWords, isConnecting, isOffline, uncheckedWords } from './syncWords.ts';

interface Props {
  readonly status: SyncStatus;
  readonly now: Date;
}

/** One honest picture: where the sync stands, how old the data is, and what is planned. */
export function SyncSummary({ status, now }: Props) {
  const lease = useLease();
  const failure = failureWords(status);
  const clock = clockWords(status);
  const unchecked = uncheckedWords(status);
  return (
    <div className={css.summary}>
      <dl className={css.facts}>
        <Fact label={t('State')}>{activityWords(status)}</Fact>
        <Fact label={t('Last complete sync')}>
          {status.asOf === null ? t('none yet') : formatAsOf(status.asOf, now)}
        </Fact>
        <Fact label={t('Next sync')}>{nextWords(status, now)}</Fact>
        {lease && <Fact label={t('Opens without the server until')}>{formatWhen(lease.until, now)}</Fact>}
      </dl>
      {status.activity !== 'idle' && status.progress && !isConnecting(status) && (
        <SyncProgress progress={status.progress} />
      )}
      {status.activity === 'idle' && isOffline(status) && (
        <p>
          {t(
            'The server can’t be reached just now. What is stored on this workstation stays readable, you can go on writing, and what you write is sent when the server is back.',
          )}
        </p>
      )}
      {failure && (
        <p className={css.failure}>
          <strong>{failure.title}.</strong> {failure.act} <span className="wl-code">{status.error?.code}</span>
        </p>
      )}
      {unchecked && (
        <p className={css.failure} data-testid="sync-unchecked">
          {unchecked}
        </p>
      )}
      {clock && (
        <p className={css.clock}>
          <strong>{clock}.</strong>{' '}
          {t(
            'The times that you write are those of this workstation’s clock, and it differs from the server’s. Ask IT to set it. Syncing does not depend on it.',
          )}
        </p>
      )}
    </div>
  );
}

function nextWords(status: SyncStatus, now: Date): string {
  if (status.activity !== 'idle') return t('under way');
  const at = status.error ? status.error.retryAt : status.nextRunAt;
  if (at === null) return t('not planned');
  return new Date(at) > now ? t('at {when}', { when: formatWhen(at, now) }) : t('in a moment');
}

function Fact({ label, children }: { readonly label: string; readonly children: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="wl-numbers">{children}</dd>
    </div>
  );
}
