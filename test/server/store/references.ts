/** Every literal reference in a resource, as `Type/id`, whatever server URL or version stands around it. */

const LITERAL = /(?:^|\/)([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/** `Type/id` of a literal reference; undefined for fragments, URNs and conditional references. */
export function referenceKey(reference: string): string | undefined {
  return LITERAL.exec(reference)?.[1];
}

function collect(value: unknown, into: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, into);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      if (name === 'reference' && typeof member === 'string') {
        const key = referenceKey(member);
        if (key) into.add(key);
      } else if (typeof member === 'object') collect(member, into);
    }
  }
}

export function referencesOf(resource: object): string[] {
  const found = new Set<string>();
  collect(resource, found);
  return [...found];
}
