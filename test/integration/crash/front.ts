import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Dialect } from '../../server/dialect.ts';
import { createLocalServer, type LocalServer } from '../../server/local.ts';
import { faultsOfWrite } from '../../sim/network.ts';

/** The development server's FHIR endpoint on a loopback port, with a record of writes that nothing held back. */
export interface Front {
  readonly server: LocalServer;
  readonly url: string;
  readonly token: string;
  readonly unconditional: string[];
  stop(): Promise<void>;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function headersOf(request: IncomingMessage): Headers {
  const text = Object.entries(request.headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value]] : [],
  );
  return new Headers(text as [string, string][]);
}

async function pass(
  { server, unconditional }: Pick<Front, 'server' | 'unconditional'>,
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url: path = '/' } = request;
  const body = await readText(request);
  const headers = headersOf(request);
  const relative = path.slice('/fhir'.length).split('?')[0] ?? '';
  if (body !== '' || method === 'DELETE') {
    unconditional.push(...faultsOfWrite(method, relative, headers, body, server.dialect.patchIfMatch === 'ignored'));
  }
  const init = { method, headers, ...(body !== '' && { body }) };
  const answer = await server.fetch(`${origin}${path}`, init);
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
}

export async function startFront(clock: () => Date, dialect: Partial<Dialect>): Promise<Front> {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const server = createLocalServer({ clock, dialect, origin });
  const unconditional: string[] = [];
  http.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void pass({ server, unconditional }, origin, request, response);
  });
  return {
    server,
    url: server.url,
    token: server.tokenFor(),
    unconditional,
    stop: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
