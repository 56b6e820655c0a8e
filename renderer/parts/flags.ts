import type { Flag } from '../../preload/contract/chart.ts';

interface FlagWords {
  /** What is drawn. */
  readonly mark: string;
  /** What a screen reader says. */
  readonly words: string;
  readonly tone: 'none' | 'warn' | 'danger';
}

/** A flag is told by its letters and words; colour only repeats it. */
export const FLAG_WORDS: Readonly<Record<Flag, FlagWords>> = {
  normal: { mark: '', words: 'normal', tone: 'none' },
  low: { mark: 'L', words: 'low', tone: 'warn' },
  high: { mark: 'H', words: 'high', tone: 'warn' },
  'critical-low': { mark: 'LL!', words: 'critically low', tone: 'danger' },
  'critical-high': { mark: 'HH!', words: 'critically high', tone: 'danger' },
  abnormal: { mark: 'A', words: 'abnormal', tone: 'warn' },
};
