import type { FormAnswers, FormFault, FormUnknown } from '../../preload/contract/forms.ts';
import { type Answer, answerOf, fault } from './answers.ts';
import type { Definition, Item } from './definition.ts';
import { type Enabling, enabledLines } from './enabled.ts';
import {
  type Environment,
  evaluate,
  exactNumber,
  noticed,
  type Outcome,
  type Subject,
  truthOf,
  valueGiven,
  type Watch,
} from './expressions.ts';
import { FormError } from './failure.ts';
import { PASSES_MAX } from './limits.ts';
import { type Node, type Nodes, nodesOf } from './nodes.ts';
import { type Answered, type ResponseItem, responseItems } from './response.ts';
import type { Expression } from './source.ts';
import { isUnknown, type Unknown } from './unknown.ts';
import { type Value, wordsOf } from './values.ts';

/** A form with its answers, once nothing changes any more by what is worked out. */
export interface Evaluated extends Enabling {
  readonly nodes: Nodes;
  readonly answerOf: (node: Node) => Answer;
  /** Why what would stand in a line isn't known; null where it is, and where it was answered. */
  readonly unknownOf: (node: Node) => FormUnknown | null;
  /** It is locked, isn't known and has to be there: a person gives it. */
  readonly isOpen: (node: Node) => boolean;
  /** What an expression of an item, or of the form, gives. */
  readonly evaluate: (expression: Expression, node: Node | null) => Outcome;
}

/** What is worked out in one pass. */
interface Derived {
  readonly enabled: ReadonlySet<string>;
  /** Lines of which it isn't known whether they are asked. */
  readonly doubtful: ReadonlySet<string>;
  readonly calculated: ReadonlyMap<string, Answer | Unknown>;
}

const NOTHING: Derived = { enabled: new Set(), doubtful: new Set(), calculated: new Map() };

/** Why items that were to be filled in beforehand are not, by their link ids. */
export type Unfilled = ReadonlyMap<string, FormUnknown>;

/**
 * Works out all expressions of a form, again and again until nothing changes: what they give may be what others go by. A
 * form for which that has no end is refused.
 */
export function evaluateForm(
  definition: Definition,
  answers: FormAnswers,
  environment: Environment,
  unfilled: Unfilled,
): Evaluated {
  const nodes = nodesOf(definition.items, answers);
  const typed = new Map(nodes.all.map((node) => [node, answerOf(node, answers)]));
  let derived = NOTHING;
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    const evaluated = evaluatedBy(definition, nodes, { typed, derived, environment, unfilled });
    const next = derive(evaluated);
    if (printed(next) === printed(derived)) return evaluated;
    derived = next;
  }
  throw new FormError('form-unsettled');
}

interface Known {
  readonly typed: ReadonlyMap<Node, Answer>;
  readonly derived: Derived;
  readonly environment: Environment;
  readonly unfilled: Unfilled;
}

const UNANSWERED: Answer = { values: [], fault: null };

function evaluatedBy(definition: Definition, nodes: Nodes, known: Known): Evaluated {
  const { typed, derived, environment, unfilled } = known;
  const byId = new Map<string, Item>(definition.items.map((item) => [item.source.linkId, item]));

  /** Why it isn't known what the form would say in a line, whether or not somebody has answered it. */
  const lacking = ({ item, key }: Node): FormUnknown | null => {
    if (!item.calculated) return unfilled.get(item.source.linkId) ?? null;
    const worked = derived.calculated.get(key);
    return isUnknown(worked) ? worked.unknown : null;
  };
  const isOpen = (node: Node): boolean => {
    const { calculated, source, limits } = node.item;
    return (calculated !== null || source.readOnly) && limits.least > 0 && lacking(node) !== null;
  };
  const answerIn = (node: Node): Answer => {
    const worked = node.item.calculated ? (derived.calculated.get(node.key) ?? UNANSWERED) : null;
    if (worked && !isUnknown(worked)) return worked;
    return (worked === null || isOpen(node) ? typed.get(node) : null) ?? UNANSWERED;
  };
  const valuesOf = (node: Node) => answerIn(node).values;
  const unknownOf = (node: Node) => (valuesOf(node).length > 0 ? null : lacking(node));
  const enabling = enabledLines(nodes, (linkId) => byId.get(linkId), {
    ...{ valuesOf, unknownOf },
    byExpression: derived.enabled,
    doubtful: derived.doubtful,
  });
  const answered = { isEnabled: enabling.isEnabled, valuesOf, number: exactNumber };
  const isHaunted = nodes.all.some((node) => unknownOf(node) !== null && enabling.isEnabled(node));
  const plain = worldOf(definition, nodes, environment, answered);
  const haunted = isHaunted ? hauntedWorld() : null;

  /** Questions whose answer isn't known stand in it without one, and tell when that is looked at. */
  function hauntedWorld(): World {
    const watch: Watch = { touched: null };
    const haunt = (node: Node, item: ResponseItem) => (unknownOf(node) === null ? item : watchedItem(item, watch));
    return worldOf(definition, nodes, environment, { ...answered, haunt }, watch);
  }

  return {
    nodes,
    ...enabling,
    answerOf: answerIn,
    unknownOf,
    isOpen,
    evaluate(expression, node) {
      const seen = (haunted ?? plain)(expression, node);
      if (haunted === null || isUnknown(seen)) return seen;
      // That a question stands there at all may be what was looked at.
      const bare = plain(expression, node);
      return outcomeWords(seen) === outcomeWords(bare) ? bare : { unknown: 'follows' };
    },
  };
}

