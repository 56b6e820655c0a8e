import { randomUUID } from 'node:crypto';
import { decodeCursor, type SearchResult, search } from '../search/execute.ts';
import { included } from '../search/include.ts';
import { parseCount, type SearchRequest } from '../search/request.ts';
import { shape } from '../search/shape.ts';
import { dateRange } from '../search/values.ts';
import type { Version } from '../store/store.ts';
import { demand } from './access.ts';
import { type Call, etag, type Fhir, searchOf, urlOf } from './call.ts';
import { badRequest, FhirError, notFound, type Reply } from './reply.ts';

/** Bundles as text around texts: resources go out just as they are stored. */
interface BundleParts {
  type: 'searchset' | 'history';
  total: number | undefined;
  links: { relation: string; url: string }[];
  entries: string[];
  lastUpdated: string;
}

function bundle(parts: BundleParts): Reply {
  const fields = [
    `"resourceType":"Bundle","id":"${randomUUID()}","meta":{"lastUpdated":"${parts.lastUpdated}"},"type":"${parts.type}"`,
    parts.total === undefined ? '' : `"total":${parts.total}`,
    `"link":${JSON.stringify(parts.links)}`,
    // An empty array is not valid FHIR JSON: json.html#xml-json.
    parts.entries.length === 0 ? '' : `"entry":[${parts.entries.join(',')}]`,
  ];
  return { status: 200, body: `{${fields.filter(Boolean).join(',')}}` };
}

function links(url: string, params: URLSearchParams, ignored: readonly string[], next: SearchResult['next']) {
  const used = new URLSearchParams([...params].filter(([name]) => !ignored.includes(name)));
  const href = () => (used.size > 0 ? `${url}?${used}` : url);
  const found = [{ relation: 'self', url: href() }];
  if (next) {
    used.set(...next);
    found.push({ relation: 'next', url: href() });
  }
  return found;
}

function searchEntry(fhir: Fhir, version: Version, request: SearchRequest, mode: 'match' | 'include'): string {
  const text = shape(version.text!, version.type, request);
  return `{"fullUrl":"${urlOf(fhir, version)}","resource":${text},"search":{"mode":"${mode}"}}`;
}

/** A search of one type, of several (`_type`), or within a compartment (`within`): FHIR R4 http.html#search. */
export function searchBundle(
  fhir: Fhir,
  call: Call,
  types: string[],
  params: URLSearchParams,
  path: string,
  within?: (type: string) => Version[],
): Reply {
  for (const type of types) demand(call.access, type, 's');
  const request = searchOf(call, types, params);
  request.count = Math.min(request.count, fhir.dialect.maxCount);
  const result = search(fhir.store, request, within, fhir.dialect.offsetLimit);
  const extra = included(fhir.store, request.includes, result.matches, request.strict).filter((version) =>
    call.access.allows(version.type, 'r'),
  );
  return bundle({
    type: 'searchset',
    total: request.total ? result.total : undefined,
    links: links(`${fhir.base}${path}`, params, result.ignored, result.next),
    entries: [
      ...result.matches.map((version) => searchEntry(fhir, version, request, 'match')),
      ...extra.map((version) => searchEntry(fhir, version, request, 'include')),
    ],
    lastUpdated: fhir.store.clock.now().toISOString(),
  });
}

function historyEntry(fhir: Fhir, version: Version): string {
  const created = version.method !== 'DELETE' && version.created === version.sequence;
  const status = version.method === 'DELETE' ? '204' : created ? '201' : '200';
  const url = version.method === 'POST' ? version.type : `${version.type}/${version.id}`;
  const time = fhir.dialect.historyTimes ? `,"lastModified":"${version.lastUpdated}"` : '';
  const about = `"request":{"method":"${version.method}","url":"${url}"},"response":{"status":"${status}","etag":${JSON.stringify(etag(version))}${time}}`;
  const resource = version.text === undefined ? '' : `"resource":${version.text},`;
  return `{"fullUrl":"${urlOf(fhir, version)}",${resource}${about}}`;
}

