import { type ReactNode, useState } from 'react';
import { PlainButton } from '../../parts/Button.tsx';
import { unfoldWords } from '../../parts/sectionWords.ts';
import { t } from '../../words/t.ts';
import css from './chart.module.css';

interface Props<Item> {
  readonly items: readonly Item[];
  /** How many there are, where not all of them are here. */
  readonly total?: number;
  /** How many are shown before the rest is asked for. */
  readonly short: number;
  readonly render: (item: Item) => ReactNode;
}

/** A list that begins short. */
export function FoldedList<Item>({ items, total = items.length, short, render }: Props<Item>) {
  const [all, setAll] = useState(false);
  return (
    <>
      <ul className={css.items}>{(all ? items : items.slice(0, short)).map(render)}</ul>
      {items.length > short && (
        <PlainButton className={css.more} onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? t('Show fewer') : unfoldWords(items.length, total)}
        </PlainButton>
      )}
    </>
  );
}
