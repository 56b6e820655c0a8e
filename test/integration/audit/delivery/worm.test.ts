import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Consignment, ReceiptOf } from '../../../../main/audit/delivery/receipt.ts';
import { createS3Target } from '../../../../main/audit/delivery/s3.ts';
import { createS3Client } from '../../../../main/audit/delivery/s3-client.ts';
import { type S3Double, startS3Double } from '../../../worm/double.ts';

/*
 * Write-once delivery. In `npm test` against a strict double; `npm run worm -- --server radosgw` runs it against Ceph's
 * object gateway.
 */

interface Server {
  readonly name: string;
  readonly endpoint: string;
  readonly credentials: S3Double['credentials'];
}

const REGION = 'us-east-1';
const DAY_MS = 24 * 3_600_000;
const never = new AbortController().signal;
const given = process.env['WARDLIGHT_WORM_SERVER'];
let double: S3Double | null = null;
let server: Server;

beforeAll(async () => {
  if (given) {
    server = JSON.parse(readFileSync(given, 'utf8')) as Server;
    return;
  }
  double = await startS3Double();
  server = { name: 'double', endpoint: double.endpoint, credentials: double.credentials };
});

afterAll(async () => {
  await double?.close();
});

interface ClientOptions {
  readonly fetch?: typeof globalThis.fetch;
  readonly credentials?: Server['credentials'];
  readonly clockOffset?: number;
}

function clientOf({
  fetch = globalThis.fetch,
  credentials = server.credentials,
  clockOffset = 0,
}: ClientOptions = {}): S3Client {
  const policy = { endpoint: server.endpoint, region: REGION, bucket: '', pathStyle: true };
  return createS3Client({ policy, credentials, fetch, clockOffset, onServerTime: () => undefined });
}

async function bucketWith({ isLocked = true }: { isLocked?: boolean } = {}) {
  const admin = clientOf();
  const bucket = `ward-${randomUUID()}`;
  await admin.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: isLocked }));
  const versions = async (key: string) => {
    const { Versions = [] } = await admin.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    return Versions.filter((one) => one.Key === key).map((one) => one.VersionId);
  };
  return { admin, bucket, versions };
}

function targetOf(bucket: string, options: ClientOptions & { retentionDays?: number } = {}) {
  const client = async () => ({ ok: true as const, value: clientOf(options) });
  return createS3Target({ name: 'worm', bucket, retentionDays: options.retentionDays ?? 30, client, now: Date.now });
}

function segmentOf(text = `sealed ${randomUUID()}`, first = 0): Consignment {
  const body = Buffer.from(text);
  return {
    first,
    end: first + 10,
    name: `audit/${randomUUID()}/${first}-${first + 10}.jwe`,
    sha256: createHash('sha256').update(body).digest('hex'),
    body: async () => body,
    events: async () => [],
  };
}

async function delivered(target: ReturnType<typeof targetOf>, segment: Consignment): Promise<ReceiptOf<'s3'>> {
  const answer = await target.deliver(segment, never);
  if (!answer.ok || answer.value.kind !== 's3') throw new Error(answer.ok ? answer.value.kind : answer.error.code);
  return answer.value;
}

