import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keepCredentials } from '../../../../main/audit/delivery/commands.ts';
import { createDelivery } from '../../../../main/audit/delivery/delivery.ts';
import { createS3Client } from '../../../../main/audit/delivery/s3-client.ts';
import { deliverySchema } from '../../../../main/managed/audit-delivery.ts';
import { startS3Double } from '../../../worm/double.ts';
import { memoryKeyStore, temporaryFolder } from '../../vault/support.ts';
import { openTestLog, organisation, TIME } from './support.ts';

const DAY_MS = 24 * 3_600_000;

async function start({ organisationKey = organisation.publicKey } = {}) {
  const double = await startS3Double();
  onTestFinished(() => double.close());
  const { endpoint, credentials } = double;
  const s3 = { endpoint, region: 'us-east-1', bucket: 'ward-audit', pathStyle: true };
  const admin = createS3Client({ policy: s3, credentials, fetch, clockOffset: 0, onServerTime: () => undefined });
  await admin.send(new CreateBucketCommand({ Bucket: s3.bucket, ObjectLockEnabledForBucket: true }));
  const share = join(temporaryFolder(), 'share');
  const log = openTestLog();
  const keyStore = memoryKeyStore();
  const [problems, timers]: [string[], { ms: number; callback: () => void }[]] = [[], []];
  const delivery = createDelivery({
    policy: deliverySchema.parse({
      organisationKey,
      retentionDays: 30,
      targets: [
        { kind: 's3', name: 'worm', ...s3 },
        { kind: 'directory', name: 'share', path: share },
      ],
    }),
    store: async () => ({
      segments: log.segments,
      checkpoint: async () => log.log.checkpoint({ time: TIME }),
    }),
    keyStore,
    fetch,
    fhir: () => null,
    timers: {
      after(ms, callback) {
        const timer = { ms, callback };
        timers.push(timer);
        return () => timers.splice(timers.indexOf(timer), 1);
      },
    },
    now: Date.now,
    random: () => 0,
    onStatus: ({ target, problem }) => problem && problems.push(`${target} ${problem}`),
    onFinding: ({ code }) => problems.push(code),
    onSealFailure: (code) => problems.push(code),
  });
  const objects = async () => (await admin.send(new ListObjectVersionsCommand({ Bucket: s3.bucket }))).Versions ?? [];
  return { double, credentials, share, log, keyStore, delivery, problems, timers, objects };
}

describe('delivery', () => {
  it('seals at the start, by time and when asked, and brings each segment to each target by itself', async () => {
    const { credentials, share, log, keyStore, delivery, problems, timers, objects } = await start();
    mkdirSync(share);
    await log.append(2);
    delivery.begin();
    await expect.poll(() => log.segments.receipts({ target: 'share', limit: 9 })).toHaveLength(1);
    // A target that waits for IT holds up no other.
    await expect.poll(() => problems).toEqual(['worm credentials-missing']);
    expect(delivery.status().map(({ needsIt }) => needsIt)).toEqual([true, false]);
    await keepCredentials('worm', JSON.stringify(credentials), keyStore);
    await log.append(1);
    timers.find(({ ms }) => ms === 15 * 60_000)?.callback();
    await expect.poll(objects).toHaveLength(2);
    await log.append(1);
    await delivery.seal();
    await expect.poll(objects).toHaveLength(3);
    await expect.poll(() => delivery.status().map(({ delivered }) => delivered)).toEqual([4, 4]);
    await log.append(1);
    await delivery.close();
    expect((await log.segments.sealed()).end).toBe(5);
    expect(
      readdirSync(share, { recursive: true }).filter((name) => String(name).endsWith('.jwe')).length,
    ).toBeGreaterThan(2);
  });

  it('security: keeps for as long as policy says by the server’s clock, however wrong this one is', async () => {
    const { double, credentials, share, log, keyStore, delivery, problems } = await start();
    double.pass(40 * DAY_MS);
    mkdirSync(share);
    await keepCredentials('worm', JSON.stringify(credentials), keyStore);
    await log.append(1);
    delivery.begin();
    // The server refuses what is signed with another time; with that it says its own.
    const brought = () => log.segments.receipts({ target: 'worm', limit: 1 });
    await expect.poll(brought).toHaveLength(1);
    const [delivered] = await brought();
    expect(problems).toEqual([]);
    const until = delivered?.receipt.kind === 's3' ? Date.parse(delivered.receipt.retainUntil) : 0;
    expect(Math.abs(until - Date.now() - 70 * DAY_MS)).toBeLessThan(60_000);
    await delivery.close();
  });

  it('tells where the log can’t be sealed', async () => {
    const { delivery, problems } = await start({ organisationKey: 'no key' });
    delivery.begin();
    await delivery.seal();
    expect(problems).toEqual(expect.arrayContaining(['audit-key-invalid']));
    await delivery.close();
  });
});
