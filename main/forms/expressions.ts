import fhirpath, { type UserInvocationTable } from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import type { FormUnknown } from '../../preload/contract/forms.ts';
import type { Expression } from './source.ts';
import type { Unknown } from './unknown.ts';
import { type Value, valueIn } from './values.ts';

/** What expressions go by beside the answers. */
export interface Environment {
  /** What they may name, without the percent sign. */
  readonly named: Readonly<Record<string, unknown>>;
  /** Names of which nobody here knows what they stand for, and why. */
  readonly unknown: Readonly<Record<string, FormUnknown>>;
  /** What `now()`, `today()` and `timeOfDay()` tell: an instant with its offset. */
  readonly openedAt: string;
}

/** What an expression gives; null where it can't be worked out. */
export type Outcome = unknown[] | Unknown | null;

/** What is worked with: a response, or an item of it. */
export interface Subject {
  readonly data: unknown;
  readonly base: 'QuestionnaireResponse' | 'QuestionnaireResponse.item';
  readonly watch: Watch;
}

/** Notes why something that was looked at isn't known: whatever is worked out of that isn't known either. */
export interface Watch {
  touched: FormUnknown | null;
}

type Compiled = (data: unknown, named: object, clock: Clock) => unknown[];
type Clock = Readonly<Record<'now' | 'today' | 'timeOfDay', unknown>>;

/** What has no data is nothing: it is no error that there is no encounter. */
const NOTHING: readonly never[] = [];
const FHIRPATH = 'text/fhirpath';
/** Functions that would ask a server are refused by the library (`async: false`), and nothing is written out. */
const OPTIONS = { async: false as const, resolveInternalTypes: true, traceFn: () => undefined };

const compiled = new Map<string, Compiled | null>();
const REMEMBERED_MAX = 2_000;

/** Works an expression out. What looks at something that isn't known isn't known. */
export function evaluate(
  { language, expression }: Expression,
  { data, base, watch }: Subject,
  environment: Environment,
): Outcome {
  if (language !== FHIRPATH) return null;
  const run = compile(expression, base);
  if (run === null) return null;
  watch.touched = null;
  try {
    const given = run(data, watched(environment, watch), clockAt(environment.openedAt));
    return watch.touched ? { unknown: watch.touched } : given;
  } catch {
    return watch.touched ? { unknown: watch.touched } : null;
  }
}

/** The names as the library looks them up: one of which nobody knows what it stands for is noticed when it is looked at. */
function watched({ named, unknown }: Environment, watch: Watch): object {
  const names = Object.fromEntries(Object.entries(named).map(([name, one]) => [name, one ?? NOTHING]));
  for (const [name, why] of Object.entries(unknown)) Object.defineProperty(names, name, noticed(watch, why, NOTHING));
  return names;
}

/** A property that has nothing, and tells that it was looked at. */
export function noticed(watch: Watch, why: FormUnknown, nothing?: unknown): PropertyDescriptor {
  const get = () => {
    watch.touched ??= why;
    return nothing;
  };
  return { enumerable: true, configurable: true, get };
}

function compile(expression: string, base: string): Compiled | null {
  const key = `${base} ${expression}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  if (compiled.size >= REMEMBERED_MAX) compiled.clear();
  const made = compileAnew(expression, base);
  compiled.set(key, made);
  return made;
}

function compileAnew(expression: string, base: string): Compiled | null {
  try {
    const run = fhirpath.compile({ base, expression }, r4, OPTIONS);
    return (data, named, clock) => run(data, named, { userInvocationTable: tableOf(clock) }) as unknown[];
  } catch {
    return null;
  }
}

/** The library would look at the workstation's clock at each expression, and a form would change at midnight. */
function tableOf(clock: Clock): UserInvocationTable {
  const told = Object.entries(clock).map(([name, value]) => [
    name,
    { fn: () => [value], arity: { 0: [] }, internalStructures: true },
  ]);
  return Object.fromEntries(told) as UserInvocationTable;
}

let lastClock: { readonly openedAt: string; readonly clock: Clock } | null = null;

function clockAt(openedAt: string): Clock {
  if (lastClock?.openedAt === openedAt) return lastClock.clock;
  const literal = (text: string) => {
    const [value] = fhirpath.evaluate({}, text, {}, r4, { async: false, resolveInternalTypes: false }) as unknown[];
    return value;
  };
  const [date = '', time = ''] = openedAt.split('T');
  const clock = {
    now: literal(`@${openedAt}`),
    today: literal(`@${date}`),
    timeOfDay: literal(`@T${time.replace(/(?:Z|[+-]\d{2}:\d{2})$/, '')}`),
  };
  lastClock = { openedAt, clock };
  return clock;
}

/** A number for expressions that keeps its digits: 0.1 and 0.2 are 0.3. */
export function exactNumber(digits: string): unknown {
  return fhirpath.FP_Decimal.getDecimal(digits);
}

/** True, false, or null where an expression gives neither. Nothing is false (SDC enableWhenExpression). */
export function truthOf(given: readonly unknown[] | null): boolean | null {
  if (given === null || given.length > 1) return null;
  const [first = false] = given;
  return typeof first === 'boolean' ? first : null;
}

/** What an expression gives as an answer of a type; null where it is none. */
export function valueGiven(given: unknown, type: string): Value | null {
  const digits = digitsOf(given);
  switch (type) {
    case 'integer':
      return digits !== null && /^-?\d+$/.test(digits) ? { type: 'Integer', value: digits } : null;
    case 'decimal':
      return digits === null ? null : { type: 'Decimal', value: digits };
    case 'boolean':
      return valueIn('Boolean', given);
    case 'quantity':
      return valueIn('Quantity', given);
    case 'choice':
    case 'open-choice':
      return valueIn('Coding', given) ?? (typeof given === 'string' ? { type: 'String', value: given } : null);
    case 'date':
    case 'dateTime':
    case 'time':
      return typeof given === 'string' ? valueIn(TEMPORAL[type], given) : null;
    case 'url':
      return valueIn('Uri', given);
    case 'reference':
      return valueIn('Reference', given);
    default:
      return typeof given === 'string' || digits !== null ? { type: 'String', value: String(digits ?? given) } : null;
  }
}

const TEMPORAL = { date: 'Date', dateTime: 'DateTime', time: 'Time' } as const;

/** Plain digits of a number: what binary fractions add to it, and exponents, are none of it. */
function digitsOf(given: unknown): string | null {
  const isExact = given instanceof fhirpath.FP_Decimal;
  if (typeof given !== 'number' && !isExact) return null;
  const number = Number(given);
  if (!Number.isFinite(number)) return null;
  const text = isExact ? String(given) : String(Number(number.toPrecision(15)));
  if (/^-?\d+(?:\.\d+)?$/.test(text))
    return text.includes('.') ? text.slice(0, text.indexOf('.') + 9).replace(/\.?0+$/, '') : text;
  return null;
}
