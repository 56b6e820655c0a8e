import type { Result } from '../../preload/contract/channel.ts';
import type { FormAnswers, FormFailure, FormState, OpenForm } from '../../preload/contract/forms.ts';
import { type Definition, type Item, readDefinition } from './definition.ts';
import { evaluateForm } from './evaluate.ts';
import { FormError } from './failure.ts';
import { type Asked, type Begun, launched, prefill, type Query, queriesOf } from './prefill.ts';
import { restored } from './restore.ts';
import { digestOf, isComplete, recorded, shownItem, stateOf } from './state.ts';

/** A form, and what expressions may know. */
export interface FormSource extends Asked {
  readonly text: string;
}

type Answered<Value> = Result<Value, FormFailure>;
type Shown = Pick<OpenForm, 'items' | 'answers' | 'prefilled' | 'openedAt' | 'state'>;

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
  /** What was typed, of the items of a QuestionnaireResponse as JSON; null where it can't all be typed in this form. */
  restore(request: { text: string; items: string }): Answered<FormAnswers | null>;
}

type Filled = FormSource & { readonly answers: FormAnswers };

interface Prepared {
  readonly definition: Definition;
  readonly begun: Begun;
}

export function createFormsService(): FormsProcess {
  const definitionOf = remember((text: string) => text, readDefinition);
  const prepared = remember(
    ({ text, known, found, openedAt }: FormSource) => JSON.stringify([text, known, found, openedAt]),
    ({ text, ...asked }: FormSource): Prepared => {
      const definition = definitionOf(text);
      return { definition, begun: prefill(definition, asked) };
    },
  );

  function evaluated({ answers, ...source }: Filled) {
    const { definition, begun } = prepared(source);
    const { environment, unfilled } = begun;
    return { definition, form: evaluateForm(definition, withGiven(answers, definition, begun), environment, unfilled) };
  }

  return {
    ready: () => true,
    queries: ({ text, ...asked }) =>
      attempt(() => {
        const definition = definitionOf(text);
        return queriesOf(definition, launched(definition, asked));
      }),
    open: (source) =>
      attempt(() => {
        const { definition, begun } = prepared(source);
        const { environment, unfilled, answers, prefilled } = begun;
        const state = stateOf(definition, evaluateForm(definition, answers, environment, unfilled));
        const { openedAt } = source;
        return { items: definition.items.map(shownItem), answers, prefilled, openedAt, state };
      }),
    evaluate: (request) =>
      attempt(() => {
        const { definition, form } = evaluated(request);
        return stateOf(definition, form);
      }),
    restore: ({ text, items }) => attempt(() => restored(definitionOf(text), items)),
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

/**
 * What nobody may change says what it said at first, whatever the page hands over for it; but for what has to be there and
 * isn't known, which a person gives.
 */
function withGiven(answers: FormAnswers, { items }: Definition, { answers: given, unfilled }: Begun): FormAnswers {
  const isOpen = ({ source, limits }: Item) => limits.least > 0 && unfilled.has(source.linkId);
  const locked = items.filter((item) => item.source.readOnly && !item.calculated && !isOpen(item));
  const ids = new Set(locked.map(({ source }) => source.linkId));
  const isLocked = ([key]: [string, string]) => ids.has(key.slice(key.indexOf('|') + 1));
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