/** Name and status of what a server answers where it refuses. */
async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    const { name, Code, $metadata } = error as { name: string; Code?: string; $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode} ${Code ?? name}`;
  }
  return 'done';
}

async function bytesOf(s3: S3Client, bucket: string, receipt: ReceiptOf<'s3'>): Promise<string> {
  const { key, versionId } = receipt;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
  return (await Body?.transformToString()) ?? '';
}

describe('write-once delivery to a bucket', () => {
  it('makes a receipt that is what the server says of the stored version', async () => {
    const { admin, bucket, versions } = await bucketWith();
    const segment = segmentOf('sealed');
    const receipt = await delivered(targetOf(bucket), segment);
    expect(receipt).toMatchObject({
      bucket,
      key: segment.name,
      mode: 'COMPLIANCE',
      writeOnce: true,
      besideAnother: false,
    });
    expect(await versions(segment.name)).toEqual([receipt.versionId]);
    expect(Math.abs(Date.parse(receipt.retainUntil) - Date.now() - 30 * DAY_MS)).toBeLessThan(60_000);
    expect(await bytesOf(admin, bucket, receipt)).toBe('sealed');
    expect(await targetOf(bucket).confirm(segment, receipt, never)).toEqual({ ok: true, value: true });
  });

  it('security: a delivered version is deleted by nobody, with no permission of any kind', async () => {
    const { admin, bucket } = await bucketWith();
    const receipt = await delivered(targetOf(bucket), segmentOf('sealed'));
    const version = { Bucket: bucket, Key: receipt.key, VersionId: receipt.versionId };
    expect(await refusal(admin.send(new DeleteObjectCommand(version)))).toBe('403 AccessDenied');
    const bypassing = new DeleteObjectCommand({ ...version, BypassGovernanceRetention: true });
    expect(await refusal(admin.send(bypassing))).toBe('403 AccessDenied');
    expect(await bytesOf(admin, bucket, receipt)).toBe('sealed');
  });

  it('security: a deletion without a version hides a segment, and takes nothing away', async () => {
    const { admin, bucket } = await bucketWith();
    const target = targetOf(bucket);
    const segment = segmentOf('sealed');
    const receipt = await delivered(target, segment);
    const marker = await admin.send(new DeleteObjectCommand({ Bucket: bucket, Key: segment.name }));
    expect(marker.DeleteMarker).toBe(true);
    expect(await refusal(admin.send(new GetObjectCommand({ Bucket: bucket, Key: segment.name })))).toBe(
      '404 NoSuchKey',
    );
    expect(await bytesOf(admin, bucket, receipt)).toBe('sealed');
    expect(await target.confirm(segment, receipt, never)).toEqual({ ok: true, value: true });
  });

  it('security: an overwriting makes another version, and never alters the delivered one', async () => {
    const { admin, bucket, versions } = await bucketWith();
    const target = targetOf(bucket);
    const segment = segmentOf('sealed');
    const receipt = await delivered(target, segment);
    await admin.send(new PutObjectCommand({ Bucket: bucket, Key: segment.name, Body: 'forged' }));
    expect(await versions(segment.name)).toHaveLength(2);
    expect(await bytesOf(admin, bucket, receipt)).toBe('sealed');
    expect(await target.confirm(segment, receipt, never)).toEqual({ ok: true, value: true });
  });

  it('security: the retention is neither shortened, nor weakened, nor taken away', async () => {
    const { admin, bucket } = await bucketWith();
    const receipt = await delivered(targetOf(bucket), segmentOf());
    const version = { Bucket: bucket, Key: receipt.key, VersionId: receipt.versionId };
    const soon = new Date(Date.now() + DAY_MS);
    const later = new Date(Date.parse(receipt.retainUntil) + DAY_MS);
    const put = (Retention: object, BypassGovernanceRetention = true) =>
      refusal(admin.send(new PutObjectRetentionCommand({ ...version, Retention, BypassGovernanceRetention })));
    expect(await put({ Mode: 'COMPLIANCE', RetainUntilDate: soon })).toBe('403 AccessDenied');
    expect(await put({ Mode: 'GOVERNANCE', RetainUntilDate: soon })).toBe('403 AccessDenied');
    expect(await put({ Mode: 'COMPLIANCE', RetainUntilDate: later })).toBe('done');
  });

  it('security: versioning of a bucket with Object Lock can’t be suspended', async () => {
    const { admin, bucket } = await bucketWith();
    const VersioningConfiguration = { Status: 'Suspended' } as const;
    const suspend = new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration });
    expect(await refusal(admin.send(suspend))).toMatch(/^409 /);
  });

  it('knows its own object again after a crash, and makes no second version', async () => {
    const { bucket, versions } = await bucketWith();
    const segment = segmentOf();
    const lost: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (init?.method === 'PUT') throw new TypeError('net::ERR_CONNECTION_RESET');
      return response;
    };
    const answer = await targetOf(bucket, { fetch: lost }).deliver(segment, never);
    expect(answer).toMatchObject({ ok: false, error: { code: 'target-unreachable' } });
    const receipt = await delivered(targetOf(bucket), segment);
    expect(await versions(segment.name)).toEqual([receipt.versionId]);
    expect(receipt.besideAnother).toBe(false);
    expect(await delivered(targetOf(bucket), segment)).toMatchObject({ versionId: receipt.versionId });
  });

  it('security: another object of its name is no receipt: the segment is kept beside it, and that is told', async () => {
    const { admin, bucket, versions } = await bucketWith();
    const segment = segmentOf('sealed');
    await admin.send(new PutObjectCommand({ Bucket: bucket, Key: segment.name, Body: 'forged' }));
    const receipt = await delivered(targetOf(bucket), segment);
    expect(receipt.besideAnother).toBe(true);
    expect(await versions(segment.name)).toHaveLength(2);
    expect(await bytesOf(admin, bucket, receipt)).toBe('sealed');
  });

  it('makes a retention longer that was made for a shorter time', async () => {
    const { bucket, versions } = await bucketWith();
    const segment = segmentOf();
    const short = await delivered(targetOf(bucket, { retentionDays: 1 }), segment);
    const long = await delivered(targetOf(bucket, { retentionDays: 365 }), segment);
    expect(long.versionId).toBe(short.versionId);
    expect(Date.parse(long.retainUntil) - Date.parse(short.retainUntil)).toBeGreaterThan(363 * DAY_MS);
    expect(await versions(segment.name)).toHaveLength(1);
  });

  it.each([{ isVersioned: false }, { isVersioned: true }])(
    'security: a bucket without Object Lock gives no receipt (versioned: $isVersioned)',
    async ({ isVersioned }) => {
      const { admin, bucket } = await bucketWith({ isLocked: false });
      if (isVersioned) {
        const VersioningConfiguration = { Status: 'Enabled' } as const;
        await admin.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
      }
      const answer = await targetOf(bucket).deliver(segmentOf(), never);
      expect(answer).toMatchObject({ ok: false, error: { code: 'not-write-once' } });
    },
  );

  it('security: a server that takes the lock and doesn’t keep it gives no receipt', async () => {
    const { bucket } = await bucketWith();
    const forgetful: typeof fetch = (input, init) => {
      const headers = [...new Headers(init?.headers)].filter(([name]) => !name.startsWith('x-amz-object-lock'));
      return init?.method === 'PUT' ? fetch(input, unsigned(init, headers)) : fetch(input, init);
    };
    // Unsigned headers can't be taken out on the way of a real server: it refuses the signature.
    const answer = await targetOf(bucket, { fetch: forgetful }).deliver(segmentOf(), never);
    const code = given ? 'access-denied' : 'not-write-once';
    expect(answer).toMatchObject({ ok: false, error: { code } });
  });

  it('security: what was altered on the way is refused', async () => {
    const { bucket, versions } = await bucketWith();
    const segment = segmentOf('sealed');
    const altering: typeof fetch = (input, init) =>
      fetch(input, init?.body ? { ...init, body: Buffer.from('forged') } : init);
    const answer = await targetOf(bucket, { fetch: altering }).deliver(segment, never);
    expect(answer.ok).toBe(false);
    expect(await versions(segment.name)).toEqual([]);
  });

  it.each([
    ['another version', (receipt: ReceiptOf<'s3'>) => ({ ...receipt, versionId: randomUUID() })],
    ['another bucket', (receipt: ReceiptOf<'s3'>) => ({ ...receipt, bucket: 'elsewhere' })],
    ['other bytes', (receipt: ReceiptOf<'s3'>) => ({ ...receipt, sha256: '0'.repeat(64) })],
    ['a longer retention', (receipt: ReceiptOf<'s3'>) => ({ ...receipt, retainUntil: '2199-01-01T00:00:00.000Z' })],
  ])('security: a forged receipt is found out: %s', async (_, forge) => {
    const { bucket } = await bucketWith();
    const target = targetOf(bucket);
    const segment = segmentOf();
    const forged = forge(await delivered(target, segment));
    expect(await target.confirm(segment, forged, never)).toEqual({ ok: true, value: false });
  });

  it('says what is in the way', async () => {
    const { bucket } = await bucketWith();
    const code = async (target: ReturnType<typeof targetOf>) => {
      const answer = await target.deliver(segmentOf(), never);
      return answer.ok ? 'ok' : answer.error.code;
    };
    expect(await code(targetOf(`none-${randomUUID()}`))).toBe('target-missing');
    const wrong = { accessKeyId: 'nobody', secretAccessKey: 'nothing' };
    expect(await code(targetOf(bucket, { credentials: wrong }))).toBe('access-denied');
    const broken: typeof fetch = () => Promise.reject(new TypeError('net::ERR_CERT_AUTHORITY_INVALID'));
    expect(await code(targetOf(bucket, { fetch: broken }))).toBe('target-certificate');
    const busy: typeof fetch = async () => new Response('', { status: 503 });
    expect(await code(targetOf(bucket, { fetch: busy }))).toBe('target-busy');
  });

  it('stops when it is told to', async () => {
    const { bucket } = await bucketWith();
    const stopping = new AbortController();
    const slow: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        stopping.abort();
      });
    const answer = await targetOf(bucket, { fetch: slow }).deliver(segmentOf(), stopping.signal);
    expect(answer).toMatchObject({ ok: false, error: { code: 'cancelled' } });
  });

  it.skipIf(given)('can be deleted once the retention is over, and not a day before', async () => {
    const { bucket } = await bucketWith();
    const receipt = await delivered(targetOf(bucket, { retentionDays: 30 }), segmentOf());
    const version = { Bucket: bucket, Key: receipt.key, VersionId: receipt.versionId };
    const adminIn = (days: number) => clientOf({ clockOffset: days * DAY_MS });
    double?.pass(29 * DAY_MS);
    expect(await refusal(adminIn(29).send(new DeleteObjectCommand(version)))).toBe('403 AccessDenied');
    double?.pass(2 * DAY_MS);
    expect(await refusal(adminIn(31).send(new DeleteObjectCommand(version)))).toBe('done');
    double?.pass(-31 * DAY_MS);
  });
});

function unsigned(init: RequestInit, headers: [string, string][]): RequestInit {
  return { ...init, headers };
}
