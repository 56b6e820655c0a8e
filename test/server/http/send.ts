import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Reply } from '../fhir/reply.ts';

const WORTH_COMPRESSING = 1_000;
const compress = promisify(gzip);

export interface SendOptions {
  date: Date;
  /** Fault injection: stop in the middle of the body and drop the connection. */
  truncate: boolean;
}

/** Headers of a reply before it is encoded in any way. */
export function headersOf(reply: Reply, date: Date, requestId: string | undefined): Record<string, string> {
  return {
    date: date.toUTCString(),
    'cache-control': 'no-store',
    ...(reply.body !== undefined && { 'content-type': 'application/fhir+json; charset=utf-8' }),
    ...reply.headers,
    ...(requestId !== undefined && { 'x-request-id': requestId }),
  };
}

/** Sends a reply: gzip where accepted, no body for HEAD and 304, the request's id echoed. Answers the bytes of its body. */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  options: SendOptions,
): Promise<number> {
  const plain = reply.body === undefined ? undefined : Buffer.from(reply.body as string);
  const headers = headersOf(reply, options.date, request.headers['x-request-id']?.toString());
  let body = plain;
  const zipped =
    body && body.length >= WORTH_COMPRESSING && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  if (body && zipped) {
    body = await compress(body, { level: constants.Z_BEST_SPEED });
    headers['content-encoding'] = 'gzip';
  }
  if (body) {
    headers['vary'] = 'Accept-Encoding';
    headers['content-length'] = String(body.length);
  } else if (reply.status !== 204 && reply.status !== 304) headers['content-length'] = '0';
  response.writeHead(reply.status, headers);
  if (!body || request.method === 'HEAD' || reply.status === 304) {
    response.end();
    return 0;
  }
  if (options.truncate) response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
  else response.end(body);
  return body.length;
}