/** Instance, type and system history, newest first: FHIR R4 http.html#history. */
export function history(fhir: Fhir, call: Call, type: string | undefined, id: string | undefined): Reply {
  if (type) demand(call.access, type, 'r');
  let versions: readonly Version[] = type && id ? fhir.store.versions(type, id) : fhir.store.log(type);
  if (id && versions.length === 0) throw notFound(`${type}/${id}`);
  if (!type) versions = versions.filter((version) => call.access.allows(version.type, 'r'));
  const since = call.params.get('_since');
  if (since) {
    const from = dateRange(since)?.low;
    if (from === undefined) throw badRequest(`_since=${since} is not an instant`);
    versions = versions.filter((version) => Date.parse(version.lastUpdated) >= from);
  }
  const count = Math.min(parseCount(call.params.get('_count')), fhir.dialect.maxCount);
  const cursor = call.params.get('_cursor');
  const before = cursor ? (decodeCursor(cursor, 1)[0] as number) : Number.POSITIVE_INFINITY;
  const rest = versions.filter((version) => version.sequence < before).reverse();
  const page = rest.slice(0, count);
  const more = page.length > 0 && rest.length > page.length;
  const cursor64 = Buffer.from(JSON.stringify([page.at(-1)?.sequence])).toString('base64url');
  const path = ['', type, id, '_history'].filter((part) => part !== undefined).join('/');
  return bundle({
    type: 'history',
    total: versions.length,
    links: links(`${fhir.base}${path}`, call.params, [], more ? ['_cursor', cursor64] : undefined),
    entries: page.map((version) => historyEntry(fhir, version)),
    lastUpdated: fhir.store.clock.now().toISOString(),
  });
}

const COMPANIONS = new Set(['Practitioner', 'PractitionerRole', 'Organization', 'Location', 'Medication', 'Device']);

/** What is outside the compartment but needed to read it: who, where, with what. */
export function companions(fhir: Fhir, versions: readonly Version[]): Version[] {
  const keys = new Set(versions.flatMap((version) => version.references));
  const found = [...keys].flatMap((key) => {
    const [type = '', id = ''] = key.split('/');
    const version = COMPANIONS.has(type) ? fhir.store.current(type, id) : undefined;
    return version?.text && version.compartments.length === 0 ? [version] : [];
  });
  return found;
}

/** Current versions in a patient's compartment, the patient first. */
export function compartment(fhir: Fhir, patientId: string, type?: string): Version[] {
  const patient = fhir.store.current('Patient', patientId);
  const others = fhir.store
    .referring(`Patient/${patientId}`, type)
    .filter((version) => version.compartments.includes(patientId) && version !== patient);
  return [...(patient?.text && (!type || type === 'Patient') ? [patient] : []), ...others];
}

/** FHIR R4 patient-operation-everything.html, paged by `_count`. */
export function everything(fhir: Fhir, call: Call, id: string): Reply {
  demand(call.access, 'Patient', 'r');
  const patient = fhir.store.current('Patient', id);
  if (!patient) throw notFound(`Patient/${id}`);
  if (!patient.text) throw new FhirError(410, 'deleted', `Patient/${id} was deleted`);
  const all = compartment(fhir, id);
  const versions = [...all, ...companions(fhir, all)].filter((version) => call.access.allows(version.type, 'r'));
  const types = [...new Set(versions.map((version) => version.type))];
  const wanted = call.params.get('_type')?.split(',');
  const params = new URLSearchParams([...call.params].filter(([name]) => name !== '_since'));
  const since = call.params.get('_since');
  if (since) params.set('_lastUpdated', `ge${since}`);
  // Without `_count` everything comes at once, as the operation says.
  if (!params.has('_count')) params.set('_count', '1000');
  const request = searchOf(call, wanted ?? types, params);
  const result = search(fhir.store, request, (type) => versions.filter((version) => version.type === type));
  return bundle({
    type: 'searchset',
    total: result.total,
    links: links(`${fhir.base}/Patient/${id}/$everything`, call.params, [], result.next),
    entries: result.matches.map((version) => searchEntry(fhir, version, request, 'match')),
    lastUpdated: fhir.store.clock.now().toISOString(),
  });
}
