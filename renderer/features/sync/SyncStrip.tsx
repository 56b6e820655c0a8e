import { ActionIcon } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCloud,
  IconCloudCheck,
  IconCloudOff,
  IconListDetails,
  IconRefresh,
} from '@tabler/icons-react';
import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { Button } from '../../parts/Button.tsx';
import { isStale } from '../../parts/dates.ts';
import { useNow } from '../../parts/useNow.ts';
import { t } from '../../words/t.ts';
import { ChangeCounts } from './ChangeCounts.tsx';
import { SyncProgress } from './SyncProgress.tsx';
import css from './sync.module.css';
import {
  activityWords,
  asOfWords,
  failureWords,
  isConnecting,
  isOffline,
  nextTryWords,
  stripSentence,
} from './syncWords.ts';
import { cancelSync, startSync } from './useSync.ts';

interface Props {
  readonly status: SyncStatus | null;
  /** True where the first-sync panel shows the progress, so that it is not told twice. */
  readonly quiet: boolean;
  /** Opens the unsent changes. */
  readonly onOpen: () => void;
}

/** In the header: the state on one line, the age of the data on a second, and what can be done about it. */
export function SyncStrip({ status, quiet, onOpen }: Props) {
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
  return (
    <div
      className={css.strip}
      data-testid="sync-strip"
      data-activity={status.activity}
      data-online={status.online ?? 'unknown'}
      data-complete={status.complete}
      data-up-to-date={status.upToDate}
    >
      <StateIcon status={status} />
      <div className={css.words} title={running ? undefined : stripSentence(status, now)}>
        <StateLine status={status} />
        {running && status.progress && !quiet && !isConnecting(status) ? (
          <SyncProgress progress={status.progress} compact />
        ) : (
          <AgeLine status={status} now={now} />
        )}
      </div>
      <ChangeCounts status={status} onOpen={onOpen} />
      <ActionIcon
        onClick={onOpen}
        aria-label={t('Sync: unsent changes and conflicts')}
        title={t('Sync: unsent changes and conflicts (S)')}
        data-testid="sync-open"
      >
        <IconListDetails size={18} aria-hidden />
      </ActionIcon>
      {running && !quiet && (
        <Button onClick={cancelSync} disabled={status.activity === 'cancelling'} data-testid="sync-cancel">
          {t('Cancel')}
        </Button>
      )}
      {!running && (
        <Button icon={<IconRefresh size={14} aria-hidden />} onClick={startSync} data-testid="sync-now">
          {t('Sync now')}
        </Button>
      )}
    </div>
  );
}

function StateLine({ status }: { readonly status: SyncStatus }) {
  const failure = status.activity === 'idle' ? failureWords(status) : null;
  const words = activityWords(status);
  return (
    <p className={css.state} data-tone={tone(status)} role="status">
      {words}
      {failure && (
        <>
          {failure.title !== words && <span className={css.reason}> – {failure.title}</span>}
          <span className="wl-said">. {failure.act}</span>
        </>
      )}
    </p>
  );
}

function AgeLine({ status, now }: { readonly status: SyncStatus; readonly now: Date }) {
  const stale = status.asOf === null || isStale(status.asOf, now);
  const nextTry = nextTryWords(status, now);
  return (
    <p className={css.asOf}>
      <span data-tone={stale ? 'warn' : 'none'}>{asOfWords(status, now)}</span>
      {nextTry && ` · ${nextTry}`}
    </p>
  );
}

/** Good is only what is confirmed: that the server answers says nothing of what waits here. */
function tone(status: SyncStatus): 'none' | 'good' | 'warn' {
  if (status.activity !== 'idle' || isOffline(status)) return 'none';
  if (status.error) return 'warn';
  return status.upToDate ? 'good' : 'none';
}

function StateIcon({ status }: { readonly status: SyncStatus }) {
  const look = { size: 18, 'aria-hidden': true, className: css.icon, 'data-tone': tone(status) } as const;
  if (status.activity !== 'idle') return <IconRefresh {...look} className={`${css.icon} ${css.turning}`} />;
  if (isOffline(status)) return <IconCloudOff {...look} />;
  if (status.error) return <IconAlertTriangle {...look} />;
  return status.upToDate ? <IconCloudCheck {...look} /> : <IconCloud {...look} />;
}
