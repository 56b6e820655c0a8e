import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bucketOf, type DoubleBucket, type DoubleVersion, newestOf, type Refusal, refuse } from './double-bucket.ts';
import { lockXml, readLockXml, retentionXml, versionsXml } from './double-xml.ts';

/*
 * A double of an S3 server with Object Lock: one process, in memory, strict. Its rules are those of the Amazon S3 API
 * reference and of "Locking objects with Object Lock" in the user guide. It checks no signatures but whose key it is;
 * `npm run worm -- --server radosgw` runs the same suite against a real server, which does.
 */

export interface S3Double {
  readonly endpoint: string;
  /** May do what its users' policies would permit: everything here; compliance holds against it all the same. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Moves the server's clock. */
  pass(ms: number): void;
  close(): Promise<void>;
}

interface Call {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
  readonly now: number;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

const SKEW_MS = 15 * 60_000;

/** Starts the double on loopback. */
export async function startS3Double(): Promise<S3Double> {
  const buckets = new Map<string, DoubleBucket>();
  let offset = 0;
  const credentials = { accessKeyId: `double-${randomUUID()}`, secretAccessKey: randomUUID() };
  const server = createServer((request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call = callOf(request, Buffer.concat(chunks), Date.now() + offset);
    const said: Answer = unauthorized(call, credentials.accessKeyId) ?? perform(buckets, call);
    const body = call.method === 'HEAD' ? '' : (said.body ?? '');
    response.writeHead(said.status, {
      'x-amz-request-id': randomUUID(),
      date: new Date(call.now).toUTCString(),
      ...(said.headers ?? {}),
    });
    response.end(body);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials,
    pass(ms) {
      offset += ms;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function callOf({ method = 'GET', url = '/', headers }: IncomingMessage, body: Buffer, now: number): Call {
  const { pathname, searchParams } = new URL(url, 'http://double');
  const [, bucket = '', ...key] = pathname.split('/').map(decodeURIComponent);
  const header = (name: string) => [headers[name] ?? undefined].flat()[0];
  return { method, bucket, key: key.join('/'), query: searchParams, header, body, now };
}

/** Whose key signed, when, and that the body is the one that was signed. */
function unauthorized({ header, body, now }: Call, accessKeyId: string): Refusal | null {
  const isSigned = header('authorization')?.startsWith(`AWS4-HMAC-SHA256 Credential=${accessKeyId}/`) ?? false;
  if (!isSigned) return refuse(403, 'InvalidAccessKeyId', 'The key does not exist.');
  const signedAt = (header('x-amz-date') ?? '').replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5');
  if (!(Math.abs(Date.parse(signedAt) - now) <= SKEW_MS)) {
    return refuse(
      403,
      'RequestTimeTooSkewed',
      'The difference between the request time and the server’s is too large.',
    );
  }
  const digest = header('x-amz-content-sha256');
  if (digest === 'UNSIGNED-PAYLOAD' || digest === createHash('sha256').update(body).digest('hex')) return null;
  return refuse(400, 'XAmzContentSHA256Mismatch', 'The provided header does not match what was computed.');
}

function perform(buckets: Map<string, DoubleBucket>, call: Call): Answer {
  if (call.key === '') return onBucket(buckets, call);
  const bucket = buckets.get(call.bucket);
  if (!bucket) return refuse(404, 'NoSuchBucket', 'The specified bucket does not exist.');
  if (call.query.has('retention')) return onRetention(bucket, call);
  const actions: Readonly<Record<string, (bucket: DoubleBucket, call: Call) => Answer>> = {
    PUT: putObject,
    GET: readObject,
    HEAD: readObject,
    DELETE: deleteObject,
  };
  return actions[call.method]?.(bucket, call) ?? refuse(405, 'MethodNotAllowed', 'The method is not allowed.');
}

function onBucket(buckets: Map<string, DoubleBucket>, { method, bucket: name, query, header, body }: Call): Answer {
  const bucket = buckets.get(name);
  if (method === 'PUT' && ![...query.keys()].some((key) => key !== 'x-id')) {
    if (bucket) return refuse(409, 'BucketAlreadyOwnedByYou', 'You own it.');
    buckets.set(name, bucketOf(header('x-amz-bucket-object-lock-enabled') === 'true'));
    return { status: 200 };
  }
  if (!bucket) return refuse(404, 'NoSuchBucket', 'The specified bucket does not exist.');
  if (method === 'GET' && query.has('versions')) return { status: 200, body: versionsXml(name, bucket.versions) };
  if (query.has('object-lock') && method === 'GET') {
    return bucket.isLocked
      ? { status: 200, body: lockXml() }
      : refuse(404, 'ObjectLockConfigurationNotFoundError', 'Object Lock configuration does not exist for this bucket');
  }
  if (query.has('versioning') && method === 'PUT') {
    const isSuspending = body.toString().includes('Suspended');
    // User guide: "you can't disable Object Lock or suspend versioning for that bucket".
    if (bucket.isLocked && isSuspending) return refuse(409, 'InvalidBucketState', 'Object Lock needs versioning.');
    bucket.isVersioned = !isSuspending;
    return { status: 200 };
  }
  if (method === 'DELETE') {
    if (bucket.versions.length > 0) return refuse(409, 'BucketNotEmpty', 'The bucket is not empty.');
    buckets.delete(name);
    return { status: 204 };
  }
  return refuse(501, 'NotImplemented', 'The double has no such call.');
}

function putObject(bucket: DoubleBucket, { key, header, body, now }: Call): Answer {
  const problem = checksumProblem(header, body) ?? lockProblem(bucket, header, now);
  if (problem) return problem;
  const current = newestOf(bucket, key);
  if (header('if-none-match') === '*' && current && !current.isMarker) {
    return refuse(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
  }
  const until = header('x-amz-object-lock-retain-until-date');
  const version: DoubleVersion = {
    key,
    id: bucket.isVersioned ? randomUUID() : 'null',
    body,
    isMarker: false,
    time: now,
    retention: until === undefined ? null : { mode: header('x-amz-object-lock-mode') ?? '', until: seconds(until) },
  };
  if (!bucket.isVersioned) bucket.versions = bucket.versions.filter((one) => one.key !== key);
  bucket.versions.push(version);
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  return { status: 200, headers: { etag, ...(bucket.isVersioned && { 'x-amz-version-id': version.id }) } };
}

function checksumProblem(header: Call['header'], body: Buffer): Refusal | null {
  const digest = (name: string) => createHash(name).update(body).digest('base64');
  const [md5, sha256] = [header('content-md5'), header('x-amz-checksum-sha256')];
  if (md5 !== undefined && md5 !== digest('md5')) return refuse(400, 'BadDigest', 'The Content-MD5 did not match.');
  if (sha256 !== undefined && sha256 !== digest('sha256')) {
    return refuse(400, 'BadDigest', 'The SHA256 you specified did not match the calculated checksum.');
  }
  return null;
}

/** PutObject: what the headers of Object Lock ask for. */
function lockProblem(bucket: DoubleBucket, header: Call['header'], now: number): Refusal | null {
  const [mode, until] = [header('x-amz-object-lock-mode'), header('x-amz-object-lock-retain-until-date')];
  if (mode === undefined && until === undefined) return null;
  if (!bucket.isLocked) return refuse(400, 'InvalidRequest', 'Bucket is missing Object Lock Configuration');
  if (header('content-md5') === undefined && header('x-amz-checksum-sha256') === undefined) {
    return refuse(400, 'InvalidRequest', 'Content-MD5 OR x-amz-checksum- HTTP header is required with Object Lock.');
  }
  if (mode === undefined || until === undefined) {
    return refuse(400, 'InvalidArgument', 'Both of retain until date and mode must be supplied.');
  }
  return retentionProblem({ mode, until: seconds(until) }, now);
}

function retentionProblem({ mode, until }: { mode: string; until: number }, now: number): Refusal | null {
  if (!['COMPLIANCE', 'GOVERNANCE'].includes(mode))
    return refuse(400, 'InvalidArgument', 'Unknown wormMode directive.');
  // Written as "not later", so that a date that is none is refused too.
  if (!(until > now)) return refuse(400, 'InvalidArgument', 'The retain until date must be in the future!');
  return null;
}

function seconds(text: string): number {
  return Math.floor(Date.parse(text) / 1000) * 1000;
}

function readObject(bucket: DoubleBucket, { key, query }: Call): Answer {
  const version = versionFor(bucket, key, query);
  if ('status' in version) return version;
  if (version.isMarker) {
    const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.id };
    return {
      ...(query.has('versionId') ? refuse(405, 'MethodNotAllowed', '') : refuse(404, 'NoSuchKey', '')),
      headers,
    };
  }
  const lock = version.retention && {
    'x-amz-object-lock-mode': version.retention.mode,
    'x-amz-object-lock-retain-until-date': new Date(version.retention.until).toISOString(),
  };
  return {
    status: 200,
    headers: {
      'content-length': String(version.body.length),
      ...(bucket.isVersioned && { 'x-amz-version-id': version.id }),
      ...lock,
    },
    body: version.body,
  };
}

function versionFor(bucket: DoubleBucket, key: string, query: URLSearchParams): DoubleVersion | Refusal {
  const id = query.get('versionId');
  if (id === null) return newestOf(bucket, key) ?? refuse(404, 'NoSuchKey', 'The specified key does not exist.');
  const version = bucket.versions.find((one) => one.key === key && one.id === id);
  return version ?? refuse(404, 'NoSuchVersion', 'The specified version does not exist.');
}

function deleteObject(bucket: DoubleBucket, { key, query, header, now }: Call): Answer {
  const id = query.get('versionId');
  if (id === null && bucket.isVersioned) {
    const marker = { key, id: randomUUID(), body: Buffer.alloc(0), isMarker: true, time: now, retention: null };
    bucket.versions.push(marker);
    return { status: 204, headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.id } };
  }
  const version = bucket.versions.find((one) => one.key === key && (id === null || one.id === id));
  if (version?.retention && version.retention.until > now) {
    const isBypassed =
      version.retention.mode === 'GOVERNANCE' && header('x-amz-bypass-governance-retention') === 'true';
    if (!isBypassed) return refuse(403, 'AccessDenied', 'Access Denied because object protected by object lock.');
  }
  bucket.versions = bucket.versions.filter((one) => one !== version);
  return { status: 204, ...(version && { headers: { 'x-amz-version-id': version.id } }) };
}

function onRetention(bucket: DoubleBucket, { method, key, query, header, body, now }: Call): Answer {
  if (!bucket.isLocked) return refuse(400, 'InvalidRequest', 'Bucket is missing Object Lock Configuration');
  const version = versionFor(bucket, key, query);
  if ('status' in version) return version;
  const present = version.retention;
  if (method === 'GET') {
    if (!present) return refuse(404, 'NoSuchObjectLockConfiguration', 'The specified object has no lock.');
    return { status: 200, body: retentionXml(present) };
  }
  const wanted = readLockXml(body.toString());
  const isHeld = present !== null && present.until > now;
  const isLess = present !== null && (wanted?.mode !== present.mode || wanted.until < present.until);
  const isBypassed = present?.mode === 'GOVERNANCE' && header('x-amz-bypass-governance-retention') === 'true';
  if (isHeld && isLess && !isBypassed) return refuse(403, 'AccessDenied', 'Access Denied by object lock.');
  const problem = wanted && retentionProblem(wanted, now);
  if (problem) return problem;
  version.retention = wanted;
  return { status: 200 };
}
