import { definitions } from './parameters.generated.ts';

/* The search parameters that the cache knows, read from their lines in parameters.generated.ts. */

export type Kind = 'token' | 'string' | 'date' | 'quantity' | 'number' | 'reference' | 'uri' | 'composite';

/** A place in a resource, and the type of what is there. */
export interface Leaf {
  /** Members joined by dots, each with `[system=phone]` or `[>Patient]` where it is filtered. */
  readonly path: string;
  /** FHIR type; `other` for one that can't be compared, whose presence counts all the same. */
  readonly element: string;
}

export interface Part {
  readonly kind: Kind;
  readonly leaves: readonly Leaf[];
}

export interface Parameter {
  readonly type: string;
  readonly code: string;
  readonly kind: Kind;
  /** A resource has at most one value. */
  readonly single: boolean;
  readonly leaves: readonly Leaf[];
  /** Parameters of the same type whose rows answer this one too. */
  readonly of: readonly string[];
  /** Types that a reference may point to; empty for any. */
  readonly targets: readonly string[];
  /** The reference whose Patient is the record's patient, a column of every index. */
  readonly compartment: boolean;
  /** Sibling member of a quantity whose concept stands in the quantity's rows. */
  readonly beside: string | null;
  /** Of a composite of code and quantity: the quantities that hold both. */
  readonly quantities: readonly string[];
  /** Of another composite: the elements that hold its parts together, and the parts below them. */
  readonly bases: readonly string[];
  readonly parts: readonly Part[];
}

/** What every resource has (R4 search.html#all). `_id` and full text need no table. */
const common: Readonly<Record<string, string>> = {
  _lastUpdated: 'date! meta.lastUpdated:instant',
  _profile: 'uri meta.profile:canonical',
  _security: 'token meta.security:Coding',
  _source: 'uri! meta.source:uri',
  _tag: 'token meta.tag:Coding',
};

/** Types that have parameters of their own. */
export const indexedTypes: readonly string[] = Object.keys(definitions);

const types = new Map<string, ReadonlyMap<string, Parameter>>();

/** All parameters of a type by code, those of every resource included. */
export function parametersOf(type: string): ReadonlyMap<string, Parameter> {
  let found = types.get(type);
  if (!found) {
    const own = Object.hasOwn(definitions, type) ? definitions[type] : {};
    found = new Map(
      Object.entries({ ...own, ...common }).map(([code, line]) => [code, parse(type, code, line)] as const),
    );
    types.set(type, found);
  }
  return found;
}

/** A parameter, or undefined. */
export function parameterOf(type: string, code: string): Parameter | undefined {
  return parametersOf(type).get(code);
}

/** The parameters that have rows: itself, or those it is made of. */
export function rowsOf(parameter: Parameter): readonly Parameter[] {
  if (parameter.of.length === 0) return [parameter];
  return parameter.of.flatMap((code) => {
    const found = parameterOf(parameter.type, code);
    return found ? rowsOf(found) : [];
  });
}

/** True for identifiers and contact points, which are kept as text: nearly each is the only one of its kind. */
export function holdsIdentifiers({ kind, leaves }: Parameter): boolean {
  return kind === 'token' && leaves.every(({ element }) => element === 'Identifier' || element === 'ContactPoint');
}

/** True for addresses of definitions, which are the same wherever they are kept: they are compared whole. */
export function holdsCanonicals({ leaves }: Parameter): boolean {
  return leaves.length > 0 && leaves.every(({ element }) => element === 'canonical');
}

function parse(type: string, code: string, line: string): Parameter {
  const [head = '', ...partLines] = line.split(' ; ');
  const [first = '', ...words] = head.split(' ');
  const sections = split(words);
  const composite = first === 'composite';
  return {
    type,
    code,
    kind: first.replace(/[!@]/g, '') as Kind,
    single: first.includes('!'),
    compartment: first.includes('@'),
    leaves: composite ? [] : sections.start.map(leafOf),
    of: composite ? [] : sections['='],
    targets: sections['>'],
    beside: sections['~'][0] ?? null,
    quantities: composite ? sections['='] : [],
    bases: composite ? sections.start.slice(1).map((base) => (base === '.' ? '' : base)) : [],
    parts: partLines.map(partOf),
  };
}

function split(words: readonly string[]): Record<'start' | '=' | '>' | '~', string[]> {
  const sections = { start: [] as string[], '=': [] as string[], '>': [] as string[], '~': [] as string[] };
  let section: keyof typeof sections = 'start';
  for (const word of words) {
    if (word === '=' || word === '>' || word === '~') section = word;
    else sections[section].push(word);
  }
  return sections;
}

function leafOf(word: string): Leaf {
  const colon = word.lastIndexOf(':');
  return { path: word.slice(0, colon), element: word.slice(colon + 1) };
}

function partOf(line: string): Part {
  const [kind = '', ...leaves] = line.split(' ');
  return { kind: kind as Kind, leaves: leaves.map(leafOf) };
}
