import { randomUUID } from 'node:crypto';
import type { Identifier } from 'fhir/r4';
import { isResourceType } from '../fhir/validate.ts';
import type { Repository } from '../store/store.ts';
import { replaceStrings } from '../store/text.ts';
import { type Item, readItems } from './read-files.ts';

interface Prepared {
  type: string;
  id: string;
  text: string;
}

const URN = /^urn:uuid:([A-Za-z0-9\-.]{1,64})$/;
const CONDITIONAL = /"reference"\s*:\s*"([A-Z][A-Za-z]+\?[^"\\]+)"/g;

interface Directory {
  /** What a reference in a file means: fullUrls and conditional references to `Type/id`. */
  rewrites: Map<string, string>;
  /** `Type?identifier=system|value` and `Type?identifier=value`. */
  byIdentifier: Map<string, string>;
}

function identify(item: Item, directory: Directory): Prepared | undefined {
  const resource = JSON.parse(item.text) as {
    resourceType?: string;
    id?: string;
    identifier?: Identifier | Identifier[];
  };
  const type = resource.resourceType ?? '';
  if (!isResourceType(type)) return undefined;
  const id = resource.id ?? URN.exec(item.fullUrl ?? '')?.[1] ?? randomUUID();
  const key = `${type}/${id}`;
  if (item.fullUrl && item.fullUrl !== key) directory.rewrites.set(item.fullUrl, key);
  for (const { system, value } of [resource.identifier ?? []].flat()) {
    if (value) {
      directory.byIdentifier.set(`${type}?identifier=${system ?? ''}|${value}`, key);
      directory.byIdentifier.set(`${type}?identifier=${value}`, key);
    }
  }
  return { type, id, text: item.text };
}

function resolveConditional(items: Prepared[], { rewrites, byIdentifier }: Directory): void {
  for (const { text } of items) {
    if (!text.includes('?')) continue;
    for (const [, reference = ''] of text.matchAll(CONDITIONAL)) {
      const key = byIdentifier.get(reference) ?? byIdentifier.get(decodeURIComponent(reference));
      if (key) rewrites.set(reference, key);
    }
  }
}

/** Loads a directory. A resource that several files hold is taken once; references within files come out as `Type/id`. */
export function loadDirectory(store: Repository, path: string, onProgress: (message: string) => void): number {
  const directory: Directory = { rewrites: new Map(), byIdentifier: new Map() };
  const seen = new Set<string>();
  const items = readItems(path).flatMap((item) => {
    const prepared = identify(item, directory);
    const key = prepared && `${prepared.type}/${prepared.id}`;
    if (!prepared || !key || seen.has(key)) return [];
    seen.add(key);
    return [prepared];
  });
  if (items.length === 0) throw new Error(`no FHIR resources found in ${path}`);
  resolveConditional(items, directory);
  onProgress(`loading ${items.length} resources`);
  store.clock.makeRoom(items.length);
  for (const [i, { type, id, text }] of items.entries()) {
    store.write(replaceStrings(text, directory.rewrites), type, id, 'PUT');
    if (i % 20_000 === 19_999) onProgress(`loaded ${i + 1} resources`);
  }
  return items.length;
}
