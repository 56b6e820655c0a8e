import { findAll } from '../search/execute.ts';
import { parseSearch } from '../search/request.ts';
import { shape } from '../search/shape.ts';
import type { Version } from '../store/store.ts';
import { objectMembers, parseExact, stamp, toOneLine } from '../store/text.ts';
import { demand } from './access.ts';
import { type Call, type Fhir, jsonText, parseJson, searchOf, tags, versionHeaders, writeReply } from './call.ts';
import { applyJsonPatch, type Operation } from './json-patch.ts';
import { badRequest, FhirError, notFound, preconditionFailed, type Reply } from './reply.ts';
import { validate } from './validate.ts';

/** Read, create, update, patch and delete, plain and conditional: FHIR R4 http.html. */

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

function gone({ dialect }: Fhir, version: Version): FhirError {
  const { deletedReads } = dialect;
  if (deletedReads === 'bare') return new FhirError(404, 'not-found', '', { isBare: true });
  if (deletedReads === 'not-found') return notFound(`${version.type}/${version.id}`);
  return new FhirError(410, 'deleted', `${version.type}/${version.id} was deleted`, {
    headers: versionHeaders(version),
  });
}

function notModified(call: Call, version: Version): boolean {
  const known = tags(call.header('if-none-match'));
  if (known.length > 0) return known.includes(version.versionId) || known.includes('*');
  const since = Date.parse(call.header('if-modified-since') ?? '');
  // HTTP dates have no fractions of a second.
  return !Number.isNaN(since) && Math.floor(Date.parse(version.lastUpdated) / 1000) * 1000 <= since;
}

export function read(fhir: Fhir, call: Call, type: string, id: string): Reply {
  demand(call.access, type, 'r');
  const version = fhir.store.current(type, id);
  if (!version) throw notFound(`${type}/${id}`);
  return answerRead(fhir, call, version);
}

export function vread(fhir: Fhir, call: Call, type: string, id: string, versionId: string): Reply {
  demand(call.access, type, 'r');
  const version = fhir.store.versions(type, id).find((v) => v.versionId === versionId);
  if (!version) throw notFound(`${type}/${id}/_history/${versionId}`);
  return answerRead(fhir, call, version);
}

function answerRead(fhir: Fhir, call: Call, version: Version): Reply {
  if (version.text === undefined) throw gone(fhir, version);
  if (notModified(call, version)) return { status: 304, headers: versionHeaders(version) };
  const request = searchOf(call, [version.type]);
  const body = shape(version.text, version.type, request);
  return { status: 200, headers: versionHeaders(version), lastUpdated: version.lastUpdated, body };
}

/** `If-Match` and `If-None-Match: *` on writes: FHIR R4 http.html#concurrency. */
function checkPreconditions(call: Call, version: Version | undefined): void {
  const living = version?.text ? version : undefined;
  const match = tags(call.header('if-match'));
  if (match.length > 0 && !(living && (match.includes(living.versionId) || match.includes('*')))) {
    const now = living ? `version ${living.versionId} is current` : 'there is no such resource';
    throw preconditionFailed(`If-Match ${call.header('if-match')} does not hold: ${now}`);
  }
  if (living && tags(call.header('if-none-match')).includes('*'))
    throw preconditionFailed('the resource exists already');
}

/** Text of a resource ready to be stored, and its own id if it has one. */
function resourceText(call: Call, type: string): { text: string; id: string | undefined } {
  const text = jsonText(call);
  const resource = parseJson(text);
  validate(resource, type);
  try {
    objectMembers(text);
  } catch (error) {
    throw badRequest((error as Error).message);
  }
  return { text, id: resource.id };
}

/** What a conditional interaction's criteria find. They must all be understood, else they would mean anything. */
export function conditionMatches(fhir: Fhir, call: Call, type: string, criteria: URLSearchParams): Version[] {
  demand(call.access, type, 's');
  const request = parseSearch([type], criteria, true);
  if (request.filters.length === 0) throw preconditionFailed('the conditional interaction has no criteria');
  return findAll(fhir.store, request, undefined).found;
}

/** FHIR R4 http.html#create and #ccreate. `givenId` is a transaction's, which must know ids before it writes. */
export function create(fhir: Fhir, call: Call, type: string, givenId?: string): Reply {
  demand(call.access, type, 'c');
  const { text } = resourceText(call, type);
  const condition = call.header('if-none-exist');
  if (condition !== undefined) {
    const found = conditionMatches(fhir, call, type, new URLSearchParams(condition.replace(/^.*\?/, '')));
    if (found.length > 1) throw preconditionFailed(`If-None-Exist matches ${found.length} resources`);
    if (found[0]) return writeReply(fhir, call, 200, found[0]);
  }
  return writeReply(fhir, call, 201, fhir.store.write(text, type, givenId ?? fhir.store.newId(), 'POST'));
}

