import { parseReference } from '../json.ts';

/** Types outside the patient's compartment whose content the chart needs. */
export const sharedTypes: ReadonlySet<string> = new Set([
  'Location',
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'Medication',
  'Binary',
]);
const TYPES = [...sharedTypes].join('|');
/** Asked first of each `reference` and `url`: most are of other types, or of extensions. */
const MAY_BE_SHARED = new RegExp(`\\b(?:${TYPES})/`);
/** The same in the text of a resource that is written without escapes: then a quote begins or ends a string. */
const IN_TEXT = new RegExp(`"(?:reference|url)"\\s*:\\s*"([^"]*\\b(?:${TYPES})/[^"]*)"`, 'g');
const DEPTH_MAX = 24;

/** Calls `found` for each shared resource that a resource refers to. */
export function eachSharedReference(
  { body, resource }: { readonly body: string; readonly resource: unknown },
  found: (type: string, id: string) => void,
): void {
  if (body.includes('\\')) walk(resource, 0, found);
  else {
    // `matchAll` would compile the expression anew for each resource.
    IN_TEXT.lastIndex = 0;
    for (let match = IN_TEXT.exec(body); match; match = IN_TEXT.exec(body)) note(match[1], found);
  }
}

function walk(value: unknown, depth: number, found: (type: string, id: string) => void): void {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return;
  if (Array.isArray(value)) {
    for (const element of value) walk(element, depth + 1, found);
    return;
  }
  const members = value as Record<string, unknown>;
  for (const key in members) {
    const member = members[key];
    if (typeof member === 'object') walk(member, depth + 1, found);
    else if (key === 'reference' || key === 'url') note(member, found);
  }
}

function note(value: unknown, found: (type: string, id: string) => void): void {
  const reference = typeof value === 'string' && MAY_BE_SHARED.test(value) ? parseReference(value) : undefined;
  if (reference && sharedTypes.has(reference.type)) found(reference.type, reference.id);
}
