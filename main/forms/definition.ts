import type { Cannot } from '../../preload/contract/forms.ts';
import { FORM_TEXT_MAX } from '../../preload/contract/forms.ts';
import { checkConditions } from './cycles.ts';
import { FormError } from './failure.ts';
import { ALL_OPTIONS_MAX, EXPRESSIONS_MAX } from './limits.ts';
import { type Option, optionsOf, unitsOf } from './options.ts';
import {
  type Expression,
  type ExtensionName,
  expressionOf,
  extensionsOf,
  extensionValue,
  readSource,
  type Source,
  type SourceItem,
  valueMember,
} from './source.ts';
import { type Unit, type Value, valueIn } from './values.ts';

export interface Condition {
  readonly question: string;
  readonly operator: SourceItem['enableWhen'][number]['operator'];
  readonly answer: Value;
}

export interface Constraint {
  readonly expression: Expression;
  readonly severity: 'error' | 'warning';
  readonly words: string;
}

/** What an answer has to keep to. */
export interface Limits {
  readonly min: Value | null;
  readonly max: Value | null;
  readonly decimals: number | null;
  readonly shortest: number;
  readonly longest: number;
  readonly regex: RegExp | null;
  readonly least: number;
  readonly most: number | null;
}

/** An item of a form, as far as it is worked with. */
export interface Item {
  /** Its place among all items. */
  readonly index: number;
  readonly source: SourceItem;
  readonly text: string;
  readonly parent: Item | null;
  readonly children: Item[];
  readonly depth: number;
  /** There are rows of it: it repeats, and isn't a list from which several are chosen. */
  readonly rows: boolean;
  /** Those above it, and it itself, of which there are rows. */
  readonly rowed: readonly Item[];
  readonly hidden: boolean;
  readonly conditions: readonly Condition[];
  readonly enabledBy: Expression | null;
  readonly calculated: Expression | null;
  /** Null where it can't be read. */
  readonly initial: readonly Value[] | null;
  readonly initialBy: Expression | null;
  readonly variables: readonly Expression[];
  readonly constraints: readonly Constraint[];
  readonly options: readonly Option[];
  readonly units: readonly Unit[];
  readonly limits: Limits;
  readonly cannot: Cannot | null;
}

export interface Definition {
  readonly source: Source;
  /** The whole resource, for expressions. */
  readonly json: object;
  /** In the order in which they are asked. */
  readonly items: readonly Item[];
  readonly variables: readonly Expression[];
  readonly constraints: readonly Constraint[];
}

/** What a Questionnaire asks; throws a FormError where it can't be asked as it was meant. */
export function readDefinition(text: string): Definition {
  const { source, json } = readSource(text);
  const items: Item[] = [];
  const add = (one: SourceItem, parent: Item | null): void => {
    const item = itemOf(one, { parent, index: items.length, source });
    items.push(item);
    parent?.children.push(item);
    for (const child of one.item) add(child, item);
  };
  for (const one of source.item) add(one, null);
  const definition = { source, json, items, ...rootOf(source) };
  check(definition);
  return definition;
}

function rootOf(source: Source): Pick<Definition, 'variables' | 'constraints'> {
  return { variables: expressionsOf(source, 'variable'), constraints: constraintsOf(source) };
}

function itemOf(
  source: SourceItem,
  { parent, index, source: form }: { parent: Item | null; index: number; source: Source },
): Item {
  // Numbers, dates and texts may be chosen from a list too (R4 questionnaire.html, que-5).
  const isChoice = ['choice', 'open-choice'].includes(source.type) || source.answerOption.length > 0;
  const options = isChoice ? optionsOf(source, form.contained) : [];
  const rows = source.repeats && !isChoice && source.type !== 'display';
  const item = {
    ...{ index, source, parent, children: [], rows, options: options ?? [] },
    ...{ text: textOf(source), depth: parent ? parent.depth + 1 : 0 },
    hidden: extensionValue(source, 'hidden') === true,
    conditions: source.enableWhen.map(conditionOf),
    enabledBy: expressionsOf(source, 'enableWhen')[0] ?? null,
    calculated: expressionsOf(source, 'calculated')[0] ?? null,
    initial: initialOf(source),
    initialBy: expressionsOf(source, 'initial')[0] ?? null,
    variables: expressionsOf(source, 'variable'),
    constraints: constraintsOf(source),
    units: unitsOf(source),
    limits: limitsOf(source),
    cannot: cannotOf(source, options !== null),
    rowed: parent?.rowed ?? [],
  };
  if (rows) Object.assign(item, { rowed: [...item.rowed, item] });
  return item;
}

