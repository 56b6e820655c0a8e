import { FormError } from './failure.ts';

/** Of an item, what its being asked depends on. */
interface Item {
  readonly source: { readonly linkId: string };
  readonly parent: Item | null;
  readonly conditions: readonly { readonly question: string }[];
}

/**
 * Refuses conditions about questions that aren't there, and questions whose being asked depends on itself: whether an item
 * is asked follows from what is above it and from its conditions' questions.
 */
export function checkConditions(items: readonly Item[]): void {
  const byId = new Map(items.map((item) => [item.source.linkId, item]));
  const above = new Map<Item, readonly Item[]>();
  for (const item of items) {
    const questions = item.conditions.map(({ question }) => {
      const found = byId.get(question);
      if (!found) throw new FormError('form-malformed');
      return found;
    });
    above.set(item, item.parent ? [...questions, item.parent] : questions);
  }
  const done = new Set<Item>();
  for (const item of items) visit(item, above, done);
}

/** Without recursion, as a chain may be as long as a form. */
function visit(start: Item, above: ReadonlyMap<Item, readonly Item[]>, done: Set<Item>): void {
  const path = new Set<Item>();
  const open: { item: Item; left: Item[] }[] = [];
  const enter = (item: Item) => {
    if (path.has(item)) throw new FormError('form-cycle');
    if (done.has(item)) return;
    path.add(item);
    open.push({ item, left: [...(above.get(item) ?? [])] });
  };
  enter(start);
  for (let last = open.at(-1); last; last = open.at(-1)) {
    const next = last.left.pop();
    if (next) {
      enter(next);
      continue;
    }
    path.delete(last.item);
    done.add(last.item);
    open.pop();
  }
}
