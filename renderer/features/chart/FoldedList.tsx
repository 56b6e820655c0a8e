import { type ReactNode, useState } from 'react';
import { PlainButton } from '../../parts/Button.tsx';
import { t } from '../../words/t.ts';
import css from './chart.module.css';

interface Props<Item> {
  readonly items: readonly Item[];
  /** How many are shown before the rest is asked for. */
  readonly short: number;
  readonly render: (item: Item) => ReactNode;
}

/** A list that begins short. */
export function FoldedList<Item>({ items, short, render }: Props<Item>) {
  const [all, setAll] = useState(false);
  return (
    <>
      <ul className={css.items}>{(all ? items : items.slice(0, short)).map(render)}</ul>
      {items.length > short && (
        <PlainButton className={css.more} onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? t('Show fewer') : t('Show all {count}', { count: items.length })}
        </PlainButton>
      )}
    </>
  );
}
