import type { Condition, Item } from './definition.ts';
import { type Node, type Nodes, related } from './nodes.ts';
import { compare, isSame, type Value } from './values.ts';

/**
 * Which lines are asked as things stand (R4 questionnaire-definitions.html#Questionnaire.item.enableWhen). What isn't asked
 * has no answer, for others neither. `byExpression`: lines whose expression says that they are asked.
 */
export function enabledLines(
  nodes: Nodes,
  itemOf: (linkId: string) => Item | undefined,
  valuesOf: (node: Node) => readonly Value[],
  byExpression: ReadonlySet<string>,
): (node: Node) => boolean {
  const known = new Map<Node, boolean>();

  // As deep as conditions hang on one another, which checkConditions (cycles.ts) has found to end.
  function isEnabled(node: Node): boolean {
    const decided = known.get(node);
    if (decided !== undefined) return decided;
    const { item, parent } = node;
    const enabled =
      (parent === null || isEnabled(parent)) &&
      (item.enabledBy === null || byExpression.has(node.key)) &&
      meets(item, (condition) => holds(condition, node));
    known.set(node, enabled);
    return enabled;
  }

  function holds({ question, ...condition }: Condition, node: Node): boolean {
    const item = itemOf(question);
    const lines = item ? related(node, nodes.of(item)).filter(isEnabled) : [];
    return isMet(condition, lines.flatMap(valuesOf));
  }

  return isEnabled;
}

function meets({ conditions, source }: Item, holds: (condition: Condition) => boolean): boolean {
  if (conditions.length === 0) return true;
  return source.enableBehavior === 'all' ? conditions.every(holds) : conditions.some(holds);
}

/** Whether any of the answers to a question meets a condition. */
export function isMet({ operator, answer }: Omit<Condition, 'question'>, values: readonly Value[]): boolean {
  if (operator === 'exists') return values.length > 0 === (answer.value === true);
  return values.some((value) => {
    if (operator === '=') return isSame(value, answer);
    if (operator === '!=') return !isSame(value, answer);
    const difference = compare(value, answer);
    if (difference === null) return false;
    if (operator === '>') return difference > 0;
    if (operator === '<') return difference < 0;
    return operator === '>=' ? difference >= 0 : difference <= 0;
  });
}
