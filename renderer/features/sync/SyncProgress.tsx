import { Progress } from '@mantine/core';
import type { SyncStatus } from '../../../preload/contract/sync.ts';
import css from './sync.module.css';
import { progressWords } from './syncWords.ts';

interface Props {
  readonly progress: NonNullable<SyncStatus['progress']>;
  readonly compact?: boolean;
}

/** A bar that counts requests, with the numbers beside it. */
export function SyncProgress({ progress, compact = false }: Props) {
  const words = progressWords(progress);
  const percent = progress.total === 0 ? 0 : (100 * progress.done) / progress.total;
  return (
    <div className={compact ? css.progressCompact : css.progress} data-testid="sync-progress">
      <Progress.Root size="md" radius="sm" className={css.bar}>
        <Progress.Section value={percent} aria-label="Sync progress" aria-valuetext={words} />
      </Progress.Root>
      <span className={`${css.progressWords} wl-numbers`}>{words}</span>
    </div>
  );
}
