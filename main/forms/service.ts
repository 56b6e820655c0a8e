import type { Result } from '../../preload/contract/channel.ts';
import type { FormAnswers, FormFailure, FormState, OpenForm } from '../../preload/contract/forms.ts';
import { type Definition, readDefinition } from './definition.ts';
import { evaluateForm } from './evaluate.ts';
import type { Environment } from './expressions.ts';
import { FormError } from './failure.ts';
import { type Found, launched, prefill, type Query, queriesOf } from './prefill.ts';
import { digestOf, isComplete, recorded, shownItem, stateOf } from './state.ts';

/** A form, and what expressions may know: resources as JSON, by the names that SDC gives them. */
export interface FormSource {
  readonly text: string;
  readonly known: Readonly<Record<'patient' | 'user' | 'encounter', string | null>>;
  readonly found: Found;
  /** Milliseconds: from when on something counts as old. */
  readonly now: number;
}

type Answered<Value> = Result<Value, FormFailure>;
type Shown = Pick<OpenForm, 'items' | 'answers' | 'prefilled' | 'notPrefilled' | 'state'>;

/** What is recorded of a form; null where something in it is wrong. */
export interface Completed {
  readonly questionnaire: { readonly url: string | null; readonly version: string | null; readonly title: string };
  /** JSON of the items of a QuestionnaireResponse. */
  readonly items: string;
  readonly digest: string;
  readonly complete: boolean;
}

/** What the forms process does. Every request brings all that it needs, so that another process can take its place. */
export interface FormsProcess {
  /** Answers once everything is loaded. */
  ready(): boolean;
  queries(source: Omit<FormSource, 'found'>): Answered<Query[]>;
  open(source: FormSource): Answered<Shown>;
  evaluate(request: FormSource & { answers: FormAnswers }): Answered<FormState>;
  complete(request: FormSource & { answers: FormAnswers }): Answered<Completed>;
}

type Asked = FormSource & { readonly answers: FormAnswers };

interface Prepared {
  readonly definition: Definition;
  readonly filled: ReturnType<typeof prefill>;
}

export function createFormsService(): FormsProcess {
  const definitionOf = remember((text: string) => text, readDefinition);
  const prepared = remember(
    (source: FormSource) => JSON.stringify([source.text, source.known, source.found]),
    (source: FormSource): Prepared => {
      const definition = definitionOf(source.text);
      return { definition, filled: prefill(definition, knownOf(definition, source), source.found) };
    },
  );

  function evaluated({ answers, ...source }: Asked) {
    const { definition, filled } = prepared(source);
    return { definition, form: evaluateForm(definition, withGiven(answers, definition, filled), filled.environment) };
  }

  return {
    ready: () => true,
    queries: ({ now, ...source }) =>
      attempt(() => {
        const definition = definitionOf(source.text);
        return queriesOf(definition, knownOf(definition, source), now);
      }),
    open: (source) =>
      attempt(() => {
        const { definition, filled } = prepared(source);
        const { environment, ...rest } = filled;
        const state = stateOf(definition, evaluateForm(definition, filled.answers, environment));
        return { items: definition.items.map(shownItem), ...rest, state };
      }),
    evaluate: (request) =>
      attempt(() => {
        const { definition, form } = evaluated(request);
        return stateOf(definition, form);
      }),
    complete: (request) =>
      attempt(() => {
        const { definition, form } = evaluated(request);
        const items = recorded(form);
        const { url, version, title, name } = definition.source;
        return {
          questionnaire: { url: url ?? null, version: version ?? null, title: title ?? name ?? 'Form' },
          items,
          digest: digestOf(items),
          complete: isComplete(stateOf(definition, form)),
        };
      }),
  };
}

function knownOf(definition: Definition, { known: texts }: Pick<FormSource, 'known'>): Environment {
  const parsed = Object.entries(texts).map(([name, text]) => [name, text === null ? undefined : JSON.parse(text)]);
  return launched(definition, Object.fromEntries(parsed) as Environment);
}

/** What nobody may change says what it said at first, whatever the page hands over for it. */
function withGiven(answers: FormAnswers, { items }: Definition, { answers: given }: Prepared['filled']): FormAnswers {
  const locked = new Set(items.filter(({ source }) => source.readOnly).map(({ source }) => source.linkId));
  const isLocked = ([key]: [string, string]) => locked.has(key.slice(key.indexOf('|') + 1));
  const open = Object.entries(answers).filter((one) => !isLocked(one));
  return Object.fromEntries([...open, ...Object.entries(given).filter(isLocked)]);
}

/** The last answer, as long as the same is asked. */
function remember<Args, Value>(keyOf: (args: Args) => string, work: (args: Args) => Value): (args: Args) => Value {
  let last: { key: string; value: Value } | null = null;
  return (args) => {
    const key = keyOf(args);
    if (last?.key !== key) last = { key, value: work(args) };
    return last.value;
  };
}

function attempt<Value>(work: () => Value): Answered<Value> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    if (error instanceof FormError) return { ok: false, error: { code: error.code } };
    throw error;
  }
}
