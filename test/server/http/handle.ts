import { setTimeout as delay } from 'node:timers/promises';
import { accessFor } from '../fhir/access.ts';
import type { Call, Fhir } from '../fhir/call.ts';
import { capabilityStatement, type OAuthEndpoints, smartConfiguration } from '../fhir/capabilities.ts';
import { badRequest, errorReply, FhirError, type Reply } from '../fhir/reply.ts';
import type { FaultRule, Faults } from './faults.ts';
import type { RequestLogEntry } from './request-log.ts';

/** What the server answers, whatever carries request and answer: a socket, or a function call. */

export interface AppParts {
  fhir: Fhir;
  endpoints: OAuthEndpoints;
  /** The scope of a living access token; undefined for any other. */
  scopeOf: (token: string) => Promise<string | undefined>;
  route: (call: Call) => Reply;
  faults: Faults;
  requests: RequestLogEntry[];
}

export interface AppRequest {
  method: string;
  header: (name: string) => string | undefined;
  body(): Promise<Buffer>;
}

/** What becomes of a request: answered, cut off in the middle of the answer, or dropped. */
export type Outcome = { reply: Reply; truncate: boolean } | 'dropped';

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`"${segment}" is not a valid path segment`);
  }
}

function refuseOtherFormats(request: AppRequest, url: URL): void {
  const format = url.searchParams.get('_format') ?? '';
  const accept = request.header('accept') ?? '';
  const onlyXml = /xml|turtle/.test(accept) && !/json|\*\/\*/.test(accept);
  if (/xml|ttl|turtle/.test(format) || (onlyXml && !url.pathname.includes('/Binary/'))) {
    throw new FhirError(406, 'not-supported', 'only JSON is supported');
  }
}

async function callOf(parts: AppParts, request: AppRequest, url: URL): Promise<Call> {
  const bearer = /^Bearer (.+)$/i.exec(request.header('authorization') ?? '')?.[1];
  const scope = bearer === undefined ? undefined : await parts.scopeOf(bearer);
  if (scope === undefined) {
    // RFC 6750, section 3: an error code only where a token was given.
    const challenge = bearer === undefined ? 'Bearer realm="fhir"' : 'Bearer realm="fhir", error="invalid_token"';
    throw new FhirError(401, 'login', 'a valid access token is needed', { headers: { 'www-authenticate': challenge } });
  }
  return {
    method: request.method === 'HEAD' ? 'GET' : request.method,
    path: url.pathname.slice('/fhir'.length).split('/').filter(Boolean).map(decode),
    params: url.searchParams,
    header: request.header,
    body: await request.body(),
    access: accessFor(scope),
  };
}

async function fhirReply(parts: AppParts, request: AppRequest, url: URL): Promise<Reply> {
  const path = url.pathname.slice('/fhir'.length);
  if (path === '/.well-known/smart-configuration') {
    const body = JSON.stringify(smartConfiguration(parts.endpoints));
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  refuseOtherFormats(request, url);
  if (path === '/metadata')
    return { status: 200, body: JSON.stringify(capabilityStatement(parts.fhir, parts.endpoints)) };
  return parts.route(await callOf(parts, request, url));
}

/** As seen of Medplum 5.0.10: no Retry-After; the wait is in a draft's header and in the diagnostics. */
function medplumThrottle(seconds: number): Reply {
  const diagnostics = JSON.stringify({
    _remainingPoints: 0,
    _msBeforeNext: seconds * 1000,
    _consumedPoints: 60_001,
    _isFirstInDuration: false,
    limit: 60_000,
  });
  const issue = [{ severity: 'error', code: 'throttled', details: { text: 'Too Many Requests' }, diagnostics }];
  return {
    status: 429,
    headers: { ratelimit: `"fhirInteractions";r=0;t=${seconds}` },
    body: JSON.stringify({ resourceType: 'OperationOutcome', id: 'too-many-requests', issue }),
  };
}

/** A fault that answers instead of the handler. */
function faultReply({ dialect }: Fhir, rule: FaultRule): Reply {
  const status = rule.status ?? 503;
  if (status === 429 && dialect.throttle === 'medplum') return medplumThrottle(rule.retryAfter ?? 60);
  const headers = rule.retryAfter === undefined ? {} : { 'retry-after': String(rule.retryAfter) };
  if (rule.issue) {
    const { code, diagnostics, expression } = rule.issue;
    return errorReply(new FhirError(status, code, diagnostics, { headers, expression }));
  }
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

/** Counts down the faults that strike a request: what they do by themselves, and the one that its handling will meet. */
export async function strike(
  { fhir, faults }: AppParts,
  entry: RequestLogEntry,
): Promise<{ outcome?: Outcome; fault: FaultRule | undefined }> {
  const struck = faults.take({ method: entry.method, path: entry.path });
  for (const rule of struck.filter((r) => r.kind === 'latency')) await delay(rule.ms ?? 1000);
  const fault = struck.find((rule) => rule.kind !== 'latency');
  if (fault?.kind === 'dropBefore') return { outcome: 'dropped', fault };
  if (fault?.kind !== 'status') return { fault };
  const reply = faultReply(fhir, fault);
  entry.status = reply.status;
  return { outcome: { reply, truncate: false }, fault };
}

/** The answer of the FHIR endpoint, `entry.status` with it. */
export async function handleFhir(
  parts: AppParts,
  request: AppRequest,
  url: URL,
  entry: RequestLogEntry,
  fault: FaultRule | undefined,
): Promise<Outcome> {
  const isFhir = url.pathname === '/fhir' || url.pathname.startsWith('/fhir/');
  const reply = await attempt(() => {
    if (!isFhir) throw new FhirError(404, 'not-found', `there is nothing at ${url.pathname}`);
    return fhirReply(parts, request, url);
  });
  if (fault?.kind === 'dropAfter') return 'dropped';
  entry.status = reply.status;
  return { reply, truncate: fault?.kind === 'truncate' };
}
