import type { FormAnswers, FormFault } from '../../preload/contract/forms.ts';
import { type Answer, answerOf, fault } from './answers.ts';
import type { Definition, Item } from './definition.ts';
import { enabledLines } from './enabled.ts';
import { type Environment, evaluate, exactNumber, truthOf, valueGiven } from './expressions.ts';
import { FormError } from './failure.ts';
import { PASSES_MAX } from './limits.ts';
import { type Node, type Nodes, nodesOf } from './nodes.ts';
import { type ResponseItem, responseItems } from './response.ts';
import type { Expression } from './source.ts';
import { type Value, wordsOf } from './values.ts';

/** A form with its answers, once nothing changes any more by what is worked out. */
export interface Evaluated {
  readonly nodes: Nodes;
  readonly isEnabled: (node: Node) => boolean;
  readonly answerOf: (node: Node) => Answer;
  /** What an expression of an item, or of the form, gives. */
  readonly evaluate: (expression: Expression, node: Node | null) => unknown[] | null;
}

/** What is worked out in one pass. */
interface Derived {
  readonly enabled: ReadonlySet<string>;
  readonly calculated: ReadonlyMap<string, Answer>;
}

const NOTHING: Derived = { enabled: new Set(), calculated: new Map() };

/**
 * Works out all expressions of a form, again and again until nothing changes: what they give may be what others go by. A
 * form for which that has no end is refused.
 */
export function evaluateForm(definition: Definition, answers: FormAnswers, environment: Environment): Evaluated {
  const nodes = nodesOf(definition.items, answers);
  const typed = new Map(nodes.all.map((node) => [node, answerOf(node, answers)]));
  let derived = NOTHING;
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    const evaluated = evaluatedBy(definition, nodes, { typed, derived, environment });
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
}

const UNANSWERED: Answer = { values: [], fault: null };

function evaluatedBy(definition: Definition, nodes: Nodes, { typed, derived, environment }: Known): Evaluated {
  const byId = new Map<string, Item>(definition.items.map((item) => [item.source.linkId, item]));
  const answerIn = (node: Node): Answer =>
    (node.item.calculated ? derived.calculated.get(node.key) : typed.get(node)) ?? UNANSWERED;
  const valuesOf = (node: Node) => answerIn(node).values;
  const isEnabled = enabledLines(nodes, (linkId) => byId.get(linkId), valuesOf, derived.enabled);
  const answered = { isEnabled, valuesOf, number: exactNumber };
  const resource = { resourceType: 'QuestionnaireResponse', item: responseItems(nodes.roots, answered) };
  const whole: Environment = { ...environment, resource, context: resource, questionnaire: definition.json };
  const named = withVariables(definition.variables, resource, 'QuestionnaireResponse', whole);

  /** What the expressions of a line may name: the variables of all above it are among it. */
  function around(node: Node): { item: ResponseItem; environment: Environment } {
    const item = responseItems([node], { ...answered, isEnabled: () => true })[0] ?? {
      linkId: node.item.source.linkId,
    };
    const above = node.parent ? around(node.parent).environment : named;
    const here = { ...above, context: item, qitem: node.item.source };
    return { item, environment: withVariables(node.item.variables, item, 'QuestionnaireResponse.item', here) };
  }

  return {
    nodes,
    isEnabled,
    answerOf: answerIn,
    evaluate(expression, node) {
      if (node === null) return evaluate(expression, resource, 'QuestionnaireResponse', named);
      const { item, environment: there } = around(node);
      return evaluate(expression, item, 'QuestionnaireResponse.item', there);
    },
  };
}

/** With the variables of a form or an item, each of which may name those before it. Queries were answered before. */
function withVariables(
  variables: readonly Expression[],
  data: unknown,
  base: Parameters<typeof evaluate>[2],
  environment: Environment,
): Environment {
  let named = environment;
  for (const variable of variables) {
    if (variable.name === undefined || variable.language !== 'text/fhirpath') continue;
    named = { ...named, [variable.name]: evaluate(variable, data, base, named) ?? [] };
  }
  return named;
}

function derive(evaluated: Evaluated): Derived {
  const enabled = new Set<string>();
  const calculated = new Map<string, Answer>();
  for (const node of evaluated.nodes.all) {
    const { enabledBy, calculated: by } = node.item;
    if (enabledBy) {
      const truth = truthOf(evaluated.evaluate(enabledBy, node));
      // Whether it has to be answered nobody knows, so that the form can't be used.
      if (truth === null) throw new FormError('form-malformed');
      if (truth) enabled.add(node.key);
    }
    if (by && evaluated.isEnabled(node))
      calculated.set(node.key, calculatedAnswer(node.item, evaluated.evaluate(by, node)));
  }
  return { enabled, calculated };
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

function printed({ enabled, calculated }: Derived): string {
  const answers = [...calculated].map(([key, { values, fault: wrong }]) => [key, values.map(wordsOf), wrong?.code]);
  return JSON.stringify([[...enabled], answers]);
}
