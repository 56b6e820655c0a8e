import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import type { Expression } from './source.ts';
import { type Value, valueIn } from './values.ts';

/** What expressions may name, without the percent sign. */
export type Environment = Readonly<Record<string, unknown>>;

type Compiled = (data: unknown, environment: Environment) => unknown[];

/** What has no data is nothing: it is no error that there is no encounter. */
const NOTHING: readonly never[] = [];
const FHIRPATH = 'text/fhirpath';
/** Functions that would ask a server are refused by the library (`async: false`), and nothing is written out. */
const OPTIONS = { async: false as const, resolveInternalTypes: true, traceFn: () => undefined };

const compiled = new Map<string, Compiled | null>();
const REMEMBERED_MAX = 2_000;

/** What an expression gives; null where it can't be worked out. */
export function evaluate(
  { language, expression }: Expression,
  data: unknown,
  base: 'QuestionnaireResponse' | 'QuestionnaireResponse.item',
  environment: Environment,
): unknown[] | null {
  if (language !== FHIRPATH) return null;
  const run = compile(expression, base);
  if (run === null) return null;
  try {
    return run(data, environment);
  } catch {
    return null;
  }
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
    return (data, environment) =>
      run(
        data,
        Object.fromEntries(Object.entries(environment).map(([name, one]) => [name, one ?? NOTHING])),
      ) as unknown[];
  } catch {
    return null;
  }
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
