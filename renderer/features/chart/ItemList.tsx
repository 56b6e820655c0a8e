import { type MouseEvent, type ReactNode, useDeferredValue, useState } from 'react';
import css from './chart.module.css';

/** More lines than the tallest screen shows of one section. */
export const IN_SIGHT = 24;

interface Props<Item> {
  readonly items: readonly Item[];
  readonly render: (item: Item) => ReactNode;
}

/** The lines of a section: those that can be in sight are there at once, and all others when these are painted. */
export function ItemList<Item>({ items, render }: Props<Item>) {
  const count = useDeferredValue(items.length, Math.min(items.length, IN_SIGHT));
  return <ul className={css.items}>{items.slice(0, count).map(render)}</ul>;
}

interface FoldProps<Item> extends Props<Item> {
  /** What is folded away, and how much of it. */
  readonly words: string;
}

/** Lines that are made when somebody opens them, such as what doesn't hold any longer; nothing where there are none. */
export function FoldedAway<Item>({ words, items, render }: FoldProps<Item>) {
  const [open, setOpen] = useState(false);
  if (items.length === 0) return null;
  const toggle = (event: MouseEvent) => {
    // What opens and what is in it come together.
    event.preventDefault();
    setOpen(!open);
  };
  return (
    <details className={css.fold} open={open}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a summary is pressed, and keys press it too */}
      <summary onClick={toggle}>{words}</summary>
      {open && <ItemList items={items} render={render} />}
    </details>
  );
}
