import { parseExact } from '../server/store/text.ts';

/** The records that the simulation edits. Each edit puts a marker, a text of its own, into one of two elements. */
export const recordTypes = ['Observation', 'DocumentReference', 'Condition', 'AllergyIntolerance'] as const;
export type RecordType = (typeof recordTypes)[number];

/** Types that are never merged without a person (design rule 4). */
export const neverMerged: ReadonlySet<string> = new Set(['Condition', 'AllergyIntolerance']);

/** `a` and `b`: two elements that different people may change. */
export type Field = 'a' | 'b';
export const fields: readonly Field[] = ['a', 'b'];

/** What stands in the two elements; null: nothing. */
export type Markers = Readonly<Record<Field, string | null>>;

export const paths: Readonly<Record<RecordType, Readonly<Record<Field, string>>>> = {
  Observation: { a: 'note', b: 'method' },
  DocumentReference: { a: 'description', b: 'type' },
  Condition: { a: 'note', b: 'bodySite' },
  AllergyIntolerance: { a: 'note', b: 'code' },
};

function elementOf(path: string, marker: string): unknown {
  if (path === 'description') return marker;
  if (path === 'note') return [{ text: marker }];
  return path === 'bodySite' ? [{ text: marker }] : { text: marker };
}

function markerIn(element: unknown): string | null {
  const value = Array.isArray(element) ? (element[0] as unknown) : element;
  if (typeof value === 'string') return value;
  const text = (value as { text?: unknown } | undefined)?.text;
  return typeof text === 'string' ? text : null;
}

/** The markers in a resource's text; of a deleted one (undefined) none. */
export function markersOf(type: string, text: string | undefined | null): Markers {
  const path = paths[type as RecordType];
  if (!path || !text) return { a: null, b: null };
  const resource = JSON.parse(text) as Record<string, unknown>;
  return { a: markerIn(resource[path.a]), b: markerIn(resource[path.b]) };
}

/** The text with a marker put in; all else, decimals too, as it was. */
export function mark(type: RecordType, text: string, field: Field, marker: string): string {
  const resource = parseExact(text) as Record<string, unknown>;
  return JSON.stringify({ ...resource, [paths[type][field]]: elementOf(paths[type][field], marker) });
}

/** The text of a record as one of another patient. */
export function refiled(text: string, patient: string): string {
  return text.replace(/("(?:subject|patient)":{"reference":"Patient\/)[^"]*/, `$1${patient}`);
}

/** A new record of a patient. `valid` false: one that every server rejects. */
export function newRecord(type: RecordType, id: string, patient: string, marker: string, valid = true): string {
  const subject = `{"reference":"Patient/${patient}"}`;
  const bodies: Record<RecordType, string> = {
    Observation: `"status":"final","code":{"text":"Lactate"},"valueQuantity":{"value":1.50,"unit":"mmol/L"},"subject":${subject},"performer":[{"reference":"Practitioner/shared"}]`,
    DocumentReference: `"status":"current","subject":${subject},"content":[{"attachment":{"contentType":"text/plain","data":"AAAA"}}]`,
    Condition: `"subject":${subject},"code":{"text":"Sepsis"}`,
    AllergyIntolerance: `"patient":${subject}`,
  };
  const text = `{"resourceType":"${type}","id":"${id}",${valid ? '' : '"noElementOfFhir":true,'}${bodies[type]}}`;
  return mark(type, text, 'a', marker);
}
