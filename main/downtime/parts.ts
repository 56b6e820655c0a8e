import type { Block } from './blocks.ts';
import { emptyWords, knownWords } from './words.ts';

/** A section of the chart, of which all, a part or nothing may be here. */
export type Part = Parameters<typeof knownWords>[0] & { readonly items: readonly unknown[]; readonly total: number };

/** Title, how old and whole it is, and whether all of it is here. */
export function opening(title: string, part: Part): Block[] {
  const { text, isSafe } = knownWords(part);
  const more =
    part.total > part.items.length ? [`Only ${part.items.length} of ${part.total} entries are printed here.`] : [];
  return [
    { kind: 'title', text: title },
    { kind: 'line', text, tone: isSafe ? 'note' : 'alert' },
    ...more.map((line): Block => ({ kind: 'line', text: line, tone: 'alert' })),
  ];
}

/** What stands in the place of the entries where there are none. */
export const nothing = (part: Part): Block => ({ kind: 'line', text: emptyWords(part), tone: 'strong' });
