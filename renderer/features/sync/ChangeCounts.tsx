import { IconAlertTriangle, IconArrowsSplit, IconClockExclamation, IconCloudUp, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { t } from '../../words/t.ts';
import css from './sync.module.css';
import { clockWords } from './syncWords.ts';

interface Props {
  readonly status: SyncStatus;
  readonly onOpen: () => void;
}

/** What a person should know of or do something about, each as a button that leads to it. */
export function ChangeCounts({ status, onOpen }: Props) {
  const { waiting, conflicts, parked, duplicates } = status.changes;
  const clock = clockWords(status);
  return (
    <>
      {clock && (
        <Count
          tone="warn"
          testId="sync-clock"
          title={t('{clock}; show what it means (S)', { clock })}
          onOpen={onOpen}
          icon={<IconClockExclamation size={14} aria-hidden />}
        >
          {t('Clock off')}
          <span className="wl-said">: {clock}</span>
        </Count>
      )}
      {conflicts > 0 && (
        <Count tone="warn" testId="sync-conflicts" onOpen={onOpen} icon={<IconArrowsSplit size={14} aria-hidden />}>
          {t('{conflicts, plural, one {# conflict} other {# conflicts}}', { conflicts })}
        </Count>
      )}
      {duplicates > 0 && (
        <Count tone="warn" testId="sync-duplicates" onOpen={onOpen} icon={<IconCopy size={14} aria-hidden />}>
          {t('{duplicates} perhaps twice', { duplicates })}
        </Count>
      )}
      {parked > 0 && (
        <Count tone="danger" testId="sync-parked" onOpen={onOpen} icon={<IconAlertTriangle size={14} aria-hidden />}>
          {t('{parked} rejected', { parked })}
        </Count>
      )}
      {waiting > 0 && (
        <Count tone="none" testId="sync-waiting" onOpen={onOpen} icon={<IconCloudUp size={14} aria-hidden />}>
          {t('{waiting} waiting', { waiting })}
        </Count>
      )}
    </>
  );
}

interface CountProps {
  readonly tone: 'none' | 'warn' | 'danger';
  readonly testId: string;
  readonly icon: ReactNode;
  readonly title?: string;
  readonly onOpen: () => void;
  readonly children: ReactNode;
}

function Count({
  tone,
  testId,
  icon,
  title = t('Show unsent changes and conflicts (S)'),
  onOpen,
  children,
}: CountProps) {
  return (
    <button type="button" className={css.count} data-tone={tone} data-testid={testId} title={title} onClick={onOpen}>
      {icon}
      <span>{children}</span>
    </button>
  );
}
