import { IconClockExclamation } from '@tabler/icons-react';
import type { SectionState } from '../../preload/contract/chart.ts';
import { t } from '../words/t.ts';
import { formatAsOf, formatWhen, isStale } from './dates.ts';
import css from './parts.module.css';
import { EMPTY_WORDS, UNKNOWN } from './sectionWords.ts';

interface Props {
  readonly state: SectionState;
  readonly asOf: string | null;
  readonly now: Date;
  /** Leaves out how long ago it was, where room is short. */
  readonly brief?: boolean;
  /** What the server has deleted is not noticed. */
  readonly deletionsUnknown?: boolean;
}

/** How old data is and whether it is whole (design rule 8). More than a day old is marked by a sign and by words. */
export function DataAge({ state, asOf, now, brief = false, deletionsUnknown = false }: Props) {
  // Beside a head; why stands below it.
  if (state === 'not-kept') return <span className={css.age}>{t('Not kept here')}</span>;
  if (UNKNOWN.has(state)) return <span className={css.age}>{EMPTY_WORDS[state]}</span>;
  const isDoubtful = state === 'partial' || asOf === null || deletionsUnknown;
  const stale = asOf !== null && isStale(asOf, now);
  return (
    <span className={css.age} data-tone={stale || isDoubtful ? 'warn' : 'none'}>
      {stale && <IconClockExclamation size={14} aria-hidden />}
      {state === 'partial' && <strong>{t('Partial ·')} </strong>}
      {asOf === null
        ? t('age not known')
        : t('as of {brief}', { brief: brief ? formatWhen(asOf, now) : formatAsOf(asOf, now) })}
      {stale && <span className="wl-said">{t(', more than 24 hours old')}</span>}
      {deletionsUnknown && (brief ? t(' · deletions not noticed') : t(' · deletions on the server can’t be noticed'))}
    </span>
  );
}
