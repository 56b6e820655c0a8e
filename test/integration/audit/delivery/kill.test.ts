import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createS3Client } from '../../../../main/audit/delivery/s3-client.ts';
import { openSealed } from '../../../../main/audit/delivery/seal.ts';
import { checkFiles } from '../../../../main/audit/export/report.ts';
import { readLeaf } from '../../../../main/audit/log/entry.ts';
import { eventOf, openTestLog, organisation } from '../../../unit/audit/delivery/support.ts';
import { temporaryFolder } from '../../../unit/vault/support.ts';
import { type S3Double, startS3Double } from '../../../worm/double.ts';
import type { Done, Task } from './kill-child.ts';

let double: S3Double;
beforeAll(async () => {
  double = await startS3Double();
});
afterAll(() => double.close());

const EVENTS_EACH = 3;

/** One life of the child; null where it was killed. */
function live(task: Task): Promise<Done | null> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'kill-child.ts'), { serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    let done: Done | null = null;
    child.once('message', (message) => {
      done = message as Done;
    });
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL' || done) resolve(done);
      else reject(new Error(`it ended with ${code}`));
    });
    child.send(task);
  });
}

/** The lines of each segment, in the order of the log. */
async function readAll(bodies: readonly string[]): Promise<string[][]> {
  const segments = await Promise.all(
    bodies.map(async (body) => {
      const answer = await openSealed(body, organisation.privateKey);
      if (!answer.ok) throw new Error(answer.error.code);
      return { name: answer.value.name, lines: answer.value.text.trimEnd().split('\n') };
    }),
  );
  return segments.sort((left, right) => (left.name < right.name ? -1 : 1)).map(({ lines }) => lines);
}

function idsOf(segments: readonly (readonly string[])[]): string[] {
  const leaves = segments.flatMap(([, ...rest]) => rest);
  return leaves.map((leaf) => (JSON.parse(readLeaf(leaf)?.event ?? '{}') as { id: string }).id);
}

it('security: SIGKILL at each step from append to receipt loses no event, and delivers none twice', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'share'));
  const bucket = 'ward-audit';
  const { endpoint, credentials } = double;
  const policy = { endpoint, region: 'us-east-1', bucket, pathStyle: true };
  const s3 = createS3Client({ policy, credentials, fetch, clockOffset: 0, onServerTime: () => undefined });
  await s3.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
  const logId = randomUUID();
  const appended: string[] = [];
  const run = (kill: string | null) => {
    const ids = Array.from({ length: EVENTS_EACH }, () => randomUUID());
    appended.push(...ids);
    const events = ids.map((id) => JSON.stringify(eventOf(id)));
    const { publicKey: organisationKey } = organisation;
    return live({ folder, logId, organisationKey, endpoint, credentials, bucket, events, kill });
  };
  const whole = await run(null);
  const steps = whole?.steps ?? [];
  expect(steps).toEqual(
    expect.arrayContaining(['checkpoint', 'sealed', 'before PUT', 'after PUT', 'after receipt of folder']),
  );
  // What one life leaves undone, the next one has to do beside its own.
  for (const step of new Set(steps)) expect(await run(step)).toBeNull();
  expect(await run(null)).not.toBeNull();

  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
  expect(new Set(Versions.map(({ Key }) => Key)).size).toBe(Versions.length);
  const inBucket = await Promise.all(
    Versions.map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      return (await Body?.transformToString()) ?? '';
    }),
  );
  const share = join(folder, 'share', 'audit', logId);
  const inShare = readdirSync(share).map((name) => readFileSync(join(share, name), 'utf8'));
  const log = openTestLog(folder, { logId });
  for (const bodies of [inBucket, inShare]) {
    const segments = await readAll(bodies);
    expect(idsOf(segments)).toEqual(appended);
    const files = segments.map((lines, at) => ({ name: `${at}`, lines: () => lines }));
    const report = await checkFiles(files, () => log.verifier);
    expect(report).toMatchObject({ ok: true, logs: [{ ranges: [[0, appended.length]] }] });
  }
  for (const [target, bodies] of [
    ['bucket', inBucket],
    ['folder', inShare],
  ] as const) {
    expect(await log.segments.receipts({ target, limit: 1_000 })).toHaveLength(bodies.length);
    expect(await log.segments.undelivered({ target, limit: 1 })).toEqual([]);
  }
}, 240_000);