/** Servers may keep the version where an update changes nothing. */
function unchanged({ dialect }: Fhir, before: Version, text: string): boolean {
  const { id, versionId, lastUpdated } = before;
  const same = () =>
    stamp(toOneLine(text), id, versionId, lastUpdated) === stamp(before.text!, id, versionId, lastUpdated);
  return dialect.sameContent === 'same-version' && before.text !== undefined && same();
}

/** FHIR R4 http.html#update, also with an id that the client chose (#upsert). */
export function update(fhir: Fhir, call: Call, type: string, id: string): Reply {
  const before = fhir.store.current(type, id);
  demand(call.access, type, before?.text ? 'u' : 'c');
  if (!ID.test(id)) throw badRequest(`"${id}" is not a valid id`);
  const resource = resourceText(call, type);
  if (resource.id !== id) throw badRequest(`the body's id "${resource.id ?? ''}" is not the "${id}" of the URL`);
  if (!before && !fhir.dialect.updateCreate) throw notFound(`${type}/${id}`);
  checkPreconditions(call, before);
  if (before && unchanged(fhir, before, resource.text)) return writeReply(fhir, call, 200, before);
  return writeReply(fhir, call, before?.text ? 200 : 201, fhir.store.write(resource.text, type, id, 'PUT'));
}

/** FHIR R4 http.html#cond-update. `newId` is what a create will use. */
export function conditionalUpdate(fhir: Fhir, call: Call, type: string, newId?: string): Reply {
  const found = conditionMatches(fhir, call, type, call.params);
  if (found.length > 1) throw preconditionFailed(`the criteria match ${found.length} resources`);
  const resource = resourceText(call, type);
  const [match] = found;
  if (match && resource.id && resource.id !== match.id) throw badRequest(`the match has the id "${match.id}"`);
  demand(call.access, type, match ? 'u' : 'c');
  const id = match?.id ?? resource.id ?? newId ?? fhir.store.newId();
  const before = fhir.store.current(type, id);
  if (!match && before?.text)
    throw new FhirError(409, 'conflict', `${type}/${id} exists but does not match the criteria`);
  checkPreconditions(call, before);
  return writeReply(fhir, call, match ? 200 : 201, fhir.store.write(resource.text, type, id, match ? 'PUT' : 'POST'));
}

function patchOperations(call: Call): Operation[] {
  const type = call.header('content-type') ?? '';
  if (!type.startsWith('application/json-patch+json')) {
    throw new FhirError(415, 'not-supported', `PATCH takes application/json-patch+json, not ${type || 'nothing'}`);
  }
  parseJson(call.body.toString('utf8'));
  const operations = parseExact(call.body.toString('utf8'));
  if (!Array.isArray(operations)) throw badRequest('a JSON Patch is an array');
  return operations as Operation[];
}

/** FHIR R4 http.html#patch with JSON Patch (RFC 6902). */
export function patch(fhir: Fhir, call: Call, type: string, id: string): Reply {
  demand(call.access, type, 'u');
  const before = fhir.store.current(type, id);
  if (!before) throw notFound(`${type}/${id}`);
  if (before.text === undefined) throw gone(fhir, before);
  if (fhir.dialect.patchIfMatch === 'honoured') checkPreconditions(call, before);
  const text = JSON.stringify(applyJsonPatch(parseExact(before.text), patchOperations(call)));
  const resource = JSON.parse(text) as unknown;
  validate(resource, type);
  if (resource.id !== id) throw badRequest('a patch must not change the id');
  return writeReply(fhir, call, 200, fhir.store.write(text, type, id, 'PUT'));
}

/** FHIR R4 http.html#delete: deleting what is already gone, or never was, succeeds. */
export function remove(fhir: Fhir, call: Call, type: string, id: string): Reply {
  demand(call.access, type, 'd');
  checkPreconditions(call, fhir.store.current(type, id));
  const deleted = fhir.store.erase(type, id);
  return { status: 204, ...(deleted && { headers: versionHeaders(deleted), lastUpdated: deleted.lastUpdated }) };
}

/** The single target of a conditional patch or delete (FHIR R4 http.html#3.1.0.7.1); many are refused. */
export function conditionTarget(fhir: Fhir, call: Call, type: string): string | undefined {
  const found = conditionMatches(fhir, call, type, call.params);
  if (found.length > 1) throw preconditionFailed(`the criteria match ${found.length} resources`);
  return found[0]?.id;
}
