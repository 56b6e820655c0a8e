import type { Flag } from '../../preload/contract/chart.ts';
import { FLAG_WORDS } from './flags.ts';
import css from './parts.module.css';

/** The flag of a value: letters for the eye, words for a screen reader. Normal and unflagged values carry none. */
export function FlagBadge({ flag }: { readonly flag: Flag | null }) {
  if (flag === null) return null;
  const { mark, words, tone } = FLAG_WORDS[flag];
  if (mark === '') return <span className="wl-said">{words}</span>;
  return (
    <span className={css.flag} data-tone={tone} title={words}>
      <span aria-hidden>{mark}</span>
      <span className="wl-said">{words}</span>
    </span>
  );
}
