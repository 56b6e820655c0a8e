import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { useLease } from '../../app/LeaseBanner.tsx';
import { formatAsOf, formatWhen } from '../../parts/dates.ts';
import css from './changes.module.css';
import { SyncProgress } from './SyncProgress.tsx';
import { activityWords, clockWords, failureWords, isConnecting, isOffline } from './syncWords.ts';

interface Props {
  readonly status: SyncStatus;
  readonly now: Date;
}

/** One honest picture: where the sync stands, how old the data is, and what is planned. */
export function SyncSummary({ status, now }: Props) {
  const lease = useLease();
  const failure = failureWords(status);
  const clock = clockWords(status);
  return (
    <div className={css.summary}>
      <dl className={css.facts}>
        <Fact label="State">{activityWords(status)}</Fact>
        <Fact label="Last complete sync">{status.asOf === null ? 'none yet' : formatAsOf(status.asOf, now)}</Fact>
        <Fact label="Next sync">{nextWords(status, now)}</Fact>
        {lease && <Fact label="Opens without the server until">{formatWhen(lease.until, now)}</Fact>}
      </dl>
      {status.activity !== 'idle' && status.progress && !isConnecting(status) && (
        <SyncProgress progress={status.progress} />
      )}
      {status.activity === 'idle' && isOffline(status) && (
        <p>
          The server can’t be reached just now. What is stored on this workstation stays readable, you can go on
          writing, and what you write is sent when the server is back.
        </p>
      )}
      {failure && (
        <p className={css.failure}>
          <strong>{failure.title}.</strong> {failure.act} <span className="wl-code">{status.error?.code}</span>
        </p>
      )}
      {clock && (
        <p className={css.clock}>
          <strong>{clock}.</strong> The times that you write are those of this workstation’s clock, and it differs from
          the server’s. Ask IT to set it. Syncing does not depend on it.
        </p>
      )}
    </div>
  );
}

function nextWords(status: SyncStatus, now: Date): string {
  if (status.activity !== 'idle') return 'under way';
  const at = status.error ? status.error.retryAt : status.nextRunAt;
  if (at === null) return 'not planned';
  return new Date(at) > now ? `at ${formatWhen(at, now)}` : 'in a moment';
}

function Fact({ label, children }: { readonly label: string; readonly children: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="wl-numbers">{children}</dd>
    </div>
  );
}