function initialOf({ initial }: SourceItem): readonly Value[] | null {
  const read = initial.flatMap((one) => valueIn(...(valueMember(one) ?? ['', null])) ?? []);
  return read.length < initial.length ? null : read;
}

function textOf({ prefix, text, ...source }: SourceItem): string {
  // What is formatted is shown as what stands without it in `text`; its marks are never read as such.
  const said = text === '' && source._text ? String(extensionValue(source._text, 'xhtml') ?? '') : text;
  const words = [prefix, said].filter((one) => one !== '').join(' ');
  if (words.length > FORM_TEXT_MAX) throw new FormError('form-too-large');
  return words;
}

function conditionOf(condition: SourceItem['enableWhen'][number]): Condition {
  const { question, operator } = condition;
  const [type, raw] = valueMember(condition, 'answer') ?? [];
  const answer = type === undefined ? null : valueIn(type, raw);
  const isExistence = operator === 'exists';
  if (answer === null || (isExistence && answer.type !== 'Boolean')) throw new FormError('form-malformed');
  return { question, operator, answer };
}

function expressionsOf(holder: Parameters<typeof extensionsOf>[0], name: ExtensionName): Expression[] {
  return extensionsOf(holder, name).map((one) => expressionOf(valueMember(one)?.[1]));
}

function constraintsOf(holder: Parameters<typeof extensionsOf>[0]): Constraint[] {
  return extensionsOf(holder, 'constraint').map(({ extension: parts }) => {
    const list = Array.isArray(parts) ? (parts as { url?: unknown }[]) : [];
    const part = (name: string) => {
      const found = list.find(({ url }) => url === name);
      return found && valueMember(found)?.[1];
    };
    const expression = expressionOf({ language: 'text/fhirpath', expression: part('expression') });
    const words = String(part('human') ?? part('key') ?? '').slice(0, FORM_TEXT_MAX);
    return { expression, words, severity: part('severity') === 'warning' ? 'warning' : 'error' };
  });
}

function limitsOf(source: SourceItem): Limits {
  const number = (name: ExtensionName) => {
    const value = extensionValue(source, name);
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
  };
  const value = (name: ExtensionName) => {
    const [first] = extensionsOf(source, name);
    return first ? valueIn(...(valueMember(first) ?? ['', null])) : null;
  };
  const pattern = extensionValue(source, 'regex');
  return {
    min: value('minValue'),
    max: value('maxValue'),
    decimals: number('maxDecimalPlaces'),
    shortest: number('minLength') ?? 0,
    longest: Math.min(source.maxLength ?? FORM_TEXT_MAX, FORM_TEXT_MAX),
    regex: typeof pattern === 'string' ? regexOf(pattern) : null,
    least: Math.max(number('minOccurs') ?? 0, source.required ? 1 : 0),
    most: number('maxOccurs') ?? (source.repeats ? null : 1),
  };
}

function regexOf(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    throw new FormError('form-malformed');
  }
}

/** Why a question can't be answered here: that is shown in its place, and it is never left out. */
function cannotOf(source: SourceItem, hasOptions: boolean): Cannot | null {
  if (source.type === 'attachment') return 'attachment';
  if (!hasOptions) return 'list-elsewhere';
  const isMore = source.modifierExtension.length > 0 || extensionsOf(source, 'answers').length > 0;
  return isMore || extensionsOf(source, 'moreForms').length > 0 ? 'calls-for-more' : null;
}

function check({ items, variables }: Definition): void {
  if (new Set(items.map(({ source }) => source.linkId)).size < items.length) throw new FormError('form-malformed');
  const count = (of: (item: Item) => number) => items.reduce((sum, item) => sum + of(item), 0);
  if (count(({ options }) => options.length) > ALL_OPTIONS_MAX) throw new FormError('form-too-large');
  const expressions = count(
    ({ variables: own, constraints, ...item }) =>
      own.length + constraints.length + [item.enabledBy, item.calculated, item.initialBy].filter(Boolean).length,
  );
  if (expressions + variables.length > EXPRESSIONS_MAX) throw new FormError('form-too-large');
  checkConditions(items);
}
