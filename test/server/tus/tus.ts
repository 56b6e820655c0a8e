import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';

export const TUS_PATH = '/files';
const ID = /^\/files\/([0-9a-f]{32})$/;
const TYPE = 'application/vnd.wardlight.encrypted';

export interface TusOptions {
  /** Where uploads are kept; a temporary one, which goes with the server, where it isn't given. */
  folder?: string | undefined;
  scopeOf: (token: string) => Promise<string | undefined>;
}

/** Resumable uploads (https://tus.io, 1.0) beside the FHIR endpoint, for bearers of the same tokens. */
export interface TusUploads {
  readonly folder: string;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  stop(): void;
}

export function createTusUploads({ folder: given, scopeOf }: TusOptions): TusUploads {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'wardlight-dev-files-'));
  const server = new Server({
    path: TUS_PATH,
    relativeLocation: true,
    datastore: new FileStore({ directory: folder }),
  });

  return {
    folder,
    async handle(request, response) {
      const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
      if (bearer === undefined || (await scopeOf(bearer)) === undefined) {
        request.resume();
        response.writeHead(401, { 'www-authenticate': 'Bearer realm="files"' }).end();
        return;
      }
      const id = ID.exec(request.url ?? '')?.[1];
      if (request.method === 'GET' && id !== undefined) return sendFile(join(folder, id), request, response);
      // Reading the body here would take it away from this.
      return server.handle(request, response);
    },
    stop() {
      if (given === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** With ranges (RFC 9110, section 14), which @tus/server has not. */
async function sendFile(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (!found) {
    response.writeHead(404).end();
    return;
  }
  const told = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const start = told === undefined ? 0 : Number(told);
  if (start > 0 && start >= found.size) {
    response.writeHead(416, { 'content-range': `bytes */${found.size}` }).end();
    return;
  }
  const range = { 'content-range': `bytes ${start}-${found.size - 1}/${found.size}` };
  response.writeHead(told === undefined ? 200 : 206, {
    'content-type': TYPE,
    'content-length': found.size - start,
    ...(told !== undefined && range),
  });
  // Who stops reading is no news.
  await pipeline(createReadStream(path, { start }), response).catch(() => undefined);
}
