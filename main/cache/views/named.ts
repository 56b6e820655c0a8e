import { text } from '../json.ts';
import { isObject, type Json, type JsonObject } from '../outbox/content.ts';
import { type Lookup, personText } from './medications.ts';
import { entryText } from './timeline.ts';

const REFERENCES_MAX = 50;

/** Gives what is referred to the name under which it is known here, where the record itself gives it none. */
export function named(resource: JsonObject, lookup: Lookup): JsonObject {
  let left = REFERENCES_MAX;
  const nameOf = (reference: string): string | null => {
    left -= 1;
    if (left < 0) return null;
    const found = lookup(reference);
    const type = text(found, 'resourceType');
    return personText({ reference }, lookup) ?? (type ? entryText(type, 0, found, lookup, null).title : null);
  };
  const walk = (value: Json): Json => {
    if (Array.isArray(value)) return value.map((one: Json) => walk(one));
    if (!isObject(value)) return value;
    const { reference, display } = value;
    if (typeof reference === 'string' && display === undefined) {
      const name = nameOf(reference);
      return name === null ? value : { ...value, display: name };
    }
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(one ?? null)]));
  };
  return walk(resource) as JsonObject;
}
