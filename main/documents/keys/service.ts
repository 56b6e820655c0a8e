import axios, { type AxiosInstance } from 'axios';
import * as z from 'zod';
import type { AccessToken } from '../../fhir/authorized.ts';
import type { Answer, WrappedKey } from '../types.ts';
import type { RsaJwk } from './public-keys.ts';

/**
 * `unreachable`: no answer, or "not now"; `refused`: it says no; `answer-invalid`: what it says can't be used;
 * `key-revoked`: it has revoked this device's key.
 */
export type ServiceError =
  | 'key-service-unreachable'
  | 'key-service-refused'
  | 'key-service-answer-invalid'
  | 'key-revoked'
  | 'cancelled';

type Told<Value> = Promise<Answer<Value, ServiceError>>;

/** The organisation's key service (docs/architecture.md, "Keys of documents"), with the clinician's own token. */
export interface KeyService {
  /** Something that only who has the private key can read. */
  challenge(request: { jwk: RsaJwk; device: string }, signal?: AbortSignal): Told<{ challenge: string }>;
  certify(
    request: { jwk: RsaJwk; device: string; proof: string },
    signal?: AbortSignal,
  ): Told<{ certificate: string; contextKey: string }>;
  /** `header`: of the message, base64. The file itself is never sent. */
  rewrap(
    request: { header: string; certificate: string; emergency: boolean },
    signal?: AbortSignal,
  ): Told<{ wrapped: WrappedKey }>;
  /** `jwe`: a field as it is sealed. Unlike a file it goes as a whole: what it belongs to can't be proved otherwise. */
  rewrapField(
    request: { jwe: string; certificate: string; emergency: boolean },
    signal?: AbortSignal,
  ): Told<{ kid: string; encrypted_key: string }>;
  revocations(signal?: AbortSignal): Told<{ revocations: string }>;
}

export interface KeyServiceOptions {
  /** As policy names it. */
  readonly base: string;
  readonly fetch: typeof globalThis.fetch;
  readonly accessToken: AccessToken;
}

const TIMEOUT_MS = 20_000;
const ANSWER_MAX_BYTES = 4 * 1024 * 1024;

const text = z.string().min(1).max(ANSWER_MAX_BYTES);
const answers = {
  challenge: z.object({ challenge: text }),
  certify: z.object({ certificate: text, contextKey: text }),
  rewrap: z.object({
    wrapped: z.strictObject({
      provider: z.literal('wardlight'),
      info: z.string().max(200),
      ciphertext: z.base64().max(2_048),
    }),
  }),
  'rewrap-field': z.object({
    kid: z.string().max(200),
    encrypted_key: z.base64url().max(2_048),
  }),
  revocations: z.object({ revocations: text }),
};
type Name = keyof typeof answers;

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** A client of the service: each request is made once, or twice where its token has run out. */
export function createKeyService({ base, fetch, accessToken }: KeyServiceOptions): KeyService {
  const http = axios.create({
    adapter: 'fetch',
    env: { fetch },
    baseURL: base,
    timeout: TIMEOUT_MS,
    maxContentLength: ANSWER_MAX_BYTES,
    responseType: 'text',
    transformResponse: [(data: unknown) => data],
    validateStatus: () => true,
    headers: { Accept: 'application/json' },
    fetchOptions: { redirect: 'error', credentials: 'omit', cache: 'no-store' },
  });

  async function ask<N extends Name>(
    name: N,
    body: object | null,
    signal?: AbortSignal,
  ): Told<z.output<(typeof answers)[N]>> {
    const first = await accessToken();
    if (!first.ok) return failed('key-service-unreachable');
    let reply = await once(http, first.value, name, body, signal);
    if (reply?.status === 401) {
      const second = await accessToken(first.value);
      if (!second.ok) return failed('key-service-unreachable');
      if (second.value !== first.value) reply = await once(http, second.value, name, body, signal);
    }
    if (signal?.aborted) return failed('cancelled');
    return answerOf(name, reply);
  }

  return {
    challenge: (request, signal) => ask('challenge', request, signal),
    certify: (request, signal) => ask('certify', request, signal),
    rewrap: (request, signal) => ask('rewrap', request, signal),
    rewrapField: (request, signal) => ask('rewrap-field', request, signal),
    revocations: (signal) => ask('revocations', null, signal),
  };
}

/** Null where there was no answer. */
async function once(
  http: AxiosInstance,
  token: string,
  name: Name,
  body: object | null,
  signal?: AbortSignal,
): Promise<Reply | null> {
  try {
    const { status, data } = await http.request<string>({
      method: body === null ? 'GET' : 'POST',
      url: name,
      headers: { Authorization: `Bearer ${token}`, ...(body !== null && { 'Content-Type': 'application/json' }) },
      ...(body !== null && { data: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    return { status, body: jsonOf(data) };
  } catch {
    return null;
  }
}

function answerOf<N extends Name>(name: N, reply: Reply | null): Answer<z.output<(typeof answers)[N]>, ServiceError> {
  if (reply === null || reply.status === 429 || reply.status >= 500) return failed('key-service-unreachable');
  if (reply.status !== 200) {
    const said = z.object({ code: z.literal('key-revoked') }).safeParse(reply.body);
    return failed(said.success ? 'key-revoked' : 'key-service-refused');
  }
  const read = answers[name].safeParse(reply.body);
  if (!read.success) return failed('key-service-answer-invalid');
  return { ok: true, value: read.data as z.output<(typeof answers)[N]> };
}

function jsonOf(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return null;
  }
}

function failed(code: ServiceError): { ok: false; error: { code: ServiceError } } {
  return { ok: false, error: { code } };
}
