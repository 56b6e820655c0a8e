import { compartmentTypes } from '../search/parameters.ts';
import type { Version } from '../store/store.ts';
import { demand } from './access.ts';
import { readBinary, writeBinary } from './binary.ts';
import { compartment, everything, history, searchBundle } from './bundles.ts';
import { type Call, type Fhir, isStrict, offers } from './call.ts';
import type { Exports } from './export.ts';
import { conditionalUpdate, conditionTarget, create, patch, read, remove, update, vread } from './interactions.ts';
import { badRequest, FhirError, notFound, type Reply } from './reply.ts';
import { processBundle } from './transaction.ts';
import { isResourceType } from './validate.ts';

/** Which interaction a method and path mean: FHIR R4 http.html#summary. */
export function createRoute(fhir: Fhir, exports: Exports): (call: Call) => Reply {
  const notAllowed = (call: Call) =>
    new FhirError(405, 'not-supported', `${call.method} is not possible on /${call.path.join('/')}`);

  /** Parameters of a search by POST stand in the body, and in the query too. */
  function searchParams(call: Call): URLSearchParams {
    if (call.method === 'GET') return call.params;
    const type = call.header('content-type') ?? '';
    if (!type.startsWith('application/x-www-form-urlencoded')) {
      throw new FhirError(415, 'not-supported', 'a search by POST takes a form');
    }
    return new URLSearchParams([...call.params, ...new URLSearchParams(call.body.toString('utf8'))]);
  }

  function systemSearch(call: Call): Reply {
    const params = searchParams(call);
    const asked = params.get('_type')?.split(',').filter(Boolean);
    const unknown = asked?.find((type) => !isResourceType(type));
    if (unknown && isStrict(call)) throw badRequest(`"${unknown}" is not a resource type`);
    const types = (asked ?? fhir.store.types()).filter(isResourceType);
    const permitted = asked ? types : types.filter((type) => call.access.allows(type, 's'));
    if (types.length > 0 && permitted.length === 0) demand(call.access, types[0]!, 's');
    return searchBundle(fhir, call, permitted, params, '');
  }

  function system(call: Call): Reply {
    if (call.method === 'POST') return processBundle(fhir, call, route);
    if (call.method === 'GET') return systemSearch(call);
    throw notAllowed(call);
  }

  function ofType(call: Call, type: string): Reply {
    switch (call.method) {
      case 'GET':
        return searchBundle(fhir, call, [type], call.params, `/${type}`);
      case 'POST':
        return type === 'Binary' ? writeBinary(fhir, call, undefined) : create(fhir, call, type);
      case 'PUT':
        return conditionalUpdate(fhir, call, type);
      case 'PATCH': {
        const id = conditionTarget(fhir, call, type);
        if (id === undefined) throw notFound('a resource that matches the criteria');
        return patch(fhir, call, type, id);
      }
      case 'DELETE': {
        demand(call.access, type, 'd');
        const id = conditionTarget(fhir, call, type);
        return id === undefined ? { status: 204 } : remove(fhir, call, type, id);
      }
      default:
        throw notAllowed(call);
    }
  }

  function instance(call: Call, type: string, id: string): Reply {
    switch (call.method) {
      case 'GET':
        return type === 'Binary' ? readBinary(fhir, call, id) : read(fhir, call, type, id);
      case 'PUT':
        return type === 'Binary' ? writeBinary(fhir, call, id) : update(fhir, call, type, id);
      case 'PATCH':
        return patch(fhir, call, type, id);
      case 'DELETE':
        return remove(fhir, call, type, id);
      default:
        throw notAllowed(call);
    }
  }

  /** `Patient/x/Observation`: FHIR R4 http.html#vsearch. */
  function inCompartment(call: Call, id: string, rest: string[]): Reply {
    const type = rest[0] ?? '';
    const types = type === '*' ? compartmentTypes.filter((t) => call.access.allows(t, 's')) : [type];
    const within = (wanted: string): Version[] => compartment(fhir, id, wanted);
    return searchBundle(fhir, call, types, searchParams(call), `/Patient/${id}/${type}`, within);
  }

  function exportRoute(call: Call): Reply | undefined {
    const { path } = call;
    const url = `${fhir.base}/${path.join('/')}${call.params.size > 0 ? `?${call.params}` : ''}`;
    if (path[0] === '$export-status' && path[1]) {
      return call.method === 'DELETE' ? exports.cancel(path[1]) : exports.status(path[1]);
    }
    if (path[0] === '$export-file' && path[1] && path[2]) return exports.file(path[1], path[2]);
    if (path.at(-1) !== '$export') return undefined;
    if (call.method !== 'GET' && call.method !== 'POST') throw notAllowed(call);
    if (path.length === 1) return exports.start(call, {}, url);
    if (path.length === 2 && path[0] === 'Patient') return exports.start(call, { patients: true }, url);
    if (path.length === 3 && path[0] === 'Group') return exports.start(call, { group: path[1]! }, url);
    return undefined;
  }

  /** Whether the server has the history that is asked for, if any is. */
  function hasHistory({ path }: Call): boolean {
    const at = path.indexOf('_history');
    return at < 0 || (fhir.dialect.history && (at === 2 || fhir.dialect.typeHistory));
  }

  function route(call: Call): Reply {
    const [type = '', id = '', third, fourth] = call.path;
    if (call.path.length === 0) return system(call);
    if (type.startsWith('$') || call.path.at(-1) === '$export') return exportRoute(call) ?? fail(call);
    if (!hasHistory(call)) return fail(call);
    if (type === '_history' && call.path.length === 1) return history(fhir, call, undefined, undefined);
    if (type === '_search' && call.path.length === 1 && call.method === 'POST') return systemSearch(call);
    if (!offers(fhir, type)) return fail(call);
    if (call.path.length === 1) return ofType(call, type);
    if (call.path.length === 2) {
      if (id === '_search' && call.method === 'POST') {
        return searchBundle(fhir, call, [type], searchParams(call), `/${type}`);
      }
      if (id === '_history' && call.method === 'GET') return history(fhir, call, type, undefined);
      return id.startsWith('$') || id.startsWith('_') ? fail(call) : instance(call, type, id);
    }
    return beneath(call, type, id, third ?? '', fourth);
  }

  function beneath(call: Call, type: string, id: string, third: string, fourth: string | undefined): Reply {
    if (third === '_history' && call.method === 'GET') {
      return fourth === undefined ? history(fhir, call, type, id) : vread(fhir, call, type, id, fourth);
    }
    if (type !== 'Patient') return fail(call);
    if (third === '$everything') return everything(fhir, call, id);
    const search = fourth === undefined ? call.method === 'GET' : fourth === '_search' && call.method === 'POST';
    return search && (third === '*' || isResourceType(third)) ? inCompartment(call, id, [third]) : fail(call);
  }

  function fail(call: Call): never {
    throw notFound(`/${call.path.join('/')}`);
  }

  return route;
}
