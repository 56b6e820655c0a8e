import { parse } from 'lossless-json';
import type { FormAnswers, OpenForm } from '../../preload/contract/forms.ts';
import { typedOf } from './answers.ts';
import type { Definition, Item } from './definition.ts';
import { evaluateForm } from './evaluate.ts';
import { type Environment, evaluate, valueGiven } from './expressions.ts';
import { FormError } from './failure.ts';
import { QUERIES_MAX } from './limits.ts';
import { keyOf, rowsKey } from './nodes.ts';
import { type Extension, extensionValue, valueMember } from './source.ts';
import { type Value, valueIn } from './values.ts';

/** What a form asks of the record before it is shown; answered from the cache alone. */
export interface Query {
  /** By which what was found is handed back. */
  readonly name: string;
  readonly type: string;
  readonly query: string;
}

const X_FHIR_QUERY = 'application/x-fhir-query';
/** SDC's contexts, by the names that forms give them. */
const CONTEXT = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-launchContext';
const BY_CODE = 'code:';
const TYPE = /^([A-Z][A-Za-z]{1,63})\?(.+)$/s;

/** What stands for a text in a query that is worked out: `{{%patient.id}}`. */
const PLACE = /\{\{([^{}]+)\}\}/g;

/** Names that expressions may use before anything is answered, whatever is known of them. */
export function launched({ source }: Definition, known: Environment): Environment {
  const named = source.extension.filter(({ url }) => url === CONTEXT).flatMap(contextName);
  return { ...Object.fromEntries(named.map((name) => [name, undefined])), ...known };
}

function contextName({ extension: parts }: Extension): string[] {
  const list = Array.isArray(parts) ? (parts as { url?: unknown }[]) : [];
  const name = list.find(({ url }) => url === 'name');
  const value = name && valueMember(name)?.[1];
  const code = typeof value === 'string' ? value : (value as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? [code] : [];
}

/** The queries of a form, with what is known put into them. What can't be asked of a cache is left out, and told. */
export function queriesOf({ variables, items }: Definition, environment: Environment, now: number): Query[] {
  const asked = variables.flatMap(({ name, language, expression }) => {
    if (name === undefined || language !== X_FHIR_QUERY) return [];
    const [, type = '', query = ''] = TYPE.exec(filled(expression, environment)) ?? [];
    return type === '' ? [] : [{ name, type, query }];
  });
  const codes = items.flatMap((item) => {
    const code = linked(item) ? item.source.code.map(({ system = '', code: bare = '' }) => `${system}|${bare}`) : [];
    return code.length === 0 ? [] : [{ name: BY_CODE + item.source.linkId, ...latest(item, code, now) }];
  });
  const all = [...asked, ...codes];
  if (all.length > QUERIES_MAX) throw new FormError('form-too-large');
  return all;
}

function filled(template: string, environment: Environment): string {
  return template.replace(PLACE, (_, expression: string) => {
    const given = evaluate({ language: 'text/fhirpath', expression }, {}, 'QuestionnaireResponse', environment);
    return (given ?? []).map((one) => encodeURIComponent(String(one))).join(',');
  });
}

const UNITS: Readonly<Record<string, number>> = { min: 1 / 1440, h: 1 / 24, d: 1, wk: 7, mo: 30, a: 365 };

/** For how many days back an answer is taken from an observation (SDC observationLinkPeriod); null: it isn't. */
function linked({ source }: Item): number | null {
  const period = extensionValue(source, 'linkPeriod') as { value?: unknown; code?: unknown } | undefined;
  const unit = UNITS[String(period?.code)];
  return typeof period?.value === 'number' && unit !== undefined ? period.value * unit : null;
}

function latest(item: Item, codes: readonly string[], now: number): Pick<Query, 'type' | 'query'> {
  const since = new Date(now - (linked(item) ?? 0) * 86_400_000).toISOString();
  const code = codes.map(encodeURIComponent).join(',');
  return {
    type: 'Observation',
    query: `code=${code}&date=ge${since}&status=final,amended,corrected&_sort=-date&_count=1`,
  };
}

/** Resources by the names of queries, as JSON; null where the query could not be answered. */
export type Found = Readonly<Record<string, readonly string[] | null>>;

type Prefilled = Pick<OpenForm, 'answers' | 'prefilled' | 'notPrefilled'>;

/** What of a form is known before anybody types. Rows below a repeating item begin empty. */
export function prefill(
  definition: Definition,
  known: Environment,
  found: Found,
): Prefilled & { environment: Environment } {
  const environment = { ...known, ...variablesIn(definition, found) };
  const answers: Record<string, string> = {};
  const prefilled: OpenForm['prefilled'][number][] = [];
  const notPrefilled: number[] = [];
  const give = (item: Item, values: readonly Value[], at: string | null, isInitial: boolean) => {
    const typed = rowsTyped(item, values);
    if (typed === null) {
      notPrefilled.push(item.index);
      return;
    }
    Object.assign(answers, typed);
    if (!isInitial) prefilled.push({ key: keyOf(item.rows ? [0] : [], item), at });
  };
  const single = definition.items.filter(
    ({ rowed, rows, calculated }) => rowed.length === (rows ? 1 : 0) && !calculated,
  );
  for (const item of single) {
    const selected = item.options.filter((option) => option.selected).map(({ value }) => value);
    const initial = item.initial.length > 0 ? item.initial : selected;
    if (initial.length > 0) give(item, initial, null, true);
  }
  const before = evaluateForm(definition, answers, environment);
  for (const item of single) {
    if (item.initialBy) {
      const node = before.nodes.of(item)[0] ?? null;
      const given = before.evaluate(item.initialBy, node);
      const values = given?.map((one) => valueGiven(one, item.source.type)) ?? null;
      const read = values?.flatMap((value) => value ?? []) ?? [];
      if (values === null || read.length < values.length) notPrefilled.push(item.index);
      else if (read.length > 0) give(item, read, '', false);
    }
    const observed = found[BY_CODE + item.source.linkId];
    if (observed === null) notPrefilled.push(item.index);
    else if (observed?.[0] !== undefined) giveObserved(item, observed[0], give);
  }
  return { environment, answers, prefilled, notPrefilled: [...new Set(notPrefilled)] };
}

function giveObserved(
  item: Item,
  text: string,
  give: (i: Item, v: readonly Value[], at: string | null, d: boolean) => void,
) {
  const observation = parse(text) as Record<string, unknown>;
  const value = valueIn(...(valueMember(observation) ?? ['', null]));
  const at = ['effectiveDateTime', 'effectiveInstant', 'issued'].map((name) => observation[name]).find(Boolean);
  const coding = observation['valueCodeableConcept'] as { coding?: unknown[] } | undefined;
  const coded = value ?? valueIn('Coding', coding?.coding?.[0]);
  give(item, coded ? [coded] : [], typeof at === 'string' ? at : '', false);
}

/** What was found by the queries of variables: a Bundle, as a server would answer (SDC x-fhir-query). */
function variablesIn({ variables }: Definition, found: Found): Environment {
  const named = variables.filter(({ language }) => language === X_FHIR_QUERY).flatMap(({ name }) => name ?? []);
  return Object.fromEntries(
    named.map((name) => {
      const entry = (found[name] ?? []).map((text) => ({ resource: JSON.parse(text) as object }));
      return [name, { resourceType: 'Bundle', type: 'searchset', total: entry.length, entry }];
    }),
  );
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
