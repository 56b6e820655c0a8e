import { field, parseReference, text } from '../json.ts';

/** HL7's code systems by their addresses in R4 and in STU3, and by their OIDs. */
const CONFIDENTIALITY: ReadonlySet<string> = new Set([
  'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  'http://hl7.org/fhir/v3/Confidentiality',
  'urn:oid:2.16.840.1.113883.5.25',
]);
const ACT_CODE: ReadonlySet<string> = new Set([
  'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  'http://hl7.org/fhir/v3/ActCode',
  'urn:oid:2.16.840.1.113883.5.4',
]);

/** What the security labels of a record say (R4 security-labels.html), as access decides on it. */
export interface Labels {
  /** The most restrictive one: `R`, `V`, `unknown` for a code that is none of HL7's levels, else `N`. */
  readonly confidentiality: 'N' | 'R' | 'V' | 'unknown';
  /** Codes of v3-ActCode, such as `HIV`; what is of another system is `system|code`: not known means sensitive. */
  readonly sensitivity: readonly string[];
  /** Practitioners who wrote it, as references. */
  readonly authors: readonly string[];
}

/** Levels that any clinician of the patient may see. */
const ORDINARY: ReadonlySet<string> = new Set(['U', 'L', 'M', 'N']);
const LABELS_MAX = 50;

/** What is no label of who may see it: test data, and where or how a record is kept. */
const OTHER_SYSTEMS: ReadonlySet<string> = new Set([
  'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
]);

/**
 * The labels of a resource as one text, the same for all that are decided alike; empty for one that has none, or only
 * such as any clinician of the patient may see. So nearly all records share one, and a chart needs few decisions.
 */
export function labelsText(resource: unknown): string {
  const security = field(resource, 'meta', 'security');
  if (security === undefined || (Array.isArray(security) && security.length === 0)) return '';
  // Labels that can't be read are labels.
  const codings: readonly unknown[] = Array.isArray(security) ? security : [security];
  const confidentiality = highest(codings.filter((coding) => CONFIDENTIALITY.has(text(coding, 'system') ?? '')));
  // More of them than anybody gives out: what is left out must not open the record.
  const excess = codings.length > LABELS_MAX ? ['too-many'] : [];
  const sensitivity = [...new Set([...codings.slice(0, LABELS_MAX).flatMap(sensitivityOf), ...excess])].sort();
  if (confidentiality === 'N' && sensitivity.length === 0) return '';
  const labels: Labels = { confidentiality, sensitivity, authors: authorsOf(resource) };
  return JSON.stringify(labels);
}

/** The labels that a text stands for. */
export function labelsOf(labels: string): Labels {
  return labels === '' ? { confidentiality: 'N', sensitivity: [], authors: [] } : (JSON.parse(labels) as Labels);
}

/** Of several levels the most restrictive one holds (HL7 DS4P, high water mark). */
function highest(codings: readonly unknown[]): Labels['confidentiality'] {
  const codes = codings.map((coding) => text(coding, 'code') ?? '');
  if (codes.some((code) => code !== 'R' && code !== 'V' && !ORDINARY.has(code))) return 'unknown';
  return codes.includes('V') ? 'V' : codes.includes('R') ? 'R' : 'N';
}

function sensitivityOf(coding: unknown): string[] {
  const system = text(coding, 'system') ?? '';
  if (CONFIDENTIALITY.has(system) || OTHER_SYSTEMS.has(system)) return [];
  const code = (text(coding, 'code') ?? text(coding, 'display') ?? '').slice(0, 200);
  return [ACT_CODE.has(system) && code !== '' ? code : `${system.slice(0, 200)}|${code}`];
}

const AUTHORS_MAX = 10;

/** Who wrote, asked for or carried out what the record tells, by the elements that chart records have for it. */
export function authorsOf(resource: unknown): string[] {
  const found = new Set<string>();
  for (const name of ['author', 'recorder', 'asserter', 'requester', 'performer']) {
    const value = field(resource, name);
    for (const one of Array.isArray(value) ? value : [value]) {
      const reference = parseReference(field(one, 'reference') ?? field(one, 'actor', 'reference'));
      if (reference?.type === 'Practitioner') found.add(`Practitioner/${reference.id}`);
    }
  }
  return [...found].sort().slice(0, AUTHORS_MAX);
}
