import { parse } from 'lossless-json';
import type { FormAnswers, FormUnknown, OpenForm } from '../../preload/contract/forms.ts';
import { typedOf } from './answers.ts';
import type { Definition, Item } from './definition.ts';
import { type Evaluated, evaluateForm, isQuery, type Unfilled } from './evaluate.ts';
import { type Environment, evaluate, valueGiven } from './expressions.ts';
import { FormError } from './failure.ts';
import { QUERIES_MAX } from './limits.ts';
import { keyOf, rowsKey } from './nodes.ts';
import { type Extension, extensionsOf, extensionValue, valueMember } from './source.ts';
import { isUnknown, type Unknown } from './unknown.ts';
import { type Value, valueIn } from './values.ts';

/** What a form asks of the record before it is shown; answered from the cache alone. */
export interface Query {
  /** By which what was found is handed back. */
  readonly name: string;
  readonly type: string;
  readonly query: string;
}

/** Resources that a query has found, as JSON, and how many there are. */
export interface FoundRecords {
  readonly total: number;
  readonly entries: readonly string[];
}

/** What was found by the names of queries, or why that isn't known. A query without either could not be asked. */
export type Found = Readonly<Record<string, FoundRecords | Unknown>>;

/** Resources as JSON, by the names that SDC gives them; null where it is known that there is none. */
export type KnownTexts = Readonly<Record<'patient' | 'user' | 'encounter', string | Unknown | null>>;

/** What is known before anything is answered. */
export interface Asked {
  readonly known: KnownTexts;
  readonly found: Found;
  readonly openedAt: string;
}

/** SDC's contexts, by the names that forms give them. */
const CONTEXT = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-launchContext';
const BY_CODE = 'code:';
const TYPE = /^([A-Z][A-Za-z]{1,63})\?(.+)$/s;

/** What stands for a text in a query that is worked out: `{{%patient.id}}`. */
const PLACE = /\{\{([^{}]+)\}\}/g;

/** What expressions go by before anything is answered. A context that a form names and nobody has given isn't known. */
export function launched({ source }: Definition, { known, openedAt }: Omit<Asked, 'found'>): Environment {
  const contexts = source.extension.filter(({ url }) => url === CONTEXT).flatMap(contextName);
  const unknown: Record<string, FormUnknown> = Object.fromEntries(contexts.map((name) => [name, 'not-offline']));
  const named: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(known)) {
    delete unknown[name];
    if (typeof text === 'string') named[name] = JSON.parse(text);
    else if (text === null) named[name] = undefined;
    else unknown[name] = text.unknown;
  }
  return { named, unknown, openedAt };
}

