import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FhirError } from '../fhir/reply.ts';

export const MAX_BODY = 50 * 1024 * 1024;
/** Of a Binary in its own form, which is kept in memory, and as base64. */
export const MAX_BINARY = 300 * 1024 * 1024;

/** Reads a request's body up to a limit; one that is longer is refused without being kept (413). */
export async function readBody(request: IncomingMessage, limit = MAX_BODY): Promise<Buffer> {
  const tooLong = new FhirError(413, 'too-long', `the body is longer than ${limit} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    request.resume();
    throw tooLong;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      // Read to the end even so: a client that is still sending would not see the answer.
      if (length <= limit) chunks.push(chunk);
    }
  } catch {
    // Nobody is there to read it.
    throw new FhirError(400, 'incomplete', 'the body was cut off');
  }
  if (length > limit) throw tooLong;
  const body = Buffer.concat(chunks);
  if (request.headers['content-encoding'] !== 'gzip') return body;
  return promisify(gunzip)(body, { maxOutputLength: limit }).catch(() => {
    throw tooLong;
  });
}
