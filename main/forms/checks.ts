import type { FormFault, FormState } from '../../preload/contract/forms.ts';
import { fault, faultOf } from './answers.ts';
import type { Constraint, Definition } from './definition.ts';
import type { Evaluated } from './evaluate.ts';
import { truthOf } from './expressions.ts';
import type { Node } from './nodes.ts';
import { isUnknown } from './unknown.ts';

/** What is wrong with a line, and what the form warns of. */
export interface Checked {
  readonly fault: FormFault | null;
  readonly warning: string | null;
  /** What it demands and could not be checked, as something isn't known. */
  readonly unchecked: string | null;
}

const FINE: Checked = { fault: null, warning: null, unchecked: null };

/** Checks a line that is asked. */
export function checkLine(node: Node, evaluated: Evaluated): Checked {
  const { item } = node;
  if (item.cannot !== null) return item.limits.least > 0 ? { ...FINE, fault: fault('required') } : FINE;
  const wrong = faultOf(node, evaluated.answerOf(node)) ?? rowsFault(node, evaluated);
  if (wrong) return { ...FINE, fault: wrong };
  return broken(item.constraints, evaluated, node);
}

/**
 * Too few rows that say something, told at the first one that doesn't; or answers below a row without one of its own, which
 * FHIR has no place for beside rows with one (R4 questionnaireresponse.html, qrs-1).
 */
function rowsFault(node: Node, { nodes, answerOf, isEnabled }: Evaluated): FormFault | null {
  const { item, at, parent } = node;
  if (!item.rows && item.source.type !== 'group') return null;
  const least = item.limits.least;
  const has = (line: Node): boolean => isEnabled(line) && answerOf(line).values.length > 0;
  const says = (line: Node): boolean => isEnabled(line) && (has(line) || line.children.some(says));
  const rows = nodes.of(item).filter((row) => row.parent === parent);
  if (item.source.type !== 'group' && !has(node) && says(node) && rows.some(has)) return fault('required');
  const empty = rows.filter((row) => !says(row));
  const isFirst = empty[0] === node || (empty.length === 0 && at.at(-1) === rows.length - 1);
  if (rows.length - empty.length >= least || !isFirst) return null;
  return least === 1 ? fault('required') : fault('too-few', String(least));
}

function broken(constraints: readonly Constraint[], { evaluate }: Evaluated, node: Node | null): Checked {
  let [warning, unchecked]: (string | null)[] = [null, null];
  for (const { expression, severity, words } of constraints) {
    const given = evaluate(expression, node);
    if (isUnknown(given)) {
      unchecked ??= words;
      continue;
    }
    const truth = truthOf(given);
    if (truth === true) continue;
    // One that can't be worked out may be broken.
    if (severity === 'error' || truth === null) return { ...FINE, fault: fault('constraint', words) };
    warning ??= words;
  }
  return { fault: null, warning: warning ?? null, unchecked: unchecked ?? null };
}

/** What is wrong with the form as a whole, and what of it could not be checked. */
export function checkForm({ constraints }: Definition, evaluated: Evaluated): Pick<FormState, 'faults' | 'unchecked'> {
  const checked = constraints.map((one) => broken([one], evaluated, null));
  return {
    faults: checked.flatMap((one) => one.fault ?? []).slice(0, FAULTS_MAX),
    unchecked: checked.flatMap((one) => one.unchecked ?? []).slice(0, FAULTS_MAX),
  };
}

/** As many as are told at once. */
const FAULTS_MAX = 100;