function contextName({ extension: parts }: Extension): string[] {
  const list = Array.isArray(parts) ? (parts as { url?: unknown }[]) : [];
  const name = list.find(({ url }) => url === 'name');
  const value = name && valueMember(name)?.[1];
  const code = typeof value === 'string' ? value : (value as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? [code] : [];
}

/** The queries of a form, with what is known put into them. What can't be asked of a cache is left out. */
export function queriesOf({ variables, items }: Definition, environment: Environment): Query[] {
  const asked = variables.flatMap((variable) => {
    if (variable.name === undefined || !isQuery(variable)) return [];
    const [, type = '', query = ''] = TYPE.exec(filled(variable.expression, environment) ?? '') ?? [];
    return type === '' ? [] : [{ name: variable.name, type, query }];
  });
  const now = Date.parse(environment.openedAt);
  const codes = items.flatMap((item) => {
    const days = linkedDays(item);
    const code = item.source.code.map(({ system = '', code: bare = '' }) => `${system}|${bare}`);
    if (days === null || code.length === 0) return [];
    return [{ name: BY_CODE + item.source.linkId, ...latest(code, now - days * 86_400_000) }];
  });
  const all = [...asked, ...codes];
  if (all.length > QUERIES_MAX) throw new FormError('form-too-large');
  return all;
}

/** Null where nothing is known to put in: without it, something else would be asked. */
function filled(template: string, environment: Environment): string | null {
  let isWhole = true;
  const text = template.replace(PLACE, (_, expression: string) => {
    const subject = { data: {}, base: 'QuestionnaireResponse', watch: { touched: null } } as const;
    const given = evaluate({ language: 'text/fhirpath', expression }, subject, environment);
    if (given === null || isUnknown(given) || given.length === 0) isWhole = false;
    else return given.map((one) => encodeURIComponent(String(one))).join(',');
    return '';
  });
  return isWhole ? text : null;
}

const UNITS: Readonly<Record<string, number>> = { min: 1 / 1440, h: 1 / 24, d: 1, wk: 7, mo: 30, a: 365 };

/** For how many days back an answer is taken from an observation (SDC observationLinkPeriod); null where that isn't said. */
function linkedDays({ source }: Item): number | null {
  const period = extensionValue(source, 'linkPeriod') as { value?: unknown; code?: unknown } | undefined;
  const unit = UNITS[String(period?.code)];
  return typeof period?.value === 'number' && unit !== undefined ? period.value * unit : null;
}

function isLinked({ source }: Item): boolean {
  return extensionsOf(source, 'linkPeriod').length > 0;
}

function latest(codes: readonly string[], since: number): Pick<Query, 'type' | 'query'> {
  const code = codes.map(encodeURIComponent).join(',');
  const from = new Date(since).toISOString();
  return {
    type: 'Observation',
    query: `code=${code}&date=ge${from}&status=final,amended,corrected&_sort=-date&_count=1`,
  };
}

type Prefilled = Pick<OpenForm, 'answers' | 'prefilled'>;

/** A form before anybody types: what is known beforehand, and of what it isn't known whether there is anything. */
export interface Begun extends Prefilled {
  readonly environment: Environment;
  readonly unfilled: Unfilled;
}

type Give = (item: Item, values: readonly Value[], at: string | null) => void;

/** What of a form is known before anybody types. Rows below a repeating item begin empty. */
export function prefill(definition: Definition, asked: Asked): Begun {
  const environment = withFound(definition, launched(definition, asked), asked.found);
  const answers: Record<string, string> = {};
  const prefilled: OpenForm['prefilled'][number][] = [];
  const unfilled = new Map<string, FormUnknown>();
  const lack = (item: Item, why: FormUnknown) => unfilled.set(item.source.linkId, why);
  const give = (item: Item, values: readonly Value[], at: string | null, isInitial = false) => {
    const typed = rowsTyped(item, values);
    if (typed === null) return lack(item, 'not-usable');
    Object.assign(answers, typed);
    return isInitial ? undefined : prefilled.push({ key: keyOf(item.rows ? [0] : [], item), at });
  };
  const giveOwn = (item: Item) => {
    const own = initialOf(item);
    if (own.length > 0) give(item, own, null, true);
  };
  const asking = definition.items.filter((item) => !item.calculated && (item.initialBy || isLinked(item)));
  const isSingle = ({ rowed, rows }: Item) => rowed.length === (rows ? 1 : 0);
  for (const item of definition.items.filter((one) => isSingle(one) && !one.calculated)) {
    if (item.initial === null) lack(item, 'not-usable');
    // What the record has goes first, and as long as that isn't known nothing stands for it.
    else if (!asking.includes(item)) giveOwn(item);
  }
  for (const item of asking.filter((one) => !isSingle(one))) lack(item, 'not-usable');
  const single = asking.filter(isSingle);
  for (const item of single) {
    const observed = asked.found[BY_CODE + item.source.linkId] ?? ({ unknown: 'not-offline' } as const);
    if (!isLinked(item)) continue;
    if (isUnknown(observed)) lack(item, observed.unknown);
    else if (observed.entries[0] !== undefined) giveObserved(item, observed.entries[0], give);
  }
  const before = evaluateForm(definition, answers, environment, unfilled);
  for (const item of single) {
    const why = giveInitial(item, before, give);
    if (why !== null) lack(item, why);
    const isGiven = prefilled.some(({ key }) => key === keyOf(item.rows ? [0] : [], item));
    if (!isGiven && !unfilled.has(item.source.linkId)) giveOwn(item);
  }
  return { environment, answers, prefilled, unfilled };
}

/** What the form itself says at first. */
function initialOf({ initial, options }: Item): readonly Value[] {
  if (initial !== null && initial.length > 0) return initial;
  return options.filter((option) => option.selected).map(({ value }) => value);
}

/** Gives what an item's expression says; or why that isn't known. */
function giveInitial(item: Item, before: Evaluated, give: Give): FormUnknown | null {
  if (!item.initialBy) return null;
  const given = before.evaluate(item.initialBy, before.nodes.of(item)[0] ?? null);
  if (isUnknown(given)) return given.unknown;
  const values = given?.map((one) => valueGiven(one, item.source.type)) ?? null;
  const read = values?.flatMap((value) => value ?? []) ?? [];
  if (values === null || read.length < values.length) return 'not-usable';
  if (read.length > 0) give(item, read, '');
  return null;
}

function giveObserved(item: Item, text: string, give: Give) {
  const observation = parse(text) as Record<string, unknown>;
  const value = valueIn(...(valueMember(observation) ?? ['', null]));
  const at = ['effectiveDateTime', 'effectiveInstant', 'issued'].map((name) => observation[name]).find(Boolean);
  const coding = observation['valueCodeableConcept'] as { coding?: unknown[] } | undefined;
  const coded = value ?? valueIn('Coding', coding?.coding?.[0]);
  give(item, coded ? [coded] : [], typeof at === 'string' ? at : '');
}

/** With what was found by the queries of variables: a Bundle, as a server would answer (SDC x-fhir-query). */
function withFound({ variables }: Definition, { named, unknown, ...rest }: Environment, found: Found): Environment {
  const bundles: Record<string, unknown> = {};
  const lacking: Record<string, FormUnknown> = {};
  for (const name of variables.filter(isQuery).flatMap((variable) => variable.name ?? [])) {
    const records = found[name] ?? ({ unknown: 'not-offline' } as const);
    if (isUnknown(records)) lacking[name] = records.unknown;
    else {
      const entry = records.entries.map((text) => ({ resource: JSON.parse(text) as object }));
      bundles[name] = { resourceType: 'Bundle', type: 'searchset', total: records.total, entry };
    }
  }
  return { ...rest, named: { ...named, ...bundles }, unknown: { ...unknown, ...lacking } };
}

/** The answers of an item, in its rows where it has any; null where one can't be typed. */
function rowsTyped(item: Item, values: readonly Value[]): FormAnswers | null {
  const parts = item.rows ? values.map((value) => [value]) : [values];
  const typed = parts.map((part) => typedOf(item, part));
  const answers: Record<string, string> =
    item.rows && values.length > 1 ? { [rowsKey([], item)]: String(values.length) } : {};
  for (const [row, one] of typed.entries()) {
    if (one === null) return null;
    const key = keyOf(item.rows ? [row] : [], item);
    for (const [mark, text] of Object.entries(one)) if (text !== '') answers[mark + key] = text;
  }
  return answers;
}
