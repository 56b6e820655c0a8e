import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { accessFor } from '../fhir/access.ts';
import type { Call, Fhir } from '../fhir/call.ts';
import { capabilityStatement, smartConfiguration } from '../fhir/capabilities.ts';
import { badRequest, errorReply, FhirError, type Reply } from '../fhir/reply.ts';
import type { OAuth } from '../oauth/oauth.ts';
import { readBody } from './body.ts';
import { type FaultRule, type FaultSpec, type Faults, ruleFrom } from './faults.ts';
import { logRequest, type RequestLogEntry } from './request-log.ts';
import { send } from './send.ts';

interface Parts {
  fhir: Fhir;
  oauth: OAuth;
  route: (call: Call) => Reply;
  faults: Faults;
  requests: RequestLogEntry[];
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`"${segment}" is not a valid path segment`);
  }
}

function refuseOtherFormats(request: IncomingMessage, url: URL): void {
  const format = url.searchParams.get('_format') ?? '';
  const accept = String(request.headers.accept ?? '');
  const onlyXml = /xml|turtle/.test(accept) && !/json|\*\/\*/.test(accept);
  if (/xml|ttl|turtle/.test(format) || (onlyXml && !url.pathname.includes('/Binary/'))) {
    throw new FhirError(406, 'not-supported', 'only JSON is supported');
  }
}

async function callOf(parts: Parts, request: IncomingMessage, url: URL): Promise<Call> {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const scope = bearer === undefined ? undefined : await parts.oauth.scopeOf(bearer);
  if (scope === undefined) {
    // RFC 6750, section 3: an error code only where a token was given.
    const challenge = bearer === undefined ? 'Bearer realm="fhir"' : 'Bearer realm="fhir", error="invalid_token"';
    request.resume();
    throw new FhirError(401, 'login', 'a valid access token is needed', { headers: { 'www-authenticate': challenge } });
  }
  return {
    method: request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET'),
    path: url.pathname.slice('/fhir'.length).split('/').filter(Boolean).map(decode),
    params: url.searchParams,
    header: (name) => request.headers[name]?.toString(),
    body: await readBody(request),
    access: accessFor(scope),
  };
}

async function fhirReply(parts: Parts, request: IncomingMessage, url: URL): Promise<Reply> {
  const path = url.pathname.slice('/fhir'.length);
  if (path === '/.well-known/smart-configuration') {
    const body = JSON.stringify(smartConfiguration(parts.oauth.endpoints));
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  refuseOtherFormats(request, url);
  if (path === '/metadata')
    return { status: 200, body: JSON.stringify(capabilityStatement(parts.fhir, parts.oauth.endpoints)) };
  return parts.route(await callOf(parts, request, url));
}

/** `/_dev`: fault rules and the request log, for tests that run in another process. */
async function devReply(parts: Parts, request: IncomingMessage, url: URL): Promise<Reply> {
  const json = (value: unknown, status = 200): Reply => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  });
  const what = `${request.method} ${url.pathname}`;
  if (what === 'GET /_dev/requests') return json(parts.requests);
  if (what === 'DELETE /_dev/faults') {
    parts.faults.clear();
    return { status: 204 };
  }
  if (what === 'POST /_dev/faults') {
    try {
      const given = JSON.parse((await readBody(request)).toString('utf8')) as FaultSpec | FaultSpec[];
      for (const rule of [given].flat().map(ruleFrom)) parts.faults.add(rule);
      return { status: 204 };
    } catch (error) {
      return json({ error: (error as Error).message }, 400);
    }
  }
  return json({ error: `there is no ${what}` }, 404);
}

/** A Fault that answers instead of the handler. */
function faultReply(rule: FaultRule): Reply {
  const status = rule.status ?? 503;
  const headers = rule.retryAfter === undefined ? {} : { 'retry-after': String(rule.retryAfter) };
  return errorReply(new FhirError(status, status === 429 ? 'throttled' : 'transient', 'injected fault', { headers }));
}

async function attempt(work: () => Promise<Reply>): Promise<Reply> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FhirError) return errorReply(error);
    console.error(error);
    return errorReply(new FhirError(500, 'exception', 'the development server has a bug; see its log'));
  }
}

/** Lets oidc-provider do its work (rotate a refresh token, say) but not tell. */
function dropAnswer(request: IncomingMessage, response: ServerResponse): void {
  response.write = () => true;
  response.end = () => {
    request.socket.destroy();
    return response;
  };
}

async function serve(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const options = { date: parts.fhir.store.clock.now(), truncate: false };
  if (url.pathname.startsWith('/_dev/')) {
    return send(request, response, await devReply(parts, request, url), options);
  }
  const entry = logRequest(parts.requests, request);
  const struck = parts.faults.take({ method: entry.method, path: entry.path });
  for (const rule of struck.filter((r) => r.kind === 'latency')) await delay(rule.ms ?? 1000);
  const fault = struck.find((rule) => rule.kind !== 'latency');
  if (fault?.kind === 'dropBefore') {
    request.socket.destroy();
    return;
  }
  if (fault?.kind === 'status') {
    request.resume();
    const reply = faultReply(fault);
    entry.status = reply.status;
    return send(request, response, reply, options);
  }
  if (url.pathname.startsWith('/oauth')) {
    response.on('finish', () => {
      entry.status = response.statusCode;
    });
    if (fault?.kind === 'dropAfter') dropAnswer(request, response);
    return parts.oauth.handle(request, response);
  }
  const isFhir = url.pathname === '/fhir' || url.pathname.startsWith('/fhir/');
  const reply = await attempt(() => {
    if (!isFhir) throw new FhirError(404, 'not-found', `there is nothing at ${url.pathname}`);
    return fhirReply(parts, request, url);
  });
  if (fault?.kind === 'dropAfter') {
    request.socket.destroy();
    return;
  }
  entry.status = reply.status;
  return send(request, response, reply, { date: parts.fhir.store.clock.now(), truncate: fault?.kind === 'truncate' });
}

export function createApp(parts: Parts): RequestListener {
  return (request, response) => {
    serve(parts, request, response).catch((error: unknown) => {
      // A client that went away is no news; anything else is a bug of the server.
      if (!request.socket.destroyed) console.error(error);
      response.destroy();
    });
  };
}
