import { Fragment, type ReactNode } from 'react';
import { t } from './t.ts';

/** In the place of each part of the page, while the words around it are put together: of Unicode's private use. */
const MARK = '\u{e000}';

/** As `t`, with parts of the page in the places that the words name: `rich('Read by {who}', { who: <b>Dr. Ruiz</b> })`. */
export function rich(words: string, parts: Readonly<Record<string, ReactNode>>): ReactNode {
  const names = Object.keys(parts);
  const marked = Object.fromEntries(names.map((name, index) => [name, `${MARK}${index}${MARK}`]));
  return t(words, marked)
    .split(MARK)
    .map((piece, index) => {
      // Every second piece is the number of a part.
      const part = index % 2 === 1 ? parts[names[Number(piece)] ?? ''] : piece;
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one sentence keep their order
      return <Fragment key={index}>{part}</Fragment>;
    });
}
