import type { FoundSnippet } from '../../../preload/contract/find.ts';

/** A piece of a record's text, with what was looked for marked. */
export function Snippet({ snippet: { text, marks } }: { readonly snippet: FoundSnippet }) {
  const ends = [0, ...marks.map(([, to]) => to)];
  return (
    <>
      {marks.map(([from, to], at) => (
        <span key={from}>
          {text.slice(ends[at], from)}
          <mark>{text.slice(from, to)}</mark>
        </span>
      ))}
      {text.slice(ends.at(-1))}
    </>
  );
}
