import type { LocalServer } from '../server/local.ts';
import type { Version } from '../server/store/store.ts';
import type { Defect, Fate } from './plan.ts';
import { markersOf } from './records.ts';
import type { Time } from './time.ts';

/** The network between workstations and server: everything that can happen to a request, and a record of all writes. */
export interface Network {
  /** A workstation's `fetch`. */
  fetchFor(line: Line): typeof globalThis.fetch;
  /** Writes that left a workstation without what keeps them from overwriting or doubling. */
  readonly unconditional: string[];
  /** Versions that workstations made, in order. */
  readonly accepted: Accepted[];
  /** Types that were refused at any time, of everybody, or as `type patient`. */
  readonly refused: ReadonlySet<string>;
  /** In how many runs a client was refused the history of a type. */
  historyRefusals(client: number, type: string): number;
  /** How many requests left the workstations. */
  requests(): number;
  /** The server is away, as it is while it is restored: what is under way fails, and so does what comes meanwhile. */
  outage(ms: number): void;
  /** What the server can't do from now on; null: nothing. */
  setDefect(defect: Defect | null): void;
}

export interface Line {
  readonly client: number;
  /** Number of the run that asks; 0 outside of one. */
  run(): number;
  /** What happens to the next request; undefined: nothing. */
  fate(): Fate | undefined;
  /** False once the process that asked is gone: it gets no answer any more. */
  alive(): boolean;
}

export interface Accepted {
  readonly client: number;
  readonly run: number;
  readonly version: Version;
  readonly before: Version | undefined;
}

export interface NetworkOptions {
  readonly server: LocalServer;
  readonly time: Time;
  /** The server's. */
  readonly clock: () => Date;
  readonly trace: (line: string) => void;
  readonly patchIgnoresIfMatch: boolean;
}

const LATENCY_MS = 20;

interface BundleEntry {
  request?: { method?: string; url?: string; ifMatch?: string; ifNoneExist?: string };
}

/** What is wrong with a write as it stands on the wire: FHIR R4 http.html#concurrency, #ccreate. */
export function faultsOfWrite(
  method: string,
  path: string,
  headers: Headers,
  body: string,
  patchIgnoresIfMatch: boolean,
): string[] {
  const parts = path.split('/').filter(Boolean);
  if (method === 'POST' && parts.length === 0) {
    const { entry = [] } = JSON.parse(body) as { entry?: BundleEntry[] };
    return entry.flatMap(({ request = {} }) => {
      const { method: verb = '', url = '', ifMatch, ifNoneExist } = request;
      return faultOf(verb, url, ifMatch ?? null, ifNoneExist ?? null, patchIgnoresIfMatch);
    });
  }
  if (parts.some((part) => part.startsWith('_') || part.startsWith('$'))) return [];
  return faultOf(method, path, headers.get('if-match'), headers.get('if-none-exist'), patchIgnoresIfMatch);
}

function faultOf(
  method: string,
  url: string,
  ifMatch: string | null,
  ifNoneExist: string | null,
  patchIgnoresIfMatch: boolean,
): string[] {
  const replaces = method === 'PUT' || method === 'PATCH' || method === 'DELETE';
  if (replaces && !ifMatch) return [`${method} ${url} without If-Match`];
  if (method === 'PATCH' && patchIgnoresIfMatch) return [`PATCH ${url}, on which the server ignores If-Match`];
  return method === 'POST' && !ifNoneExist ? [`POST ${url} without If-None-Exist`] : [];
}

/** What a bundle asks for, for a person who reads the trace. */
function entriesOf(body: string): string {
  const { entry = [] } = JSON.parse(body) as { entry?: BundleEntry[] };
  const entries = entry.map(
    ({ request }) => `${request?.method} ${request?.url} ${request?.ifMatch ?? request?.ifNoneExist ?? ''}`,
  );
  return `[${entries.join(', ')}]`;
}

function throttled(status: number, retryAfter: number | null, medplum: boolean, at: Date): Response {
  const diagnostics = JSON.stringify({ _msBeforeNext: (retryAfter ?? 0) * 1000 });
  const outcome = {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'error',
        code: status === 429 ? 'throttled' : 'transient',
        ...(medplum && status === 429 && { diagnostics }),
      },
    ],
  };
  const hasHeader = retryAfter !== null && !(medplum && status === 429);
  const headers = {
    'content-type': 'application/fhir+json',
    date: at.toUTCString(),
    ...(hasHeader && { 'retry-after': String(retryAfter) }),
  };
  return new Response(JSON.stringify(outcome), { status, headers });
}

function cutOff(text: string): ReadableStream {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) controller.error(new TypeError('terminated'));
      else controller.enqueue(Buffer.from(text.slice(0, text.length / 2)));
      sent = true;
    },
  });
}

function fateBy(defect: Defect | null, path: string): Fate | undefined {
  return defect && isOf(defect, path) ? { kind: 'status', status: defect.status, retryAfter: null } : undefined;
}

function isOf({ type, of, patient }: Defect, path: string): boolean {
  if (!path.startsWith(`/${type}`)) return false;
  const rest = path.slice(type.length + 1);
  if (of === 'history') return rest.startsWith('/_history');
  if (of === 'read') return /^\/[^_/]+$/.test(rest);
  const isAbout = patient === null || new RegExp(`Patient/${patient}(?![0-9])`).test(decodeURIComponent(rest));
  return rest.startsWith('?') && isAbout && (of === 'search' || rest.includes('_elements='));
}

/** One request on its way there and back. */
interface Journey {
  readonly line: Line;
  readonly run: number;
  readonly request: Request;
  readonly body: string | null;
  readonly fate: Fate | undefined;
  readonly resolve: (response: Response) => void;
  /** The client learns that the connection broke. */
  readonly fail: () => void;
}

