import type { Block } from './blocks.ts';
import type { Words } from './words.ts';

/** A section of the chart, of which all, a part or nothing may be here. */
export type Part = Parameters<Words['known']>[0] & { readonly items: readonly unknown[]; readonly total: number };

/** Title, how old and whole it is, and whether all of it is here. */
export function opening({ t, known }: Words, title: string, part: Part): Block[] {
  const { text, isSafe } = known(part);
  const [shown, total] = [part.items.length, part.total];
  const more = total > shown ? [t('Only {shown} of {total} entries are printed here.', { shown, total })] : [];
  return [
    { kind: 'title', text: title },
    { kind: 'line', text, tone: isSafe ? 'note' : 'alert' },
    ...more.map((line): Block => ({ kind: 'line', text: line, tone: 'alert' })),
  ];
}

/** What stands in the place of the entries where there are none. */
export const nothing = ({ empty }: Words, part: Part): Block => ({ kind: 'line', text: empty(part), tone: 'strong' });
