import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import type { TargetPolicyOf } from '../../managed/audit-delivery.ts';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface S3ClientOptions {
  readonly policy: Omit<TargetPolicyOf<'s3'>, 'kind' | 'name'>;
  readonly credentials: S3Credentials;
  /** Chromium's network stack in the app, Node's in tests. */
  readonly fetch: typeof globalThis.fetch;
  /** How much the server's clock is ahead of this one, as far as it is known: requests are signed with the time. */
  readonly clockOffset: number;
  /** Hears the server's clock with each answer. */
  readonly onServerTime: (time: number) => void;
}

const TIMEOUT_MS = 60_000;

/** What the fetch makes itself, and refuses to be told. */
const MADE_BY_FETCH: ReadonlySet<string> = new Set(['host', 'content-length']);

/**
 * An S3 client that takes nothing from its surroundings: no environment variable, no file of the home folder and no
 * metadata service names a server, a region, a proxy or credentials; what policy says holds alone.
 */
export function createS3Client(options: S3ClientOptions): S3Client {
  const { policy, credentials, fetch, clockOffset, onServerTime } = options;
  return new S3Client({
    endpoint: policy.endpoint,
    region: policy.region,
    forcePathStyle: policy.pathStyle,
    // A copy: the client writes into what it is given.
    credentials: { ...credentials },
    systemClockOffset: clockOffset,
    requestHandler: {
      handle: (request: HttpRequest, options?: { abortSignal?: unknown }) =>
        handle(request, { fetch, aborted: options?.abortSignal, onServerTime }),
    },
    // Repeated by the queue, which knows what is to be sent.
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    // The checksum is ours, and sent with the request; other servers know no other.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    followRegionRedirects: false,
    useArnRegion: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    disableS3ExpressSessionAuth: true,
    authSchemePreference: ['sigv4'],
    sigv4aSigningRegionSet: [policy.region],
    userAgentAppId: 'wardlight',
    profile: 'none',
  });
}

/** The part of the client's requests that is used. */
interface HttpRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly method: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

async function handle(
  request: HttpRequest,
  { fetch, aborted, onServerTime }: Pick<S3ClientOptions, 'fetch' | 'onServerTime'> & { aborted: unknown },
) {
  const signals = [AbortSignal.timeout(TIMEOUT_MS), ...(aborted instanceof AbortSignal ? [aborted] : [])];
  const response = await fetch(addressOf(request), {
    method: request.method,
    headers: Object.entries(request.headers).filter(([name]) => !MADE_BY_FETCH.has(name.toLowerCase())),
    ...(request.body !== undefined && { body: request.body as BodyInit }),
    redirect: 'error',
    credentials: 'omit',
    cache: 'no-store',
    signal: AbortSignal.any(signals),
  });
  const time = Date.parse(response.headers.get('date') ?? '');
  if (Number.isFinite(time)) onServerTime(time);
  const body = Buffer.from(await response.arrayBuffer());
  return {
    response: {
      statusCode: response.status,
      reason: response.statusText,
      headers: Object.fromEntries(response.headers),
      body: Readable.from(body.length === 0 ? [] : [body]),
    },
  };
}

function addressOf({ protocol, hostname, port, path, query = {} }: HttpRequest): string {
  const encoded = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  const parts = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) =>
      one === null || one === '' ? `${encoded(name)}${one === '' ? '=' : ''}` : `${encoded(name)}=${encoded(one)}`,
    ),
  );
  const host = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
  return `${host}${path}${parts.length === 0 ? '' : `?${parts.join('&')}`}`;
}