const failure = () => new TypeError('fetch failed');

/** The answer as the client gets it. */
async function asDelivered(response: Response, fate: Fate | undefined): Promise<Response> {
  if (fate?.kind === 'gateway-error') return new Response('<html>504</html>', { status: 504 });
  if (fate?.kind !== 'cut' && fate?.kind !== 'cut-silently') return response;
  const text = await response.text();
  if (text === '') throw new TypeError('terminated');
  const { status, headers } = response;
  const kept = new Headers(headers);
  kept.delete('content-length');
  return new Response(fate.kind === 'cut' ? cutOff(text) : text.slice(0, text.length / 2), { status, headers: kept });
}

export function createNetwork({ server, time, clock, trace, patchIgnoresIfMatch }: NetworkOptions): Network {
  const unconditional: string[] = [];
  const accepted: Accepted[] = [];
  const open = new Set<Journey>();
  let requests = 0;
  let awayUntil = 0;
  let defect: Defect | null = null;
  const refused = new Set<string>();
  /** By client and type, the runs in which the type's history was refused. */
  const silentIn = new Map<string, Set<number>>();
  const medplum = server.dialect.throttle === 'medplum';

  /** Hands the request to the server, and notes which versions that made. */
  async function act(line: Line, run: number, request: Request, body: string | null): Promise<Response> {
    if (time.now() < awayUntil) return throttled(503, null, medplum, clock());
    const sequence = request.method === 'GET' ? null : (server.store.log().at(-1)?.sequence ?? 0);
    const init = { method: request.method, headers: request.headers, ...(body !== null && { body }) };
    const response = await server.fetch(request.url, init);
    if (sequence !== null) {
      for (const version of server.store.log().filter((one) => one.sequence > sequence)) {
        const versions = server.store.versions(version.type, version.id);
        accepted.push({ client: line.client, run, version, before: versions[versions.indexOf(version) - 1] });
        const { a, b } = markersOf(version.type, version.text);
        const name = `${version.type}/${version.id}`;
        trace(`  server: ${version.method} ${name} is now ${version.versionId} (${a}, ${b}), by client ${line.client}`);
      }
    }
    return response;
  }

  /** Notes what leaves a workstation, and sends it on its way. */
  async function carry(line: Line, request: Request): Promise<Response> {
    const run = line.run();
    const { method, url, headers } = request;
    const body = method === 'GET' || method === 'HEAD' ? null : await request.text();
    const path = url.slice(server.url.length);
    const fate = line.fate() ?? (body === null ? fateBy(defect, path) : undefined);
    if (fate?.kind === 'status' && fate.status === 403 && defect?.of === 'history') {
      const place = `${line.client} ${defect.type}`;
      silentIn.set(place, (silentIn.get(place) ?? new Set()).add(run));
    }
    if (body !== null) {
      unconditional.push(...faultsOfWrite(method, path.split('?')[0] ?? '', headers, body, patchIgnoresIfMatch));
    }
    const entries = body !== null && path === '' ? ` ${entriesOf(body)}` : '';
    const told = fate ? ` — ${JSON.stringify(fate)}` : '';
    trace(`  client ${line.client}: ${method} ${decodeURIComponent(path)}${entries}${told}`);
    return new Promise((resolve, reject) => {
      const journey: Journey = {
        line,
        run,
        request,
        body,
        fate,
        resolve,
        fail: () => line.alive() && reject(failure()),
      };
      open.add(journey);
      request.signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')), { once: true });
      travel(journey);
    });
  }

  /** There and back, as its fate will have it. */
  function travel(journey: Journey): void {
    const { fate, resolve, fail } = journey;
    if (fate?.kind === 'late') arrive(journey, fate.ms, () => undefined);
    if (fate?.kind === 'twice') arrive(journey, fate.ms + LATENCY_MS + 1, () => undefined);
    if (fate?.kind === 'drop-before' || fate?.kind === 'late') deliver(journey, fail);
    else if (fate?.kind === 'status') {
      deliver(journey, () => resolve(throttled(fate.status, fate.retryAfter, medplum, clock())));
    } else {
      arrive(journey, fate?.kind === 'delay' ? fate.ms : LATENCY_MS, (response) =>
        deliver(journey, () => {
          if (fate?.kind === 'drop-after') fail();
          else void asDelivered(response, fate).then(resolve, fail);
        }),
      );
    }
  }

  function arrive({ line, run, request, body, fail }: Journey, ms: number, then: (response: Response) => void): void {
    time.after(ms, () => void act(line, run, request, body).then(then, fail));
  }

  /** To the client, if it is still there. */
  function deliver(journey: Journey, how: () => void): void {
    time.after(LATENCY_MS, () => {
      open.delete(journey);
      if (journey.line.alive()) how();
    });
  }

  return {
    unconditional,
    accepted,
    refused,
    requests: () => requests,
    historyRefusals: (client, type) => silentIn.get(`${client} ${type}`)?.size ?? 0,
    outage(ms) {
      awayUntil = time.now() + ms;
      for (const { fail } of open) fail();
    },
    setDefect(next) {
      defect = next;
      const what = next && (next.patient === null ? next.type : `${next.type} ${next.patient}`);
      if (what !== null && next?.status === 403) refused.add(what);
      trace(`server: ${next ? `${next.status} to each ${next.of} of ${what}` : 'does everything'}`);
    },
    fetchFor: (line) => (input, init) => {
      time.touch();
      requests += 1;
      return carry(line, new Request(input, init));
    },
  };
}
