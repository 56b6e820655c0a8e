import type { FormAnswers } from '../../preload/contract/forms.ts';
import type { Item } from './definition.ts';
import { FormError } from './failure.ts';
import { NODES_MAX, ROWS_MAX } from './limits.ts';

/** A line of a form: an item, or one row of it. */
export interface Node {
  readonly item: Item;
  readonly key: string;
  /** Which row of each item above it, and of itself, of which there are rows. */
  readonly at: readonly number[];
  readonly parent: Node | null;
  readonly children: readonly Node[];
}

/** All lines of a form, in their order, with the rows that were asked for. */
export interface Nodes {
  readonly all: readonly Node[];
  readonly roots: readonly Node[];
  readonly of: (item: Item) => readonly Node[];
}

/** What a line is called: its rows, and the item. */
export function keyOf(at: readonly number[], { source: { linkId } }: Item): string {
  return `${at.join('.')}|${linkId}`;
}

/** What the rows of an item are called, in a row of what is above it. */
export function rowsKey(at: readonly number[], item: Item): string {
  return `rows:${keyOf(at, item)}`;
}

/** How many rows of an item there are. */
export function rowCount(answers: FormAnswers, at: readonly number[], { limits, ...item }: Item): number {
  const asked = Number(answers[rowsKey(at, { limits, ...item })] ?? 1);
  const most = Math.min(limits.most ?? ROWS_MAX, ROWS_MAX);
  const least = Math.max(1, Math.min(limits.least, most));
  return Number.isInteger(asked) ? Math.min(Math.max(asked, least), most) : least;
}

export function nodesOf(items: readonly Item[], answers: FormAnswers): Nodes {
  const all: Node[] = [];
  const byItem = new Map<Item, Node[]>();

  function one(item: Item, at: readonly number[], parent: Node | null): Node {
    const children: Node[] = [];
    const node = { item, key: keyOf(at, item), at, parent, children };
    all.push(node);
    if (all.length > NODES_MAX) throw new FormError('form-too-large');
    byItem.set(item, [...(byItem.get(item) ?? []), node]);
    for (const child of item.children) children.push(...rowsOf(child, at, node));
    return node;
  }

  function rowsOf(item: Item, at: readonly number[], parent: Node | null): Node[] {
    if (!item.rows) return [one(item, at, parent)];
    return Array.from({ length: rowCount(answers, at, item) }, (_, row) => one(item, [...at, row], parent));
  }

  const roots = items.filter(({ parent }) => parent === null).flatMap((item) => rowsOf(item, [], null));
  return { all, roots, of: (item) => byItem.get(item) ?? [] };
}

/** Lines of a question that a line's condition is about: those in the same rows, as far as both are in any. */
export function related({ item, at }: Node, questions: readonly Node[]): readonly Node[] {
  const [first] = questions;
  if (!first) return [];
  let shared = 0;
  while (shared < item.rowed.length && item.rowed[shared] === first.item.rowed[shared]) shared += 1;
  return questions.filter((question) => question.at.slice(0, shared).every((row, level) => row === at[level]));
}
