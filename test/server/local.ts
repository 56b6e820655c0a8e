import { type Dialect, defaultDialect } from './dialect.ts';
import type { OAuthEndpoints } from './fhir/capabilities.ts';
import { createExports } from './fhir/export.ts';
import { createRoute } from './fhir/route.ts';
import { createFaults, type Faults } from './http/faults.ts';
import { type AppParts, handleFhir, strike } from './http/handle.ts';
import { logRequest, type RequestLogEntry } from './http/request-log.ts';
import { headersOf } from './http/send.ts';
import { createRepository, type Repository, type Store } from './store/store.ts';

export interface LocalServerOptions {
  clock: () => Date;
  dialect?: Partial<Dialect>;
  /** Ids that the server gives; default: random UUIDs. */
  newId?: () => string;
  /** Where it says that it is; default: an address that nobody has. */
  origin?: string;
}

/** With the log of all versions, oldest first. */
type LocalStore = Store & Pick<Repository, 'log' | 'current'>;

/** The FHIR endpoint of the development server without socket, sign-in and data, for thousands of requests a second. */
export interface LocalServer {
  url: string;
  store: LocalStore;
  dialect: Dialect;
  faults: Faults;
  requests: RequestLogEntry[];
  /** Stands in for `globalThis.fetch`. A dropped connection rejects with a TypeError, as there. */
  fetch: typeof globalThis.fetch;
  /** A bearer token of these scopes. */
  tokenFor(scope?: string): string;
}

const ORIGIN = 'https://fhir.example';
const BEARER = 'scopes-';

function endpointsAt(issuer: string): OAuthEndpoints {
  const [authorize, token, revoke, introspect, jwks] = ['auth', 'token', 'revoke', 'introspect', 'jwks'].map(
    (name) => `${issuer}/${name}`,
  ) as [string, string, string, string, string];
  return { issuer, authorize, token, revoke, introspect, jwks };
}

/** A token says itself what it permits; it is no secret here. */
async function scopeOf(token: string): Promise<string | undefined> {
  return token.startsWith(BEARER) ? Buffer.from(token.slice(BEARER.length), 'base64url').toString() : undefined;
}

function cutOff(body: Buffer): ReadableStream {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) controller.error(new TypeError('terminated'));
      else controller.enqueue(body.subarray(0, Math.floor(body.length / 2)));
      sent = true;
    },
  });
}

async function respond(parts: AppParts, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const header = (name: string) => request.headers.get(name) ?? undefined;
  const entry = logRequest(parts.requests, request.method, url.pathname + url.search, header);
  const { outcome: early, fault } = await strike(parts, entry);
  const asked = { method: request.method, header, body: async () => Buffer.from(await request.arrayBuffer()) };
  const outcome = early ?? (await handleFhir(parts, asked, url, entry, fault));
  if (outcome === 'dropped') throw new TypeError('fetch failed');
  const { reply, truncate } = outcome;
  const headers = headersOf(reply, parts.fhir.store.clock.now(), header('x-request-id'));
  const bodiless = reply.body === undefined || request.method === 'HEAD' || [204, 304].includes(reply.status);
  const body = bodiless ? null : Buffer.from(reply.body as string);
  entry.bytes = body?.length ?? 0;
  return new Response(body && truncate ? cutOff(body) : (body as BodyInit | null), { status: reply.status, headers });
}

/** An empty server that answers function calls; its store is filled by `store.put`. */
export function createLocalServer({
  clock,
  dialect: differences,
  newId,
  origin = ORIGIN,
}: LocalServerOptions): LocalServer {
  const dialect: Dialect = { ...defaultDialect, ...differences };
  const store = createRepository({ clock, newId, ...dialect });
  const fhir = { store, base: `${origin}/fhir`, dialect };
  const faults = createFaults();
  const requests: RequestLogEntry[] = [];
  const route = createRoute(fhir, createExports(fhir));
  const parts: AppParts = { fhir, endpoints: endpointsAt(`${origin}/oauth`), scopeOf, route, faults, requests };
  return {
    url: fhir.base,
    store,
    dialect,
    faults,
    requests,
    fetch: (input, init) => respond(parts, new Request(input, init)),
    tokenFor: (scope = 'user/*.cruds') => `${BEARER}${Buffer.from(scope).toString('base64url')}`,
  };
}
