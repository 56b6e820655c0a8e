import { createHash } from 'node:crypto';
import {
  GetObjectCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { isCertificate } from './network.ts';
import {
  type Consignment,
  type Delivered,
  type DeliveryFailure,
  type ReceiptOf,
  type Target,
  undelivered,
} from './receipt.ts';

export interface S3TargetOptions {
  readonly name: string;
  readonly bucket: string;
  readonly retentionDays: number;
  /** With the credentials of now, which IT may have changed. */
  readonly client: () => Promise<Delivered<S3Client>>;
  /** The server's clock where it is known: it says when a retention ends. */
  readonly now: () => number;
}

const DAY_MS = 24 * 3_600_000;
/** Another object may come between looking and putting; after so many times somebody is at it. */
const ROUNDS = 3;
/** A retention is kept in whole seconds. */
const SECOND_MS = 1_000;
/** How much earlier than asked for a retention may end: a sending may take its time. */
const SLACK_MS = 3_600_000;

/** What a server answers where the two that have the same name differ. */
type Present = { readonly versionId: string; readonly isOurs: boolean } | null;

/**
 * A bucket with Object Lock in compliance mode: until a version's retention ends nobody, its owner included, deletes or
 * alters it. A receipt is made only of what the server itself says of the stored version.
 */
export function createS3Target({ name, bucket, retentionDays, client, now }: S3TargetOptions): Target {
  async function deliver(s3: S3Client, segment: Consignment, signal: AbortSignal): Promise<Delivered> {
    const body = await segment.body();
    const key = segment.name;
    let besideAnother = false;
    for (let round = 0; round < ROUNDS; round += 1) {
      const present = await look(s3, key, body, signal);
      if (present?.isOurs)
        return receipt(s3, { key, versionId: present.versionId, besideAnother, sha256: segment.sha256 }, signal);
      besideAnother ||= present !== null;
      const versionId = await put(s3, { key, body, isNew: present === null }, signal);
      if (versionId === null) continue;
      if (versionId === undefined) return undelivered('not-write-once');
      return receipt(s3, { key, versionId, besideAnother, sha256: segment.sha256 }, signal);
    }
    return undelivered('target-busy');
  }

  /** Whether the name is taken, and by the same bytes: what a crash has left without a receipt is not sent again. */
  async function look(s3: S3Client, key: string, body: Buffer, abortSignal: AbortSignal): Promise<Present> {
    try {
      const { VersionId, ContentLength } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), {
        abortSignal,
      });
      if (VersionId === undefined || ContentLength !== body.length) return { versionId: '', isOurs: false };
      // By its bytes: a checksum among its metadata is whatever its sender has said.
      const version = { Bucket: bucket, Key: key, VersionId };
      const { Body } = await s3.send(new GetObjectCommand(version), { abortSignal });
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      return { versionId: VersionId, isOurs: body.equals(bytes) };
    } catch (error) {
      if (statusOf(error) === 404) return null;
      throw error;
    }
  }

  /** The version that was made; null where one came before it, undefined where the bucket makes none. */
  async function put(
    s3: S3Client,
    { key, body, isNew }: { key: string; body: Buffer; isNew: boolean },
    abortSignal: AbortSignal,
  ): Promise<string | null | undefined> {
    try {
      const { VersionId } = await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: body,
          ContentLength: body.length,
          ContentType: 'application/jose',
          ChecksumSHA256: createHash('sha256').update(body).digest('base64'),
          // Object Lock asks for one of the two; not every server takes the checksum for it.
          ContentMD5: createHash('md5').update(body).digest('base64'),
          ObjectLockMode: 'COMPLIANCE',
          ObjectLockRetainUntilDate: new Date(now() + retentionDays * DAY_MS),
          ...(isNew && { IfNoneMatch: '*' }),
        }),
        { abortSignal },
      );
      return VersionId;
    } catch (error) {
      if ([409, 412].includes(statusOf(error) ?? 0)) return null;
      throw error;
    }
  }

  async function receipt(
    s3: S3Client,
    said: { key: string; versionId: string; sha256: string; besideAnother: boolean },
    signal: AbortSignal,
  ): Promise<Delivered> {
    const least = now() + retentionDays * DAY_MS - SLACK_MS;
    let until = await retention(s3, said, signal);
    if (until !== null && until.getTime() < least) {
      // Of a delivery long ago, or of somebody else's making. A retention can be made longer, and never shorter.
      await prolong(s3, said, signal);
      until = await retention(s3, said, signal);
    }
    if (until === null || until.getTime() < least) return undelivered('not-write-once');
    const value: ReceiptOf<'s3'> = {
      kind: 's3',
      writeOnce: true,
      bucket,
      ...said,
      mode: 'COMPLIANCE',
      retainUntil: until.toISOString(),
      time: new Date(now()).toISOString(),
    };
    return { ok: true, value };
  }

  async function prolong(
    s3: S3Client,
    { key, versionId }: { key: string; versionId: string },
    abortSignal: AbortSignal,
  ) {
    const RetainUntilDate = new Date(now() + retentionDays * DAY_MS);
    const version = { Bucket: bucket, Key: key, VersionId: versionId };
    const request = { ...version, Retention: { Mode: 'COMPLIANCE', RetainUntilDate } as const };
    await s3.send(new PutObjectRetentionCommand(request), { abortSignal });
  }

  /** Until when the server keeps a version; null where it would let it be altered. */
  async function retention(
    s3: S3Client,
    { key, versionId }: { key: string; versionId: string },
    abortSignal: AbortSignal,
  ): Promise<Date | null> {
    const version = { Bucket: bucket, Key: key, VersionId: versionId };
    try {
      const { Retention } = await s3.send(new GetObjectRetentionCommand(version), { abortSignal });
      return Retention?.Mode === 'COMPLIANCE' ? (Retention.RetainUntilDate ?? null) : null;
    } catch (error) {
      // "NoSuchObjectLockConfiguration", and the 400 of a bucket without a lock.
      if (/ObjectLock/.test(nameOf(error)) || nameOf(error) === 'InvalidRequest') return null;
      throw error;
    }
  }

  async function withClient<Value>(
    work: (s3: S3Client) => Promise<Delivered<Value>>,
    signal: AbortSignal,
  ): Promise<Delivered<Value>> {
    const opened = await client();
    if (!opened.ok) return opened;
    try {
      return await work(opened.value);
    } catch (error) {
      return undelivered(signal.aborted ? 'cancelled' : codeOf(error));
    }
  }

  return {
    name,
    deliver: (segment, signal) => withClient((s3) => deliver(s3, segment, signal), signal),
    async confirm({ name: key, sha256 }, said, signal) {
      if (said.kind !== 's3' || said.bucket !== bucket || said.key !== key || said.sha256 !== sha256) {
        return { ok: true, value: false };
      }
      return withClient(async (s3) => {
        try {
          const { versionId } = said;
          const version = { Bucket: bucket, Key: key, VersionId: versionId };
          const { Body } = await s3.send(new GetObjectCommand(version), { abortSignal: signal });
          const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
          const isSame = createHash('sha256').update(bytes).digest('hex') === sha256;
          const until = await retention(s3, { key, versionId }, signal);
          return {
            ok: true,
            value: isSame && until !== null && until.getTime() >= Date.parse(said.retainUntil) - SECOND_MS,
          };
        } catch (error) {
          if ([400, 404].includes(statusOf(error) ?? 0)) return { ok: true, value: false };
          throw error;
        }
      }, signal);
    },
  };
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
}

function nameOf(error: unknown): string {
  const { name, Code } = (error ?? {}) as { name?: unknown; Code?: unknown };
  return `${String(name)} ${String(Code ?? '')}`.trim().split(' ').at(-1) ?? '';
}

function codeOf(error: unknown): DeliveryFailure {
  const status = statusOf(error);
  const code = nameOf(error);
  if (code === 'segment-unknown' || (error as { code?: unknown } | null)?.code === 'segment-unknown')
    return 'segment-unreadable';
  if (status === undefined) return isCertificate(error) ? 'target-certificate' : 'target-unreachable';
  if (code === 'NoSuchBucket' || status === 404) return 'target-missing';
  // A bucket without Object Lock refuses its headers.
  if (/ObjectLock/.test(code) || code === 'InvalidRequest') return 'not-write-once';
  if (status === 401 || status === 403) return code === 'RequestTimeTooSkewed' ? 'target-busy' : 'access-denied';
  if (status === 429 || status === 503) return 'target-busy';
  return status >= 500 ? 'target-failed' : 'request-refused';
}
