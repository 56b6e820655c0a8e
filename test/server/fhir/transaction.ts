import { STATUS_CODES } from 'node:http';
import type { BundleEntryRequest } from 'fhir/r4';
import { findAll } from '../search/execute.ts';
import { parseSearch } from '../search/request.ts';
import { referenceKey } from '../store/references.ts';
import { arrayItems, objectMembers, replaceStrings } from '../store/text.ts';
import { type Call, type Fhir, jsonText, parseJson, preference } from './call.ts';
import { conditionalUpdate, conditionMatches, conditionTarget, create } from './interactions.ts';
import { badRequest, errorReply, FhirError, preconditionFailed, type Reply } from './reply.ts';
import { isResourceType } from './validate.ts';

/** Batches and transactions: FHIR R4 http.html#transaction. */
interface Entry {
  fullUrl: string | undefined;
  resource: string | undefined;
  request: BundleEntryRequest;
  /** Path segments and query of request.url, relative to the base. */
  path: string[];
  params: URLSearchParams;
}

type Route = (call: Call) => Reply;

function parseUrl(fhir: Fhir, url: string): { path: string[]; params: URLSearchParams } {
  const relative = url.startsWith(`${fhir.base}/`) ? url.slice(fhir.base.length + 1) : url.replace(/^\//, '');
  const [path = '', query = ''] = relative.split('?');
  return { path: path.split('/').filter(Boolean).map(decodeURIComponent), params: new URLSearchParams(query) };
}

function parseEntries(fhir: Fhir, text: string): Entry[] {
  const span = objectMembers(text).get('entry');
  return (span ? arrayItems(text, span.start) : []).map((item, i) => {
    const members = objectMembers(text, item.start);
    const slice = (name: string) => {
      const found = members.get(name);
      return found && text.slice(found.start, found.end);
    };
    const request = JSON.parse(slice('request') ?? 'null') as BundleEntryRequest | null;
    if (!request?.method || !request.url) throw badRequest(`Bundle.entry[${i}].request needs a method and a url`);
    const fullUrl = slice('fullUrl');
    return {
      fullUrl: fullUrl && (JSON.parse(fullUrl) as string),
      resource: slice('resource'),
      request,
      ...parseUrl(fhir, request.url),
    };
  });
}

/** The entry as a call of its own. */
function entryCall(call: Call, entry: Entry, resource: string | undefined): Call {
  const { request } = entry;
  const headers: Record<string, string | undefined> = {
    'content-type': 'application/fhir+json',
    'if-match': request.ifMatch,
    'if-none-match': request.ifNoneMatch,
    'if-modified-since': request.ifModifiedSince,
    'if-none-exist': request.ifNoneExist,
    prefer: call.header('prefer'),
  };
  let body = Buffer.from(resource ?? '');
  if (request.method === 'PATCH') {
    // A JSON Patch travels in a Binary: FHIR R4 http.html#patch.
    const binary = JSON.parse(resource ?? '{}') as { contentType?: string; data?: string };
    headers['content-type'] = binary.contentType;
    body = Buffer.from(binary.data ?? '', 'base64');
  }
  return {
    method: request.method,
    path: entry.path,
    params: entry.params,
    header: (name) => headers[name],
    body,
    access: call.access,
  };
}

function responseEntry(fhir: Fhir, call: Call, reply: Reply): string {
  const status = `${reply.status} ${STATUS_CODES[reply.status] ?? ''}`.trim();
  const { location, etag } = reply.headers ?? {};
  const withEtag = fhir.dialect.entryEtags && reply.lastUpdated !== undefined;
  const failed = reply.status >= 400;
  const response = {
    status,
    ...(location && { location }),
    ...(withEtag && etag && { etag, lastModified: reply.lastUpdated }),
    ...(failed && reply.body && { outcome: JSON.parse(String(reply.body)) as unknown }),
  };
  const resource = !failed && reply.body && preference(call, 'return') !== 'minimal' ? `"resource":${reply.body},` : '';
  return `{${resource}"response":${JSON.stringify(response)}}`;
}

function answer(fhir: Fhir, call: Call, type: 'batch' | 'transaction', replies: Reply[]): Reply {
  const entries = replies.map((reply) => responseEntry(fhir, call, reply)).join(',');
  return {
    status: 200,
    body: `{"resourceType":"Bundle","type":"${type}-response"${entries ? `,"entry":[${entries}]` : ''}}`,
  };
}

/** The id each entry will have, decided before anything is written, so that references can be rewritten. */
function assignId(fhir: Fhir, call: Call, entry: Entry): string | undefined {
  const [type = '', id] = entry.path;
  const { method, ifNoneExist } = entry.request;
  if (method === 'POST' && entry.path.length === 1 && isResourceType(type)) {
    const found = ifNoneExist
      ? conditionMatches(fhir, call, type, new URLSearchParams(ifNoneExist.replace(/^.*\?/, '')))
      : [];
    return found[0]?.id ?? fhir.store.newId();
  }
  if (id === undefined && entry.params.size > 0 && ['PUT', 'PATCH', 'DELETE'].includes(method)) {
    const own = entry.resource && (JSON.parse(entry.resource) as { id?: string }).id;
    return conditionTarget(fhir, { ...call, params: entry.params }, type) ?? own ?? fhir.store.newId();
  }
  return id;
}

/** Conditional references, which only transactions allow: FHIR R4 http.html#condref. */
function conditionalReferences(fhir: Fhir, text: string, map: Map<string, string>): void {
  for (const [, reference = ''] of text.matchAll(/"reference"\s*:\s*"([A-Z][A-Za-z]+\?[^"\\]+)"/g)) {
    if (map.has(reference)) continue;
    const [type = '', query] = reference.split('?');
    const { found } = findAll(fhir.store, parseSearch([type], new URLSearchParams(query), true), undefined);
    if (found.length !== 1) throw preconditionFailed(`the reference ${reference} matches ${found.length} resources`);
    map.set(reference, `${type}/${found[0]!.id}`);
  }
}

