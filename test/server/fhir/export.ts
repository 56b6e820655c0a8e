import { randomUUID } from 'node:crypto';
import type { Parameters } from 'fhir/r4';
import { compartmentTypes } from '../search/parameters.ts';
import { dateRange } from '../search/values.ts';
import type { Version } from '../store/store.ts';
import { demand } from './access.ts';
import { companions, compartment } from './bundles.ts';
import { type Call, type Fhir, jsonText, parseJson, preference } from './call.ts';
import { badRequest, FhirError, notFound, type Reply } from './reply.ts';

/** Bulk Data Access 2.0: kick-off, status, files, cancel. A job is a snapshot of immutable versions. */
interface Job {
  id: string;
  request: string;
  transactionTime: string;
  output: Map<string, Version[]>;
  deleted: Version[];
  polls: number;
}

/** Everything, all patients, or a group's. */
interface Scope {
  group?: string;
  patients?: true;
}

export interface Exports {
  start(call: Call, scope: Scope, requestUrl: string): Reply;
  status(id: string): Reply;
  file(id: string, name: string): Reply;
  cancel(id: string): Reply;
}

/** Polls that are told to wait, so that a client's waiting is exercised. */
const POLLS_BEFORE_DONE = 1;

function members(fhir: Fhir, groupId: string): string[] {
  const version = fhir.store.current('Group', groupId);
  if (!version?.text) throw notFound(`Group/${groupId}`);
  const group = fhir.store.parsed(version) as { member?: { entity?: { reference?: string }; inactive?: boolean }[] };
  return (group.member ?? []).flatMap(({ entity, inactive }) =>
    !inactive && entity?.reference?.startsWith('Patient/') ? [entity.reference.slice(8)] : [],
  );
}

/** Of the group's members those that `patient` names, or all. */
function chosenMembers(fhir: Fhir, groupId: string, params: URLSearchParams): string[] {
  const all = members(fhir, groupId);
  const named = params.getAll('patient').flatMap((value) => value.split(',').filter(Boolean));
  if (named.length === 0) return all;
  const ids = named.map((reference) => reference.replace(/^Patient\//, ''));
  const stranger = ids.find((id) => !all.includes(id));
  if (stranger !== undefined) throw badRequest(`Patient/${stranger} is not a member of Group/${groupId}`);
  return ids;
}

/** What the export is about. Deletions are found through the last version's compartments. */
function select(fhir: Fhir, scope: Scope, params: URLSearchParams): { living: Version[]; deleted: Version[] } {
  const gone = fhir.store.log().filter((v) => v.method === 'DELETE' && fhir.store.current(v.type, v.id) === v);
  if (!scope.group && !scope.patients)
    return { living: fhir.store.types().flatMap((type) => fhir.store.all(type)), deleted: gone };
  if (scope.patients) {
    const types = ['Patient', ...compartmentTypes.filter((type) => type !== 'Patient')];
    const living = types.flatMap((type) => fhir.store.all(type)).filter((version) => version.compartments.length > 0);
    return { living: [...living, ...companions(fhir, living)], deleted: gone.filter((v) => v.compartments.length > 0) };
  }
  const ids = chosenMembers(fhir, scope.group ?? '', params);
  const wanted = new Set(ids);
  const living = [...new Set(ids.flatMap((id) => compartment(fhir, id)))];
  return {
    living: [...living, ...companions(fhir, living)],
    deleted: gone.filter((version) => version.compartments.some((id) => wanted.has(id))),
  };
}

/** Parameters of the query, and those of a POST's Parameters resource, where alone the specification has `patient`. */
function parametersOf(call: Call): URLSearchParams {
  const params = new URLSearchParams(call.params);
  if (call.method !== 'POST') return params;
  const { parameter = [] } = parseJson(jsonText(call)) as Parameters;
  for (const { name, valueReference, valueInstant, valueString } of parameter) {
    params.append(name, valueReference?.reference ?? valueInstant ?? valueString ?? '');
  }
  return params;
}

function parseSince(params: URLSearchParams): number | undefined {
  const text = params.get('_since');
  if (text === null) return undefined;
  const range = dateRange(text);
  if (!range) throw badRequest(`_since=${text} is not an instant`);
  return range.low;
}

function wantedTypes(call: Call, params: URLSearchParams): Set<string> | undefined {
  const types = params.getAll('_type').flatMap((value) => value.split(',').filter(Boolean));
  for (const type of types) demand(call.access, type, 'r');
  return types.length > 0 ? new Set(types) : undefined;
}

function deletionLine(version: Version): string {
  const request = { method: 'DELETE', url: `${version.type}/${version.id}` };
  return JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: [{ request }] });
}

export function createExports(fhir: Fhir): Exports {
  const jobs = new Map<string, Job>();

  const find = (id: string) => {
    const job = jobs.get(id);
    if (!job) throw notFound(`the export ${id}`);
    return job;
  };

  function manifest(job: Job): Reply {
    const url = (name: string) => `${fhir.base}/$export-file/${job.id}/${name}`;
    const output = [...job.output].map(([type, versions]) => ({
      type,
      url: url(`${type}.ndjson`),
      count: versions.length,
    }));
    const deleted = job.deleted.length
      ? [{ type: 'Bundle', url: url('deleted.ndjson'), count: job.deleted.length }]
      : [];
    const { transactionTime, request } = job;
    const body = { transactionTime, request, requiresAccessToken: true, output, deleted, error: [] };
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  }

  return {
    start(call, scope, requestUrl) {
      if (preference(call, 'respond-async') === undefined) throw badRequest('an export needs Prefer: respond-async');
      const params = parametersOf(call);
      const format = params.get('_outputFormat') ?? 'ndjson';
      if (!/ndjson$/.test(format)) throw new FhirError(400, 'not-supported', `the format ${format} is not supported`);
      const since = parseSince(params);
      const types = wantedTypes(call, params);
      const { living, deleted } = select(fhir, scope, params);
      const chosen = (version: Version) =>
        (types ? types.has(version.type) : call.access.allows(version.type, 'r')) &&
        (since === undefined || Date.parse(version.lastUpdated) >= since);
      const job: Job = {
        id: randomUUID(),
        request: requestUrl,
        transactionTime: fhir.store.clock.now().toISOString(),
        output: new Map(),
        deleted: since === undefined ? [] : deleted.filter(chosen),
        polls: 0,
      };
      for (const version of living.filter(chosen)) {
        const list = job.output.get(version.type);
        if (list) list.push(version);
        else job.output.set(version.type, [version]);
      }
      jobs.set(job.id, job);
      return { status: 202, headers: { 'content-location': `${fhir.base}/$export-status/${job.id}` } };
    },
    status(id) {
      const job = find(id);
      job.polls += 1;
      if (job.polls > POLLS_BEFORE_DONE) return manifest(job);
      return { status: 202, headers: { 'x-progress': 'in progress', 'retry-after': '1' } };
    },
    file(id, name) {
      const job = find(id);
      const lines =
        name === 'deleted.ndjson'
          ? job.deleted.map(deletionLine)
          : job.output.get(name.replace(/\.ndjson$/, ''))?.map((v) => v.text!);
      if (!lines) throw notFound(name);
      return {
        status: 200,
        headers: { 'content-type': 'application/fhir+ndjson' },
        body: lines.map((line) => `${line}\n`).join(''),
      };
    },
    cancel(id) {
      find(id);
      jobs.delete(id);
      return { status: 202 };
    },
  };
}
