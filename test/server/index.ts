import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { adoptPatients } from './data/adopt.ts';
import { generate } from './data/generate/generate.ts';
import { loadDirectory } from './data/load.ts';
import { type Dialect, defaultDialect } from './dialect.ts';
import { createExports } from './fhir/export.ts';
import { createRoute } from './fhir/route.ts';
import { createApp } from './http/app.ts';
import { createFaults, type Faults } from './http/faults.ts';
import type { RequestLogEntry } from './http/request-log.ts';
import { createOAuth } from './oauth/oauth.ts';
import { createRepository, type Repository, type Store } from './store/store.ts';
import { type DevUser, devUsers } from './users.ts';

export type { Dialect } from './dialect.ts';
export type { FaultRule, Faults } from './http/faults.ts';
export type { RequestLogEntry } from './http/request-log.ts';
export type { Store, Version } from './store/store.ts';
export type { DevUser } from './users.ts';

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
  /** Where this server differs from the default. */
  dialect?: Partial<Dialect>;
}

export interface DevServer {
  url: string;
  issuer: string;
  port: number;
  users: readonly DevUser[];
  store: Store;
  faults: Faults;
  requests: RequestLogEntry[];
  issueToken(username: string, scope?: string): Promise<string>;
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

/** Starts the development FHIR server; see README.md. */
export async function startServer(options: DevServerOptions = {}): Promise<DevServer> {
  const dialect: Dialect = { ...defaultDialect, ...options.dialect };
  const store = createRepository({ clock: options.clock ?? (() => new Date()), ...dialect });
  fill(store, options);
  // Next links of searches with hundreds of patients are long.
  const server = createServer({ maxHeaderSize: 512 * 1024 });
  const port = await listen(server, options.port ?? 0);
  const origin = `http://127.0.0.1:${port}`;
  const fhir = { store, base: `${origin}/fhir`, dialect };
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
  server.on('request', createApp({ fhir, oauth, endpoints, scopeOf, route, faults, requests }));
  return {
    url: fhir.base,
    issuer,
    port,
    users: devUsers,
    store,
    faults,
    requests,
    issueToken: (username, scope = DEFAULT_SCOPE) => oauth.issueToken(username, scope),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