const ORDER = ['DELETE', 'POST', 'PUT', 'PATCH', 'GET', 'HEAD'];

function runTransaction(fhir: Fhir, call: Call, entries: Entry[], route: Route): Reply[] {
  const ids = entries.map((entry) => assignId(fhir, call, entry));
  const targets = new Set<string>();
  const rewritten = new Map<string, string>();
  for (const [i, entry] of entries.entries()) {
    const key = `${entry.path[0]}/${ids[i]}`;
    const writes = !['GET', 'HEAD'].includes(entry.request.method) && ids[i] !== undefined;
    const repeated = writes && targets.has(key) && !(entry.request.method === 'POST' && entry.request.ifNoneExist);
    if (repeated) throw badRequest(`${key} is written twice in one transaction`);
    if (writes) targets.add(key);
    if (entry.fullUrl && writes && entry.request.method !== 'DELETE') {
      rewritten.set(entry.fullUrl, key);
      // Relative references are resolved against the fullUrl's base: FHIR R4 bundle.html#references.
      const relative = /^https?:/.test(entry.fullUrl) ? referenceKey(entry.fullUrl) : undefined;
      if (relative) rewritten.set(relative, key);
    }
  }
  const replies: Reply[] = new Array(entries.length);
  const order = [...entries.keys()].sort(
    (a, b) => ORDER.indexOf(entries[a]!.request.method) - ORDER.indexOf(entries[b]!.request.method),
  );
  for (const i of order) {
    const entry = entries[i]!;
    try {
      const map = new Map(rewritten);
      if (entry.resource) conditionalReferences(fhir, entry.resource, map);
      const one = entryCall(call, entry, entry.resource && replaceStrings(entry.resource, map));
      const [type = ''] = entry.path;
      if (one.method === 'POST' && entry.path.length === 1 && isResourceType(type))
        replies[i] = createOnce(fhir, one, type, ids[i]);
      else if (one.method === 'PUT' && entry.path.length === 1) replies[i] = conditionalUpdate(fhir, one, type, ids[i]);
      else replies[i] = route(one);
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      throw new FhirError(error.status, error.code, `entry ${i}: ${error.message}`, {
        expression: [`Bundle.entry[${i}]`],
      });
    }
  }
  return replies;
}

/** References were rewritten to the id that was decided: another entry that met the same condition first breaks them. */
function createOnce(fhir: Fhir, call: Call, type: string, id: string | undefined): Reply {
  const reply = create(fhir, call, type, id);
  if (!reply.headers?.['location']?.includes(`/${type}/${id}/`)) {
    throw badRequest('another entry creates what If-None-Exist asks for');
  }
  return reply;
}

function runBatch(call: Call, entries: Entry[], route: Route): Reply[] {
  return entries.map((entry) => {
    try {
      return route(entryCall(call, entry, entry.resource));
    } catch (error) {
      if (error instanceof FhirError) return errorReply(error);
      throw error;
    }
  });
}

/** POST of a Bundle to the base. A transaction is all or nothing; entries of a batch stand for themselves. */
export function processBundle(fhir: Fhir, call: Call, route: Route): Reply {
  const text = jsonText(call);
  const parsed = parseJson(text) as { resourceType?: string; type?: string } | null;
  if (parsed?.resourceType !== 'Bundle') throw badRequest('the base takes a Bundle');
  if (parsed.type !== 'batch' && parsed.type !== 'transaction') {
    throw badRequest(`a Bundle of type "${parsed.type ?? ''}" is neither a batch nor a transaction`);
  }
  if (parsed.type === 'transaction' && !fhir.dialect.transactions) {
    throw new FhirError(400, 'not-supported', 'transactions are not supported');
  }
  const entries = parseEntries(fhir, text);
  const replies =
    parsed.type === 'batch'
      ? runBatch(call, entries, route)
      : fhir.store.atomically(() => runTransaction(fhir, call, entries, route));
  return answer(fhir, call, parsed.type, replies);
}
