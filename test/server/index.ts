import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { adoptPatients } from './data/adopt.ts';
import { generate } from './data/generate/generate.ts';
import { loadDirectory } from './data/load.ts';
import { type Dialect, defaultDialect } from './dialect.ts';
import { createExports } from './fhir/export.ts';
import { createRoute } from './fhir/route.ts';
import { createApp } from './http/app.ts';
import { createFaults, type Faults } from './http/faults.ts';
import type { RequestLogEntry } from './http/request-log.ts';
import type { KeysOptions, ServerKeys } from './keys/inside.ts';
import { createOAuth } from './oauth/oauth.ts';
import { createRepository, type Repository, type Store } from './store/store.ts';
import { createTusUploads, TUS_PATH } from './tus/tus.ts';
import { type DevUser, devUsers } from './users.ts';

export type { Dialect } from './dialect.ts';
export type { FaultRule, Faults } from './http/faults.ts';
export type { RequestLogEntry } from './http/request-log.ts';
export type { Store, Version } from './store/store.ts';
export type { DevUser } from './users.ts';

/** PEM texts. */
export interface ServerTls {
  key: string;
  cert: string;
  /** Asks each client for a certificate of this authority, and answers FHIR requests without one with 403. */
  clientCa?: string;
}

export interface DevServerOptions {
  /** Default 0: any free port. Always on 127.0.0.1. */
  port?: number;
  /** A directory of NDJSON or Bundle JSON files (with subdirectories), plain, .gz or .zst. */
  data?: string;
  /** How many patients the generator makes where `data` is absent; default 40. */
  patients?: number;
  seed?: number;
  /** What the generator takes for now; default: now, rounded to the hour. */
  now?: string;
  clock?: () => Date;
  accessTokenSeconds?: number;
  onProgress?: (message: string) => void;
  /** Serves https, with a certificate for 127.0.0.1. */
  tls?: ServerTls;
  /** Where this server differs from the default. */
  dialect?: Partial<Dialect>;
  /** Runs a key service too (keys/), with the organisation's keys in a token. */
  keys?: KeysOptions;
  /** Takes uploads by tus too, at `/files`; in a folder of its own, or in this one, which stays. */
  files?: boolean | string;
}

export interface DevServer {
  url: string;
  issuer: string;
  port: number;
  users: readonly DevUser[];
  store: Store;
  faults: Faults;
  requests: RequestLogEntry[];
  /** Where uploads by tus are kept; null where it takes none. */
  filesFolder: string | null;
  issueToken(username: string, scope?: string): Promise<string>;
  /** What the EHR puts into a link that launches Wardlight for a patient. */
  offerLaunch(patientId: string): string;
  /** Grants no more than these scopes from now on; null for whatever is asked for. */
  limitScopes(scopes: string | null): void;
  /** Of the key service; null without one. */
  keys: ServerKeys | null;
  stop(): Promise<void>;
}

const HOUR = 3_600_000;
const DEFAULT_SCOPE = 'openid fhirUser offline_access user/*.cruds';

function fill(store: Repository, options: DevServerOptions): void {
  const progress = options.onProgress ?? (() => {});
  const realNow = (options.clock?.() ?? new Date()).getTime();
  const now = new Date(options.now ?? Math.floor(realNow / HOUR) * HOUR);
  if (options.data !== undefined) {
    loadDirectory(store, options.data, progress);
    adoptPatients(store, devUsers, now);
  } else {
    const patients = options.patients ?? 40;
    progress(`generating ${patients} patients`);
    const resources = generate({ patients, seed: options.seed ?? 1, now, users: devUsers });
    store.clock.makeRoom(resources.length);
    for (const resource of resources) store.put(resource);
  }
  progress(`${store.count()} resources ready`);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function openServer(tls: ServerTls | undefined): Server {
  const common = { maxHeaderSize: 512 * 1024 };
  if (!tls) return createServer(common);
  const { key, cert, clientCa } = tls;
  const asking = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false };
  return createTlsServer({ ...common, key, cert, ...asking });
}

/** The sign-in page is for browsers, which have no certificate here. */
function forKnownClients(app: RequestListener): RequestListener {
  return (request, response) => {
    const isKnown = (request.socket as TLSSocket).authorized || request.url?.startsWith('/oauth/auth');
    if (isKnown || request.url?.startsWith('/oauth/sign-in')) return app(request, response);
    response.writeHead(403).end();
  };
}

/** Starts the development FHIR server; see README.md. */
export async function startServer(options: DevServerOptions = {}): Promise<DevServer> {
  const dialect: Dialect = { ...defaultDialect, ...options.dialect };
  const store = createRepository({ clock: options.clock ?? (() => new Date()), ...dialect });
  fill(store, options);
  // Next links of searches with hundreds of patients are long.
  const server = openServer(options.tls);
  const port = await listen(server, options.port ?? 0);
  const origin = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const files = options.files ? `${origin}${TUS_PATH}` : null;
  const fhir = { store, base: `${origin}/fhir`, dialect, files };
  const issuer = `${origin}/oauth`;
  const oauth = createOAuth({
    issuer,
    fhirBase: fhir.base,
    users: devUsers,
    accessTokenSeconds: options.accessTokenSeconds ?? 3600,
  });
  const faults = createFaults();
  const requests: RequestLogEntry[] = [];
  const route = createRoute(fhir, createExports(fhir));
  const { endpoints, scopeOf } = oauth;
  const folder = typeof options.files === 'string' ? options.files : undefined;
  const tus = files === null ? null : createTusUploads({ folder, scopeOf });
  const app = createApp({ fhir, oauth, endpoints, scopeOf, route, faults, requests, tus });
  const { clock = () => new Date() } = options;
  const around = { store, userOf: oauth.userOf, clock };
  // Its native module is needed by few.
  const keys = options.keys ? await (await import('./keys/inside.ts')).startKeysInside(options.keys, around) : null;
  server.on('request', options.tls?.clientCa === undefined ? app : forKnownClients(app));
  return {
    url: fhir.base,
    issuer,
    port,
    users: devUsers,
    store,
    faults,
    requests,
    filesFolder: tus?.folder ?? null,
    issueToken: (username, scope = DEFAULT_SCOPE) => oauth.issueToken(username, scope),
    offerLaunch: oauth.offerLaunch,
    limitScopes: oauth.limitScopes,
    keys,
    async stop() {
      await keys?.stop();
      await new Promise<void>((resolve) => {
        server.close(() => {
          tus?.stop();
          resolve();
        });
        server.closeAllConnections();
      });
    },
  };
}
