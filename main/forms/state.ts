import { createHash } from 'node:crypto';
import { LosslessNumber, stringify } from 'lossless-json';
import type { FormItem, FormLine, FormState } from '../../preload/contract/forms.ts';
import { checkForm, checkLine } from './checks.ts';
import type { Definition, Item } from './definition.ts';
import type { Evaluated } from './evaluate.ts';
import { ROWS_MAX } from './limits.ts';
import { type Node, rowsKey } from './nodes.ts';
import { responseItems } from './response.ts';
import { extensionValue } from './source.ts';
import { wordsOf } from './values.ts';

/** The items of a form as the page has them. */
export function shownItem(item: Item): FormItem {
  const { source, depth, options, units, limits, cannot } = item;
  const { type } = source;
  const hint = extensionValue(source, 'entryFormat');
  return {
    linkId: source.linkId,
    kind: type === 'open-choice' || options.length > 0 ? 'choice' : type === 'attachment' ? 'display' : type,
    text: item.text,
    depth,
    required: limits.least > 0,
    locked: item.calculated ? 'calculated' : source.readOnly ? 'given' : null,
    cannot,
    options: options.map(({ key, value }) => ({ key, words: wordsOf(value) })),
    several: source.repeats && !item.rows,
    other: type === 'open-choice',
    units: units.map(({ words }) => words),
    longest: limits.longest,
    hint: typeof hint === 'string' ? hint.slice(0, 200) : null,
  };
}

/** What is asked as things stand, what was worked out, and what is wrong. */
export function stateOf(definition: Definition, evaluated: Evaluated): FormState {
  const lines: FormLine[] = [];
  const draw = (nodes: readonly Node[]) => {
    nodes.forEach((node, index) => {
      if (!evaluated.isEnabled(node)) return;
      const line = lineOf(node, evaluated);
      if (!node.item.hidden || line.fault) lines.push(line);
      draw(node.children);
      if (nodes[index + 1]?.item !== node.item && node.item.rows) lines.push(rowsLine(node));
    });
  };
  draw(evaluated.nodes.roots);
  return { lines, ...checkForm(definition, evaluated), digest: digestOf(recorded(evaluated)) };
}

function lineOf(node: Node, evaluated: Evaluated): Extract<FormLine, { kind: 'item' }> {
  const { item, key, at } = node;
  const isOpen = evaluated.isOpen(node);
  const isWorkedOut = item.calculated !== null && !isOpen;
  const words = evaluated.answerOf(node).values.map(wordsOf).join(', ');
  return {
    kind: 'item',
    key,
    item: item.index,
    row: item.rows ? (at.at(-1) ?? 0) + 1 : null,
    value: isWorkedOut ? words : null,
    unknown: evaluated.unknownOf(node),
    open: isOpen,
    doubtful: evaluated.isDoubtful(node),
    ...checkLine(node, evaluated),
  };
}

/** After the last row of an item. */
function rowsLine({ item, at }: Node): FormLine {
  const count = (at.at(-1) ?? 0) + 1;
  const most = Math.min(item.limits.most ?? ROWS_MAX, ROWS_MAX);
  return {
    kind: 'rows',
    key: rowsKey(at.slice(0, -1), item),
    item: item.index,
    count,
    more: count < most && item.cannot === null,
    less: count > Math.max(1, item.limits.least),
  };
}

/** The answers as they are recorded: JSON of the items, with numbers as they were typed. */
export function recorded({ nodes, isEnabled, answerOf }: Evaluated): string {
  const number = (digits: string) => new LosslessNumber(digits);
  return (
    stringify(responseItems(nodes.roots, { isEnabled, valuesOf: (node) => answerOf(node).values, number })) ?? '[]'
  );
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Whether nothing is wrong, so that it can be recorded. */
export function isComplete({ lines, faults }: FormState): boolean {
  return faults.length === 0 && lines.every((line) => line.kind === 'rows' || line.fault === null);
}
