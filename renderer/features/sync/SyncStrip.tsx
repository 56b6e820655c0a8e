import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCloud, IconCloudOff, IconRefresh } from '@tabler/icons-react';
import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { isStale } from '../../parts/dates.ts';
import { useNow } from '../../parts/useNow.ts';
import { SyncProgress } from './SyncProgress.tsx';
import css from './sync.module.css';
import { activityWords, asOfWords, failureWords } from './syncWords.ts';
import { cancelSync, startSync } from './useSync.ts';

interface Props {
  readonly status: SyncStatus | null;
  /** True where the first-sync panel shows the progress, so that it is not told twice. */
  readonly quiet: boolean;
}

/** One line in the header: connection, activity, age of the data, and what can be done about it. */
export function SyncStrip({ status, quiet }: Props) {
  const now = useNow();
  if (!status)
    return (
      <div
        className={css.strip}
        data-testid="sync-strip"
        data-activity="idle"
        data-online="unknown"
        data-complete="false"
      />
    );
  const running = status.activity !== 'idle';
  const stale = status.asOf === null || isStale(status.asOf, now);
  // Being offline is no failure: the state says it already.
  const failure = running || quiet || status.error?.code === 'offline' ? null : failureWords(status);
  return (
    <div
      className={css.strip}
      data-testid="sync-strip"
      data-activity={status.activity}
      data-online={status.online ?? 'unknown'}
      data-complete={status.complete}
    >
      <span className={css.state} data-tone={tone(status)} role="status">
        <StateIcon status={status} />
        {activityWords(status)}
      </span>
      {failure && (
        <span className={css.failure} title={`${failure.title}. ${failure.act}`}>
          {failure.title}
          <span className="wl-said">. {failure.act}</span> <span className="wl-code">{status.error?.code}</span>
        </span>
      )}
      {running && status.progress && !quiet ? (
        <SyncProgress progress={status.progress} compact />
      ) : (
        <span className={css.asOf} data-tone={stale ? 'warn' : 'none'}>
          {asOfWords(status, now)}
        </span>
      )}
      {running && !quiet && (
        <Button
          variant="default"
          onClick={cancelSync}
          disabled={status.activity === 'cancelling'}
          data-testid="sync-cancel"
        >
          Cancel
        </Button>
      )}
      {!running && (
        <Button
          variant="default"
          leftSection={<IconRefresh size={14} aria-hidden />}
          onClick={startSync}
          data-testid="sync-now"
        >
          Sync now
        </Button>
      )}
    </div>
  );
}

function tone(status: SyncStatus): 'none' | 'good' | 'warn' {
  if (status.activity !== 'idle') return 'none';
  if (status.error || status.online === false) return 'warn';
  return status.online ? 'good' : 'none';
}

function StateIcon({ status }: { readonly status: SyncStatus }) {
  if (status.activity !== 'idle') return <IconRefresh size={16} aria-hidden className={css.turning} />;
  if (status.error && status.error.code !== 'offline') return <IconAlertTriangle size={16} aria-hidden />;
  return status.online === false ? <IconCloudOff size={16} aria-hidden /> : <IconCloud size={16} aria-hidden />;
}
