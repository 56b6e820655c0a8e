import type { Condition, Item } from './definition.ts';
import { type Node, type Nodes, related } from './nodes.ts';
import { compare, isSame, type Value } from './values.ts';

/** Which lines are asked as things stand. */
export interface Enabling {
  readonly isEnabled: (node: Node) => boolean;
  /** Whether it is asked follows from what isn't known: it is asked. */
  readonly isDoubtful: (node: Node) => boolean;
}

/** What is known of lines. */
interface Known {
  readonly valuesOf: (node: Node) => readonly Value[];
  /** Null where its answer, or that there is none, is known. */
  readonly unknownOf: (node: Node) => unknown;
  /** Lines whose expression says that they are asked, and those of which it can't be said. */
  readonly byExpression: ReadonlySet<string>;
  readonly doubtful: ReadonlySet<string>;
}

/** True, false, or null where nobody knows. */
type Truth = boolean | null;

/**
 * Which lines are asked as things stand (R4 questionnaire-definitions.html#Questionnaire.item.enableWhen). What isn't asked
 * has no answer, for others neither. Where it isn't known whether a line is asked, it is: nothing is passed over.
 */
export function enabledLines(
  nodes: Nodes,
  itemOf: (linkId: string) => Item | undefined,
  { valuesOf, unknownOf, byExpression, doubtful }: Known,
): Enabling {
  const known = new Map<Node, Truth>();

  // As deep as conditions hang on one another, which checkConditions (cycles.ts) has found to end.
  function asked(node: Node): Truth {
    const decided = known.get(node);
    if (decided !== undefined) return decided;
    const { item, parent } = node;
    const above = parent === null || isEnabled(parent);
    const truth = above && all([expressed(node), meets(item, (condition) => holds(condition, node))]);
    known.set(node, truth);
    return truth;
  }

  function expressed({ item, key }: Node): Truth {
    if (item.enabledBy === null) return true;
    return doubtful.has(key) ? null : byExpression.has(key);
  }

  function isEnabled(node: Node): boolean {
    return asked(node) !== false;
  }

  function holds({ question, ...condition }: Condition, node: Node): Truth {
    const item = itemOf(question);
    const lines = item ? related(node, nodes.of(item)).filter(isEnabled) : [];
    const met = isMet(condition, lines.flatMap(valuesOf));
    // Another answer that isn't known can't take back what one that is there says.
    const isSettled = met === true && !(condition.operator === 'exists' && condition.answer.value === false);
    return !isSettled && lines.some((line) => unknownOf(line) !== null) ? null : met;
  }

  return { isEnabled, isDoubtful: (node) => asked(node) === null };
}

function meets({ conditions, source }: Item, holds: (condition: Condition) => Truth): Truth {
  if (conditions.length === 0) return true;
  const truths = conditions.map(holds);
  return source.enableBehavior === 'all' ? all(truths) : any(truths);
}

function all(truths: readonly Truth[]): Truth {
  return truths.includes(false) ? false : truths.includes(null) ? null : true;
}

function any(truths: readonly Truth[]): Truth {
  return truths.includes(true) ? true : truths.includes(null) ? null : false;
}

/** Whether any of the answers to a question meets a condition; null where they can't be compared, as their units differ. */
export function isMet({ operator, answer }: Omit<Condition, 'question'>, values: readonly Value[]): Truth {
  if (operator === 'exists') return values.length > 0 === (answer.value === true);
  return any(
    values.map((value) => {
      const difference = compare(value, answer);
      if (difference === null && value.type === 'Quantity' && answer.type === 'Quantity') return null;
      if (operator === '=') return isSame(value, answer);
      if (operator === '!=') return !isSame(value, answer);
      if (difference === null) return false;
      if (operator === '>') return difference > 0;
      if (operator === '<') return difference < 0;
      return operator === '>=' ? difference >= 0 : difference <= 0;
    }),
  );
}
