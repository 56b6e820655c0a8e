import type { Dialect } from '../dialect.ts';
import { parseSearch, type SearchRequest } from '../search/request.ts';
import type { Repository, Version } from '../store/store.ts';
import type { Access } from './access.ts';
import { badRequest, FhirError, type Reply } from './reply.ts';
import { isResourceType } from './validate.ts';

/** One FHIR request: from HTTP, or an entry of a batch or transaction. */
export interface Call {
  method: string;
  /** Path segments under the FHIR base, decoded. */
  path: string[];
  params: URLSearchParams;
  header: (name: string) => string | undefined;
  body: Buffer;
  access: Access;
}

/** What handlers work on. */
export interface Fhir {
  store: Repository;
  /** The FHIR base URL, without a slash at the end. */
  base: string;
  dialect: Dialect;
  /** Address of its uploads by tus, where it takes any. */
  files?: string | null;
}

/** Whether this server has the type at all. */
export function offers({ dialect }: Fhir, type: string): boolean {
  return isResourceType(type) && (dialect.types?.includes(type) ?? true);
}

/** A value of the Prefer header: `handling`, `return`, or `respond-async` as "true". FHIR R4 http.html#ops. */
export function preference(call: Call, name: string): string | undefined {
  const parts = (call.header('prefer') ?? '').split(/[;,]/).map((part) => part.trim());
  const found = parts.find((part) => part === name || part.startsWith(`${name}=`));
  return found && (found.slice(name.length + 1) || 'true');
}

export const isStrict = (call: Call) => preference(call, 'handling') === 'strict';

export function searchOf(call: Call, types: string[], params = call.params): SearchRequest {
  return parseSearch(types, params, isStrict(call));
}

export const etag = (version: Version) => `W/"${version.versionId}"`;
export const httpDate = (instant: string) => new Date(instant).toUTCString();
export const urlOf = (fhir: Fhir, version: Version) => `${fhir.base}/${version.type}/${version.id}`;

export function versionHeaders(version: Version): Record<string, string> {
  return { etag: etag(version), 'last-modified': httpDate(version.lastUpdated) };
}

export const JSON_TYPES = /^(?:application\/(?:fhir\+)?json|text\/json)\b/;

/** The body as text of JSON; throws 415 and 400 (FHIR R4 http.html#mime-type, #create). */
export function jsonText(call: Call): string {
  const type = call.header('content-type') ?? 'application/fhir+json';
  if (!JSON_TYPES.test(type)) throw new FhirError(415, 'not-supported', `the content type ${type} is not supported`);
  return call.body.toString('utf8').replace(/^\uFEFF/, '');
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body is not JSON: ${(error as Error).message}`);
  }
}

/** `If-Match` and `If-None-Match` entity tags are weak and compared by their version id. */
export function tags(header: string | undefined): string[] {
  return (header ?? '').split(',').flatMap((tag) => tag.trim().replace(/^W\//, '').replace(/^"|"$/g, '') || []);
}

/** The answer to a write, as `Prefer: return=` asks (FHIR R4 http.html#return). */
export function writeReply(fhir: Fhir, call: Call, status: number, version: Version): Reply {
  const headers = {
    ...versionHeaders(version),
    location: `${urlOf(fhir, version)}/_history/${version.versionId}`,
  };
  const about = { status, headers, lastUpdated: version.lastUpdated };
  const prefer = preference(call, 'return');
  if (prefer === 'minimal') return about;
  if (prefer === 'OperationOutcome') {
    const issue = [
      { severity: 'information', code: 'informational', diagnostics: `stored as version ${version.versionId}` },
    ];
    return { ...about, body: JSON.stringify({ resourceType: 'OperationOutcome', issue }) };
  }
  return { ...about, body: version.text! };
}
