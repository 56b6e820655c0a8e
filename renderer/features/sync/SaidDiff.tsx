import type { SaidItems } from '../../../preload/contract/said.ts';
import { itemWords, saidWords } from '../../parts/said.ts';
import { t } from '../../words/t.ts';
import css from './conflict.module.css';
import { DiffText } from './DiffText.tsx';

interface Props {
  readonly type: string;
  readonly before: SaidItems | null;
  readonly after: SaidItems;
}

/** What an element says now, with what came and went since before: of a list item by item, else word by word. */
export function SaidDiff({ type, before, after }: Props) {
  const isList = after.length > 1 || (before !== null && before.length > 1);
  if (!isList) return <DiffText before={before && saidWords(type, before)} after={saidWords(type, after)} />;
  const was = (before ?? []).map((item) => itemWords(type, item));
  const is = after.map((item) => itemWords(type, item));
  return (
    <ul className={css.list}>
      {lines(was, is).map(({ kind, text }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two may be the same, and none ever moves
        <li key={index} data-kind={kind}>
          <ListItem kind={kind} text={text} />
        </li>
      ))}
    </ul>
  );
}

interface Line {
  readonly kind: 'kept' | 'added' | 'removed';
  readonly text: string;
}

/** The items as they are, then those that are gone. */
function lines(was: readonly string[], is: readonly string[]): Line[] {
  return [
    ...is.map((text): Line => ({ kind: was.includes(text) ? 'kept' : 'added', text })),
    ...was.filter((text) => !is.includes(text)).map((text): Line => ({ kind: 'removed', text })),
  ];
}

function ListItem({ kind, text }: Line) {
  if (kind === 'kept') return text;
  const Mark = kind === 'added' ? 'ins' : 'del';
  return (
    <Mark className={kind === 'added' ? css.added : css.removed}>
      <span className="wl-said">{kind === 'added' ? t('added:') : t('taken out:')} </span>
      {text}
    </Mark>
  );
}
