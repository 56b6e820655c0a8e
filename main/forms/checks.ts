import type { FormFault } from '../../preload/contract/forms.ts';
import { fault, faultOf } from './answers.ts';
import type { Constraint, Definition } from './definition.ts';
import type { Evaluated } from './evaluate.ts';
import { truthOf } from './expressions.ts';
import type { Node } from './nodes.ts';

/** What is wrong with a line, and what the form warns of. */
export interface Checked {
  readonly fault: FormFault | null;
  readonly warning: string | null;
}

/** Checks a line that is asked. */
export function checkLine(node: Node, evaluated: Evaluated): Checked {
  const { item } = node;
  if (item.cannot !== null) return { fault: item.limits.least > 0 ? fault('required') : null, warning: null };
  const wrong = faultOf(node, evaluated.answerOf(node)) ?? rowsFault(node, evaluated);
  if (wrong) return { fault: wrong, warning: null };
  return broken(item.constraints, evaluated, node);
}

/** Too few rows that say something: told at the first one that doesn't. */
function rowsFault(node: Node, { nodes, answerOf }: Evaluated): FormFault | null {
  const { item, at, parent } = node;
  const least = item.limits.least;
  if (least === 0 || (!item.rows && item.source.type !== 'group')) return null;
  const says = (line: Node): boolean => answerOf(line).values.length > 0 || line.children.some(says);
  const rows = nodes.of(item).filter((row) => row.parent === parent);
  const empty = rows.filter((row) => !says(row));
  const isFirst = empty[0] === node || (empty.length === 0 && at.at(-1) === rows.length - 1);
  if (rows.length - empty.length >= least || !isFirst) return null;
  return least === 1 ? fault('required') : fault('too-few', String(least));
}

function broken(constraints: readonly Constraint[], { evaluate }: Evaluated, node: Node | null): Checked {
  let warning: string | null = null;
  for (const { expression, severity, words } of constraints) {
    const truth = truthOf(evaluate(expression, node));
    if (truth === true) continue;
    // One that can't be worked out may be broken.
    if (severity === 'error' || truth === null) return { fault: fault('constraint', words), warning: null };
    warning ??= words;
  }
  return { fault: null, warning };
}

/** What is wrong with the form as a whole. */
export function checkForm({ constraints }: Definition, evaluated: Evaluated): FormFault[] {
  return constraints.flatMap((one) => broken([one], evaluated, null).fault ?? []);
}
