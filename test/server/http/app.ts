import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Reply } from '../fhir/reply.ts';
import type { OAuth } from '../oauth/oauth.ts';
import { TUS_PATH, type TusUploads } from '../tus/tus.ts';
import { MAX_BINARY, MAX_BODY, readBody } from './body.ts';
import { type FaultSpec, ruleFrom } from './faults.ts';
import { type AppParts, type AppRequest, handleFhir, type Outcome, strike } from './handle.ts';
import { logRequest } from './request-log.ts';
import { send } from './send.ts';

interface HttpParts extends AppParts {
  oauth: OAuth;
  /** Null where it takes no uploads. */
  tus: TusUploads | null;
}

/** `/_dev`: fault rules and the request log, for tests that run in another process. */
async function devReply(parts: HttpParts, request: IncomingMessage, url: URL): Promise<Reply> {
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

/** Lets oidc-provider do its work (rotate a refresh token, say) but not tell. */
function dropAnswer(request: IncomingMessage, response: ServerResponse): void {
  response.write = () => true;
  response.end = () => {
    request.socket.destroy();
    return response;
  };
}

function appRequest(request: IncomingMessage): AppRequest {
  return {
    method: request.method ?? 'GET',
    header: (name) => request.headers[name]?.toString(),
    body: () => readBody(request, request.url?.startsWith('/fhir/Binary') ? MAX_BINARY : MAX_BODY),
  };
}

function isUpload({ pathname }: URL): boolean {
  return pathname === TUS_PATH || pathname.startsWith(`${TUS_PATH}/`);
}

async function serve(parts: HttpParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const now = () => parts.fhir.store.clock.now();
  if (url.pathname.startsWith('/_dev/')) {
    await send(request, response, await devReply(parts, request, url), { date: now(), truncate: false });
    return;
  }
  const { method = 'GET', url: path = '/', headers } = request;
  const entry = logRequest(parts.requests, method, path, (name) => headers[name]?.toString());
  const { outcome: early, fault } = await strike(parts, entry);
  if (!early && url.pathname.startsWith('/oauth')) {
    response.on('finish', () => {
      entry.status = response.statusCode;
    });
    if (fault?.kind === 'dropAfter') dropAnswer(request, response);
    return parts.oauth.handle(request, response);
  }
  if (!early && parts.tus && isUpload(url)) {
    response.on('finish', () => {
      entry.status = response.statusCode;
    });
    if (fault?.kind === 'dropAfter') dropAnswer(request, response);
    return parts.tus.handle(request, response);
  }
  const outcome: Outcome = early ?? (await handleFhir(parts, appRequest(request), url, entry, fault));
  if (outcome === 'dropped') {
    request.socket.destroy();
    return;
  }
  // A body that nobody wanted is read all the same, or the client would not see the answer.
  request.resume();
  entry.bytes = await send(request, response, outcome.reply, { date: now(), truncate: outcome.truncate });
}

export function createApp(parts: HttpParts): RequestListener {
  return (request, response) => {
    serve(parts, request, response).catch((error: unknown) => {
      // A client that went away is no news; anything else is a bug of the server.
      if (!request.socket.destroyed) console.error(error);
      response.destroy();
    });
  };
}
