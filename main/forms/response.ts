import type { Node } from './nodes.ts';
import { jsonOf, type Value } from './values.ts';

/** An item of a QuestionnaireResponse. */
export interface ResponseItem {
  readonly linkId: string;
  readonly text?: string;
  readonly answer?: readonly Record<string, unknown>[];
  readonly item?: readonly ResponseItem[];
}

export interface Answered {
  readonly isEnabled: (node: Node) => boolean;
  readonly valuesOf: (node: Node) => readonly Value[];
  readonly number: (digits: string) => unknown;
  /** Makes a question that has no answer, as it isn't known, tell when that is looked at. Nothing such is recorded. */
  readonly haunt?: (node: Node, item: ResponseItem) => ResponseItem;
}

/**
 * The items of a QuestionnaireResponse (R4 questionnaireresponse.html): rows of a group are an item each, rows of a question
 * answers of one item. What is not asked or has no answer is not there.
 */
export function responseItems(nodes: readonly Node[], answered: Answered): ResponseItem[] {
  const items: ResponseItem[] = [];
  for (let at = 0; at < nodes.length; ) {
    const node = nodes[at] as Node;
    const isQuestion = node.item.source.type !== 'group';
    let end = at + 1;
    while (isQuestion && nodes[end]?.item === node.item) end += 1;
    const item = responseItem(nodes.slice(at, end), answered);
    if (item) items.push(item);
    at = end;
  }
  return items;
}

/** Of one line, or of all rows of a question. */
function responseItem(rows: readonly Node[], answered: Answered): ResponseItem | null {
  const asked = rows.filter(answered.isEnabled);
  const [first] = asked;
  if (!first || first.item.source.type === 'display') return null;
  const base = baseItem(first);
  if (first.item.source.type === 'group') {
    const item = responseItems(first.children, answered);
    return item.length > 0 ? { ...base, item } : null;
  }
  const answer = asked.flatMap((row) => answersIn(row, answered));
  if (answer.length > 0) return { ...base, answer };
  // Questions below one that has no answer are asked all the same.
  const item = asked.flatMap((row) => responseItems(row.children, answered));
  const bare = item.length > 0 ? { ...base, item } : base;
  const haunted = answered.haunt?.(first, bare) ?? bare;
  return haunted !== bare || item.length > 0 ? haunted : null;
}

function answersIn(row: Node, answered: Answered): Record<string, unknown>[] {
  const item = responseItems(row.children, answered);
  return answered.valuesOf(row).map((value, index) => ({
    ...jsonOf(value, answered.number),
    ...(index === 0 && item.length > 0 && { item }),
  }));
}

function baseItem({ item }: Node): ResponseItem {
  const { linkId, text } = item.source;
  return { linkId, ...(text.trim() !== '' && { text: text.trim() }) };
}
