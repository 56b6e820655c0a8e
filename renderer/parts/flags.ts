import type { Flag } from '../../preload/contract/chart.ts';
import { t } from '../words/t.ts';

interface FlagWords {
  /** What is drawn. */
  readonly mark: string;
  /** What a screen reader says. */
  readonly words: string;
  readonly tone: 'none' | 'warn' | 'danger';
}

/** A flag is told by its letters and words; colour only repeats it. */
export const FLAG_WORDS: Readonly<Record<Flag, FlagWords>> = {
  normal: { mark: '', words: t('normal'), tone: 'none' },
  low: { mark: 'L', words: t('low'), tone: 'warn' },
  high: { mark: 'H', words: t('high'), tone: 'warn' },
  'critical-low': { mark: 'LL!', words: t('critically low'), tone: 'danger' },
  'critical-high': { mark: 'HH!', words: t('critically high'), tone: 'danger' },
  abnormal: { mark: 'A', words: t('abnormal'), tone: 'warn' },
};
