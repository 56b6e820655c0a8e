import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { CareTeam } from 'fhir/r4';
import { createReceiver } from '../../../../main/cache/handover.ts';
import { parseHeader } from '../../../../main/documents/format/header.ts';
import { recipientsKeyring } from '../../../../main/documents/format/recipients.ts';
import { encryption } from '../../../../main/documents/format/streams.ts';
import { createDocumentKeys, type DocumentKeys } from '../../../../main/documents/keys/keys.ts';
import { createDocumentsService } from '../../../../main/documents/service.ts';
import type { EncryptionContext, Recipient } from '../../../../main/documents/types.ts';
import { createFhirClient } from '../../../../main/fhir/client.ts';
import { type DocumentsPolicy, documentsSchema } from '../../../../main/managed/documents.ts';
import { type DevServer, startServer } from '../../../server/index.ts';
import type { ServerKeys } from '../../../server/keys/inside.ts';
import { fill, openCache, type TestCache } from '../../cache/support.ts';
import { plainIntake } from '../format/intake.ts';

export const PIN = 'synthetic-pin';

/** A folder that its owner removes. */
export function folderOf(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-keys-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Site {
  readonly folder: string;
  readonly server: DevServer;
  readonly keys: ServerKeys;
  readonly policy: DocumentsPolicy;
  /** Moves the time of server and workstations. */
  later(ms: number): void;
  now(): number;
  stop(): Promise<void>;
}

/** A hospital: a FHIR server with two patients and their care teams, and the key service with its token. */
export async function openSite(token: 'nss' | 'softhsm' = 'nss'): Promise<Site> {
  const { folder, remove } = folderOf();
  let moved = 0;
  const now = () => Date.now() + moved;
  const server = await startServer({ patients: 0, clock: () => new Date(now()), keys: { folder, pin: PIN, token } });
  if (!server.keys) throw new Error('no key service');
  for (const resource of records) server.store.put(resource as never);
  return {
    folder,
    server,
    keys: server.keys,
    policy: documentsSchema.parse(server.keys.policy),
    now,
    later(ms) {
      moved += ms;
    },
    async stop() {
      await server.stop();
      remove();
    },
  };
}

const team = (id: string, patient: string, members: readonly string[]): CareTeam => ({
  resourceType: 'CareTeam',
  id,
  status: 'active',
  subject: { reference: `Patient/${patient}` },
  participant: members.map((reference) => ({ member: { reference } })),
});

/** Osei and Lindqvist (by her role) care for `p1`, Osei alone for `p2`; the locum for nobody. */
const records = [
  { resourceType: 'Patient', id: 'p1', name: [{ family: 'One' }] },
  { resourceType: 'Patient', id: 'p2', name: [{ family: 'Two' }] },
  {
    resourceType: 'PractitionerRole',
    id: 'ward-nurse',
    active: true,
    practitioner: { reference: 'Practitioner/dev-lindqvist' },
  },
  team('t1', 'p1', ['Practitioner/dev-osei', 'PractitionerRole/ward-nurse']),
  team('t2', 'p2', ['Practitioner/dev-osei']),
];

export interface Workstation {
  readonly keys: DocumentKeys;
  readonly cache: TestCache;
  /** Requests that left it, by method and path. */
  readonly asked: string[];
}

interface Differences {
  readonly pairs?: () => JsonWebKey;
  readonly cache?: TestCache;
  readonly policy?: DocumentsPolicy;
  /** Stands between the workstation and everybody. */
  readonly network?: (request: Request, pass: typeof fetch) => Promise<Response>;
}

/** A clinician's workstation: a real cache as a run of sync leaves it, and the keys on top. */
export async function openWorkstation(site: Site, user: string, differences: Differences = {}): Promise<Workstation> {
  const { pairs = sharedPairs(), cache = openCache(), policy = site.policy, network } = differences;
  fill(cache, ['p1', 'p2'], records.map(versioned));
  const asked: string[] = [];
  const token = await site.server.issueToken(user);
  const accessToken = async () => ({ ok: true as const, value: token });
  const fetching: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return network ? network(request, fetch) : fetch(request);
  };
  let requests = 0;
  const requestId = () => `request-${requests++}`;
  const keys = createDocumentKeys({
    cache: remote(cache),
    fhir: createFhirClient({ base: site.server.url, fetch: fetching, accessToken, requestId }),
    policy,
    fetch: fetching,
    accessToken,
    practitioner: `Practitioner/dev-${user}`,
    workstation: async () => `workstation-${user}`,
    now: site.now,
    process: createDocumentsService({ intake: plainIntake, newId: requestId, newKeyPair: async () => pairs() }),
  });
  return { keys, cache, asked };
}

/** The private keys of a workstation, the one in force first. */
export function privateKeysOf({ cache }: Pick<Workstation, 'cache'>): JsonWebKey[] {
  const receiver = createReceiver();
  const sealed = cache.read.sealedDeviceKeys({ to: receiver.publicKey });
  return sealed.map((one) => JSON.parse(receiver.open(one.sealed).toString()));
}

function versioned(resource: object) {
  return { ...resource, meta: { versionId: '1', lastUpdated: '2026-03-01T09:00:00Z' } };
}

/** Operations as main sees them: answers are promised. */
function remote({ read, write }: TestCache) {
  const group = (operations: object) =>
    Object.fromEntries(
      Object.entries(operations).map(([name, run]: [string, (args: unknown) => unknown]) => [
        name,
        async (args: unknown) => run(args),
      ]),
    );
  return { read: group(read), write: group(write) } as never;
}

const made: JsonWebKey[] = [];

/** Pairs from a store that all tests of a file share, as each takes its time to make. */
export function sharedPairs(start = 0): () => JsonWebKey {
  let at = start;
  return () => {
    while (made.length <= at) {
      made.push(generateKeyPairSync('rsa', { modulusLength: 3_072 }).privateKey.export({ format: 'jwk' }));
    }
    at += 1;
    return made[at - 1] ?? {};
  };
}

export const anyContext: EncryptionContext = {
  v: '1',
  document: 'd',
  patient: 'p',
  author: 'a',
  resource: 'r',
  role: 'unknown',
  purpose: 'TREAT',
  policy: '1',
  created: '2026-03-01T10:00:00.000Z',
};

/** A message for recipients, and its header. */
export async function encrypt(
  recipients: readonly Recipient[],
  context: Partial<EncryptionContext>,
  content = 'a synthetic wound',
): Promise<{ readonly header: Buffer; readonly message: Buffer }> {
  const keyring = await recipientsKeyring(recipients);
  return encryptWith(must(keyring), context, content);
}

/** The same with a keyring that is there already. */
export async function encryptWith(
  keyring: Parameters<typeof encryption>[0],
  context: Partial<EncryptionContext>,
  content = 'a synthetic wound',
): Promise<{ readonly header: Buffer; readonly message: Buffer }> {
  const stream = encryption(keyring, { ...anyContext, ...context }, false);
  const message = await through(stream, content);
  return { message, header: message.subarray(0, must(parseHeader(message)).length) };
}

/** What comes out of a stream. */
export async function through(stream: Duplex, content: Uint8Array | string): Promise<Buffer> {
  stream.end(content);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What was answered. @throws where it is a failure */
export function must<Value>(answer: { ok: true; value: Value } | { ok: false; error: { code: string } }): Value {
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.value;
}
