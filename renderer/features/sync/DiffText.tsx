import { useMemo } from 'react';
import { t } from '../../words/t.ts';
import css from './conflict.module.css';
import { differences, type Stretch } from './differences.ts';

interface Props {
  readonly before: string | null;
  readonly after: string;
}

/** Shorter texts are read faster than their marks. */
const MARKED_FROM = 30;

/** A text with what was added to and taken out of the one before, and not by colour alone. */
export function DiffText({ before, after }: Props) {
  const marked = before !== null && before !== after && worthMarks(before, after);
  const stretches = useMemo(() => (marked ? differences(before, after) : null), [marked, before, after]);
  if (!stretches)
    return (
      <>
        {marked && <p className={css.rewritten}>{t('Rewritten as a whole')}</p>}
        {after}
      </>
    );
  return (
    <>
      {stretches.map((stretch, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the stretches of a text have no other name, and never move
        <Marked key={index} stretch={stretch} />
      ))}
    </>
  );
}

function worthMarks(before: string, after: string): boolean {
  return Math.max(before.length, after.length) >= MARKED_FROM;
}

function Marked({ stretch: { kind, text } }: { readonly stretch: Stretch }) {
  if (kind === 'added')
    return (
      <ins className={css.added}>
        <span className="wl-said">{t('added:')} </span>
        {text}
      </ins>
    );
  if (kind === 'removed')
    return (
      <del className={css.removed}>
        <span className="wl-said">{t('taken out:')} </span>
        {text}
      </del>
    );
  return <span>{text}</span>;
}
