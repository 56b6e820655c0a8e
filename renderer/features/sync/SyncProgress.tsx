import { Progress } from '@mantine/core';
import type { SyncStatus } from '../../../preload/contract/sync.ts';
import { t } from '../../words/t.ts';
import css from './sync.module.css';
import { LABEL_WORDS, PHASE_WORDS, progressPercent, progressWords } from './syncWords.ts';

interface Props {
  readonly progress: NonNullable<SyncStatus['progress']>;
  readonly compact?: boolean;
}

/** A bar with what is fetched, the share that is done, and the numbers. Before the plan is made there is no share. */
export function SyncProgress({ progress, compact = false }: Props) {
  const words = progressWords(progress);
  const percent = progressPercent(progress);
  const share = percent === null ? t('planning…') : `${percent} %`;
  const phase = PHASE_WORDS[progress.phase];
  const label = LABEL_WORDS.get(progress.label) ?? progress.label;
  return (
    <div
      className={compact ? css.progressCompact : css.progress}
      data-testid="sync-progress"
      data-phase={progress.phase}
      title={compact ? `${phase}: ${label} · ${words}` : undefined}
    >
      {!compact && (
        <span className={css.progressLabel}>
          <span>
            {phase}: {label}
          </span>
          <strong className="wl-numbers">{share}</strong>
        </span>
      )}
      <Progress.Root size={compact ? 6 : 8} radius="sm" className={css.bar}>
        <Progress.Section value={percent ?? 0} aria-label={t('Sync progress')} aria-valuetext={`${share}, ${words}`} />
      </Progress.Root>
      <span className={`${css.progressWords} wl-numbers`}>{compact ? `${share} · ${phase}` : words}</span>
    </div>
  );
}