function watchedItem(item: ResponseItem, watch: Watch): ResponseItem {
  return Object.defineProperty({ ...item }, 'answer', noticed(watch, 'follows'));
}

function outcomeWords(given: Outcome): string {
  if (given === null || isUnknown(given)) return JSON.stringify(given);
  return JSON.stringify(given.map((one) => (typeof one === 'object' && one !== null ? [String(one), one] : one)));
}

type World = (expression: Expression, node: Node | null) => Outcome;

/** What expressions are worked out in: the response as it stands, and the variables around each line. */
function worldOf(
  definition: Definition,
  nodes: Nodes,
  environment: Environment,
  answered: Answered,
  watch: Watch = { touched: null },
): World {
  const resource = { resourceType: 'QuestionnaireResponse', item: responseItems(nodes.roots, answered) };
  const response: Subject = { data: resource, base: 'QuestionnaireResponse', watch };
  const own = { resource, context: resource, questionnaire: definition.json };
  const asked = (variable: Expression) =>
    isQuery(variable) && variable.name !== undefined && variable.name in environment.named;
  const unasked = definition.variables.filter((variable) => !asked(variable));
  const whole = withVariables(unasked, response, naming(environment, own));

  /** What the expressions of a line may name: the variables of all above it are among it. */
  function around(node: Node): { subject: Subject; environment: Environment } {
    const data = responseItems([node], { ...answered, isEnabled: () => true })[0] ?? {
      linkId: node.item.source.linkId,
    };
    const subject: Subject = { data, base: 'QuestionnaireResponse.item', watch };
    const above = node.parent ? around(node.parent).environment : whole;
    const here = naming(above, { context: data, qitem: node.item.source });
    return { subject, environment: withVariables(node.item.variables, subject, here) };
  }

  return (expression, node) => {
    if (node === null) return evaluate(expression, response, whole);
    const { subject, environment: there } = around(node);
    return evaluate(expression, subject, there);
  };
}

function naming(environment: Environment, names: Environment['named']): Environment {
  return { ...environment, named: { ...environment.named, ...names } };
}

/**
 * With the variables of a form or an item, each of which may name those before it. Of one that can't be worked out here, as
 * a query of an item, nobody knows what it stands for.
 */
function withVariables(variables: readonly Expression[], subject: Subject, environment: Environment): Environment {
  let there = environment;
  for (const variable of variables) {
    const { name } = variable;
    if (name === undefined || name in there.unknown) continue;
    const given = evaluate(variable, subject, there);
    const why = given === null ? 'not-offline' : isUnknown(given) ? given.unknown : null;
    there = why === null ? naming(there, { [name]: given }) : { ...there, unknown: { ...there.unknown, [name]: why } };
  }
  return there;
}

export function isQuery({ language }: Expression): boolean {
  return language === 'application/x-fhir-query';
}

function derive(evaluated: Evaluated): Derived {
  const enabled = new Set<string>();
  const doubtful = new Set<string>();
  const calculated = new Map<string, Answer | Unknown>();
  for (const node of evaluated.nodes.all) {
    const { enabledBy, calculated: by } = node.item;
    if (enabledBy) {
      const given = evaluated.evaluate(enabledBy, node);
      if (isUnknown(given)) doubtful.add(node.key);
      else if (isTrue(given)) enabled.add(node.key);
    }
    if (by && evaluated.isEnabled(node)) {
      const given = evaluated.evaluate(by, node);
      calculated.set(node.key, isUnknown(given) ? given : calculatedAnswer(node.item, given));
    }
  }
  return { enabled, doubtful, calculated };
}

function isTrue(given: readonly unknown[] | null): boolean {
  const truth = truthOf(given);
  // Whether it has to be answered nobody knows, so that the form can't be used.
  if (truth === null) throw new FormError('form-malformed');
  return truth;
}

function calculatedAnswer({ source, options }: Item, given: readonly unknown[] | null): Answer {
  const failed = (code: FormFault['code']): Answer => ({ values: [], fault: fault(code) });
  if (given === null || (given.length > 1 && !source.repeats)) return failed('calculation');
  const values = given.map((one) => {
    const value = valueGiven(one, source.type);
    const isCode = value?.type === 'Coding' && options.length > 0;
    return isCode ? (options.find(({ value: own }) => sameCode(own, value))?.value ?? null) : value;
  });
  const read = values.flatMap((value) => value ?? []);
  return read.length < values.length ? failed('calculation') : { values: read, fault: null };
}

function sameCode(own: Value, { value }: Extract<Value, { type: 'Coding' }>): boolean {
  return own.type === 'Coding' && own.value.code === value.code && own.value.system === value.system;
}

function printed({ enabled, doubtful, calculated }: Derived): string {
  const answers = [...calculated].map(([key, one]) =>
    isUnknown(one) ? [key, one.unknown] : [key, one.values.map(wordsOf), one.fault?.code],
  );
  return JSON.stringify([[...enabled], [...doubtful], answers]);
}
