import { createBindings, type Definition } from './bindings.ts';
import type { Fault } from './fault.ts';

export type Validator = (resource: object) => Fault[];

interface Issue {
  readonly details?: { readonly text?: string };
  readonly expression?: readonly string[];
}

type Library = typeof import('./medplum.ts');

/**
 * Checks of resources against R4 (decision 57). Library and definitions are read at the first write: 3.5 MB and a tenth
 * of a second that no start pays for.
 */
export async function loadValidator(): Promise<Validator> {
  const library = await loadLibrary();
  const { definitions } = await import('./definitions.generated.ts');
  const parsed = definitions.map((text) => JSON.parse(text) as Definition);
  const entry = parsed.map((resource) => ({ resource }));
  library.indexStructureDefinitionBundle({ resourceType: 'Bundle', type: 'collection', entry } as never);
  const bindings = createBindings(parsed);
  return (resource) => unique([...issuesOf(library, resource).flatMap(faultOf), ...bindings(resource)]);
}

/** It names WebSocket as it loads, which Node 20 hasn't; nothing of ours connects by it. */
async function loadLibrary(): Promise<Library> {
  const place = globalThis as { WebSocket?: unknown };
  const isMissing = place.WebSocket === undefined;
  if (isMissing) place.WebSocket = class {};
  try {
    return await import('./medplum.ts');
  } finally {
    if (isMissing) delete place.WebSocket;
  }
}

function issuesOf({ validateResource }: Library, resource: object): readonly Issue[] {
  try {
    return validateResource(resource as never) as readonly Issue[];
  } catch (error) {
    const { outcome } = error as { outcome?: { issue?: readonly Issue[] } };
    if (outcome?.issue) return outcome.issue;
    throw error;
  }
}

/** What the library only warns of counts, but for references by a whole address, of which it can't tell the type. */
function faultOf({ details, expression }: Issue): Fault[] {
  const text = details?.text ?? 'is not valid';
  const path = expression?.[0] ?? '';
  const wrongType = /^Invalid reference: got "([^"]*)"/.exec(text);
  if (wrongType && !/^[A-Z][A-Za-z]+$/.test(wrongType[1] ?? '')) return [];
  return [{ path, words: wrongType ? 'refers to another type of record than it may' : wordsOf(text) }];
}

function wordsOf(text: string): string {
  return /^Invalid additional property/.test(text) ? 'is no element of this type' : text;
}

function unique(faults: readonly Fault[]): Fault[] {
  return [...new Map(faults.map((one) => [`${one.path} ${one.words}`, one])).values()];
}
