import type { Fault } from './fault.ts';

/** An element of a StructureDefinition as definitions.generated.ts has it. */
interface Element {
  readonly path: string;
  readonly type?: readonly { readonly code: string }[];
  readonly contentReference?: string;
  /** `system|code` of its required binding. */
  readonly codes?: readonly string[];
}

export interface Definition {
  readonly id: string;
  readonly snapshot: { readonly element: readonly Element[] };
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const CHOICE = '[x]';

/**
 * What the library doesn't look at: codes of required bindings (R4 terminologies.html#required), lists and objects with
 * nothing in them, and the form of a resource's id.
 */
export function createBindings(definitions: readonly Definition[]): (resource: object) => Fault[] {
  const elements = new Map(definitions.flatMap(({ snapshot }) => snapshot.element.map((one) => [one.path, one])));
  const choices = [...elements.values()].filter(({ path }) => path.endsWith(CHOICE));

  /** The element of a member; of a choice the one type that it has. */
  function elementOf(base: string, name: string): Element | undefined {
    const known = elements.get(`${base}.${name}`);
    if (known) return known;
    for (const choice of choices) {
      const stem = choice.path.slice(0, -CHOICE.length);
      const suffix = `${base}.${name}`.startsWith(stem) ? `${base}.${name}`.slice(stem.length) : '';
      const type = choice.type?.find(({ code }) => code.charAt(0).toUpperCase() + code.slice(1) === suffix);
      if (type && suffix !== '') return { ...choice, type: [type] };
    }
    return undefined;
  }

  /** Where the members of an element are defined. */
  function inside({ path, type = [], contentReference }: Element): string {
    if (contentReference) return contentReference.slice(contentReference.indexOf('#') + 1);
    const code = type[0]?.code ?? '';
    return code === 'BackboneElement' || code === 'Element' ? path : code;
  }

  function walk(value: object, base: string, at: string): Fault[] {
    return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
      const element = elementOf(base, name);
      if (!element) return [];
      const list = Array.isArray(member) ? member : [member];
      if (isEmpty(member)) return [{ path: `${at}.${name}`, words: 'is empty' }];
      return list.flatMap((one: unknown, index) => {
        const path = `${at}.${name}${Array.isArray(member) ? `[${index}]` : ''}`;
        const here = element.codes && !isBound(one, element.codes) ? [{ path, words: NOT_BOUND }] : [];
        const isObject = typeof one === 'object' && one !== null;
        return isObject ? [...here, ...walk(one, inside(element), path)] : here;
      });
    });
  }

  return (resource) => {
    const { resourceType = '', id } = resource as { resourceType?: string; id?: unknown };
    const badId = id !== undefined && !(typeof id === 'string' && ID.test(id));
    const idFault = badId ? [{ path: `${resourceType}.id`, words: 'is no FHIR id' }] : [];
    return [...idFault, ...walk(resource, resourceType, resourceType)];
  };
}

/** R4 json.html: what is there has something in it. */
function isEmpty(member: unknown): boolean {
  return typeof member === 'object' && member !== null && Object.keys(member).length === 0;
}

const NOT_BOUND = 'is none of the codes that FHIR has for it';

/** A code, a Coding, or a CodeableConcept of which one coding is of the value set. */
function isBound(value: unknown, codes: readonly string[]): boolean {
  // In the place of a primitive that has an extension only.
  if (value === null) return true;
  if (typeof value === 'string') return codes.some((one) => one.endsWith(`|${value}`));
  const { coding, system, code } = value as { coding?: unknown; system?: unknown; code?: unknown };
  if (Array.isArray(coding)) return coding.some((one) => isBound(one, codes));
  return codes.includes(`${system}|${code}`);
}
