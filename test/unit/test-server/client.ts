import type { Bundle, OperationOutcome, Resource } from 'fhir/r4';
import { afterAll, beforeAll } from 'vitest';
import { type DevServer, type DevServerOptions, startServer } from '../../server/index.ts';

/** A started server with a plain client on it, for one test file. */
export interface Answer<T> {
  status: number;
  headers: Headers;
  text: string;
  body: T;
}

export interface Client {
  server: DevServer;
  token: string;
  send<T = Resource>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>;
  get<T = Resource>(path: string, headers?: Record<string, string>): Promise<Answer<T>>;
  /** All pages of a search, from a path or a next link. */
  pages(path: string, between?: () => Promise<unknown>): Promise<Bundle[]>;
}

export async function createClient(options: DevServerOptions, scope?: string): Promise<Client> {
  const server = await startServer(options);
  const client: Client = {
    server,
    token: await server.issueToken('osei', scope),
    async send<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const response = await fetch(path.startsWith('http') ? path : server.url + path, {
        method,
        headers: {
          authorization: `Bearer ${client.token}`,
          ...(body !== undefined && { 'content-type': 'application/fhir+json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = /\/(?:fhir\+)?json\b/.test(response.headers.get('content-type') ?? '') && text !== '';
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: (isJson ? JSON.parse(text) : undefined) as T,
      };
    },
    get: (path, headers) => client.send('GET', path, undefined, headers),
    async pages(path, between) {
      const found: Bundle[] = [];
      let url: string | undefined = path;
      while (url !== undefined) {
        const { body }: Answer<Bundle> = await client.get<Bundle>(url);
        found.push(body);
        url = body.link?.find((link) => link.relation === 'next')?.url;
        if (url !== undefined) await between?.();
      }
      return found;
    },
  };
  return client;
}

/** The client of a test file, with no patients unless asked for; its server ends with the file. */
export function withClient(options: DevServerOptions = {}): Client {
  const client = {} as Client;
  beforeAll(async () => {
    Object.assign(client, await createClient({ patients: 0, ...options }));
  });
  afterAll(() => client.server.stop());
  return client;
}

export const idsOf = (bundle: Bundle): string[] => (bundle.entry ?? []).flatMap((entry) => entry.resource?.id ?? []);
export const issueOf = (answer: Answer<unknown>) => (answer.body as OperationOutcome).issue[0];
