import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';
import type { OrganisationKeys } from '../../../build/keys/organisation.ts';
import { byToken, firstOf, type Unwrapper } from '../../../build/keys/unwrap.ts';
import { readCertificate } from '../../../main/documents/keys/certificates.ts';
import { rsaJwk } from '../../../main/documents/keys/public-keys.ts';
import type { WrappedKey } from '../../../main/documents/types.ts';
import { FhirError } from '../fhir/reply.ts';
import { readBody } from '../http/body.ts';
import { createCertifier } from './certify.ts';
import { type Ruling, rule, ruleField, type Subject, signingKeysOf } from './rewrap.ts';

/** What became of a request; names nobody but who asked. */
export interface Decision extends Subject {
  readonly at: string;
  readonly request: string;
  readonly practitioner: string | null;
  /** `granted`, `granted-in-emergency`, or why not. */
  readonly decision: string;
}

export interface KeyServiceOptions {
  readonly keys: OrganisationKeys;
  /** Opens data keys besides the token: KMS, where policy has such keys. */
  readonly unwrap?: Unwrapper;
  /** `Practitioner/<id>` whose bearer token it is; undefined for one that isn't valid. */
  readonly identify: (token: string) => Promise<string | undefined>;
  /** Ids of the patients on whose active care teams somebody is now. */
  readonly patientsOf: (practitioner: string) => readonly string[];
  readonly now: () => number;
  readonly onDecision: (decision: Decision) => void;
  /** Makes a new list of revoked keys known. */
  readonly onRevoked?: (list: string) => void;
  /** Default 0: any free port of 127.0.0.1. */
  readonly port?: number;
}

export interface KeyService {
  /** With a slash at its end. */
  readonly url: string;
  stop(): Promise<void>;
}

/** A header with 256 recipients has some 130 KB; base64 adds a third. */
const BODY_MAX = 2 * 1024 * 1024;
/** A field goes as a whole; a note with a picture in it is longer than anything else here. */
const FIELD_MAX = 8 * 1024 * 1024;

const asking = { certificate: z.string().max(8_192), emergency: z.boolean().default(false) };
const applicant = z.strictObject({ jwk: rsaJwk, device: z.string().min(1).max(200) });
const bodies = {
  challenge: applicant,
  certify: applicant.extend({ proof: z.string().max(64) }),
  rewrap: z.strictObject({ header: z.base64().max(BODY_MAX), ...asking }),
  'rewrap-field': z.strictObject({ jwe: z.string().max(FIELD_MAX), ...asking }),
  revoke: z.strictObject({ certificate: z.string().max(8_192), reason: z.string().max(64) }),
  revocations: z.undefined(),
};
type Name = keyof typeof bodies;

interface Reply {
  readonly status: number;
  readonly body: object;
  readonly subject?: Subject;
  /** How it was granted, where that is told apart. */
  readonly decision?: string;
}

const refusal = (status: number, code: string, subject: Subject = {}): Reply => ({ status, body: { code }, subject });

type Routes = { readonly [N in Name]: (who: string, body: z.output<(typeof bodies)[N]>) => Promise<Reply> };

/** Starts the reference key service; see README.md. */
export async function startKeyService(options: KeyServiceOptions): Promise<KeyService> {
  const { identify, now, onDecision, port = 0 } = options;
  const routes = routesOf(options);

  async function decide(
    request: IncomingMessage,
  ): Promise<Reply & { readonly who: string | null; readonly name: string }> {
    const name = (request.url ?? '').slice(1);
    const body = await readBody(request, name === 'rewrap-field' ? FIELD_MAX : BODY_MAX);
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const who = (token === undefined ? undefined : await identify(token)) ?? null;
    if (who === null) return { ...refusal(401, 'unauthorized'), who, name };
    if (!isName(name)) return { ...refusal(404, 'not-found'), who, name };
    if (request.method !== (name === 'revocations' ? 'GET' : 'POST'))
      return { ...refusal(405, 'not-found'), who, name };
    const read = bodies[name].safeParse(jsonOf(body));
    if (!read.success) return { ...refusal(400, 'request-invalid'), who, name };
    return { ...(await routes[name](who, read.data as never)), who, name };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body, subject, who, name, decision: granted = 'granted' } = await decide(request);
    const decision = status === 200 ? granted : String((body as { code?: string }).code);
    onDecision({
      at: new Date(now()).toISOString(),
      request: isName(name) ? name : 'unknown',
      practitioner: who,
      decision,
      ...subject,
    });
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(body));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(error instanceof FhirError ? error.status : 500).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function routesOf({ keys, patientsOf, now, onRevoked, unwrap: besides }: KeyServiceOptions): Routes {
  const unwrap = firstOf([byToken(keys), ...(besides ? [besides] : [])]);
  const certifier = createCertifier(keys, now);
  const about = (practitioner: string) => ({
    keys,
    practitioner,
    nowMs: now(),
    patients: patientsOf(practitioner),
  });
  return {
    async challenge(practitioner, { jwk, device }) {
      const made = await certifier.challenge({ practitioner, jwk, device });
      return made.ok ? { status: 200, body: made.value } : refusal(403, made.code);
    },
    async certify(practitioner, { jwk, device, proof }) {
      const made = await certifier.certify({ practitioner, jwk, device }, proof);
      return made.ok ? { status: 200, body: made.value } : refusal(403, made.code);
    },
    async rewrap(practitioner, { header, certificate, emergency }) {
      const asked = { ...about(practitioner), certificate, emergency, unwrap, header: Buffer.from(header, 'base64') };
      return ruled(await rule(asked), (wrapped) => ({ wrapped }));
    },
    async 'rewrap-field'(practitioner, { jwe, certificate, emergency }) {
      const ruling = await ruleField({ ...about(practitioner), certificate, emergency, jwe });
      return ruled(ruling, ({ info, ciphertext }) => ({
        kid: info,
        encrypted_key: Buffer.from(ciphertext, 'base64').toString('base64url'),
      }));
    },
    async revoke(practitioner, { certificate, reason }) {
      const read = readCertificate(certificate, signingKeysOf(keys), now());
      // Everybody may revoke her own, from any workstation; the organisation's tool revokes the others.
      if (!read.ok || read.value.practitioner !== practitioner) return refusal(403, 'certificate-of-another');
      const { thumbprint: jti } = read.value;
      keys.revoke([{ jti, at: new Date(now()).toISOString(), reason }], now());
      onRevoked?.(keys.revocations(now()));
      return { status: 200, body: {}, subject: { key: jti } };
    },
    async revocations() {
      return { status: 200, body: { revocations: keys.revocations(now()) } };
    },
  };
}

function ruled(ruling: Ruling, bodyOf: (wrapped: WrappedKey) => object): Reply {
  if (!ruling.ok) return refusal(403, ruling.code, ruling.subject);
  const { wrapped, subject, decision } = ruling;
  return { status: 200, body: bodyOf(wrapped), subject, decision };
}

function isName(name: string): name is Name {
  return Object.hasOwn(bodies, name);
}

function jsonOf(body: Buffer): unknown {
  try {
    return body.length === 0 ? undefined : JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
