import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { AuditEvent } from 'fhir/r4';
import keytar from 'keytar';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { credentialsAccount } from '../../main/audit/delivery/credentials.ts';
import { ENTRY_TAG } from '../../main/audit/delivery/fhir.ts';
import { createS3Client } from '../../main/audit/delivery/s3-client.ts';
import { openSealed } from '../../main/audit/delivery/seal.ts';
import { checkFiles } from '../../main/audit/export/report.ts';
import { readLeaf } from '../../main/audit/log/entry.ts';
import { createSigner, readVerifier } from '../../main/audit/log/note.ts';
import type { DevServer } from '../server/index.ts';
import { sessionFolder, startApp } from '../support/app.ts';
import { enrol, newUserData, smallServer, synced, unlock } from '../support/journey.ts';
import { type S3Double, startS3Double } from '../worm/double.ts';

const SERVICE = 'org.wardlight.app';
const BUCKET = 'ward-audit';
const region = 'us-east-1';

describe('the delivery of the record of accesses', () => {
  let server: DevServer;
  let s3: S3Double;
  beforeAll(async () => {
    [server, s3] = await Promise.all([smallServer(3), startS3Double()]);
  });
  afterAll(async () => {
    await Promise.all([server.stop(), s3.close()]);
  });

  it('brings what was seen to a bucket, a folder and the server, by the program’s own network, when it locks', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 3072,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const share = mkdtempSync(sessionFolder('share-'));
    const { endpoint, credentials } = s3;
    const policy = { endpoint, region, bucket: BUCKET, pathStyle: true };
    const client = createS3Client({ policy, credentials, fetch, clockOffset: 0, onServerTime: () => undefined });
    await client.send(new CreateBucketCommand({ Bucket: BUCKET, ObjectLockEnabledForBucket: true }));
    const name = `bucket-${randomUUID().slice(0, 8)}`;
    await keytar.setPassword(SERVICE, credentialsAccount(name), JSON.stringify(credentials));
    const delivery = {
      organisationKey: publicKey,
      targets: [
        { kind: 's3' as const, name, ...policy },
        { kind: 'directory' as const, name: 'share', path: share },
        { kind: 'fhir' as const, name: 'ehr', server: server.url },
      ],
    };
    const { app, page } = await startApp({
      userData: newUserData(),
      server: server.url,
      policy: { audit: { delivery } },
    });
    try {
      await enrol(page);
      await synced(page);
      await page.getByTestId('patient-row').first().click();
      await page.getByTestId('patient-banner').waitFor();
      await page.getByTestId('lock-button').click();
      await page.getByTestId('unlock-passphrase').waitFor();
      const segments = await vi.waitFor(
        async () => {
          const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
          const all = await Promise.all(Versions.map(({ Key = '' }) => opened(Key)));
          if (!eventsOf(all).some(isLock)) throw new Error('not yet');
          return all;
        },
        { timeout: 20_000, interval: 200 },
      );
      const events = eventsOf(segments);
      expect(events.some((event) => event.subtype?.[0]?.code === 'read' && isOfPatient(event))).toBe(true);
      const seed = Buffer.from((await keytar.getPassword(SERVICE, 'audit/device-key')) ?? '', 'base64');
      const files = segments.map((lines, at) => ({ name: `${at}`, lines: () => lines }));
      const report = await checkFiles(files, (origin) => readVerifier(createSigner(origin, seed).vkey));
      expect(report).toMatchObject({ ok: true, logs: [{ ranges: [[0, events.length]] }] });
      await vi.waitFor(() => expect(filesIn(share)).toHaveLength(segments.length), { timeout: 10_000 });
      for (const file of filesIn(share)) expect(readFileSync(file, 'utf8')).toMatch(/^[\w-]+(\.[\w-]+){4}$/);
      // The server is told by whoever is signed in there: at the next unlock.
      await unlock(page);
      const ids = events.map(({ id }) => id);
      await vi.waitFor(() => expect(tagsOn(server)).toEqual(expect.arrayContaining(ids)), { timeout: 20_000 });
      expect(new Set(tagsOn(server)).size).toBe(tagsOn(server).length);
    } finally {
      await app.close();
    }

    async function opened(Key: string): Promise<string[]> {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      const answer = await openSealed((await Body?.transformToString()) ?? '', privateKey);
      if (!answer.ok) throw new Error(answer.error.code);
      return answer.value.text.trimEnd().split('\n');
    }
  });
});

function eventsOf(segments: readonly (readonly string[])[]): AuditEvent[] {
  return segments.flatMap(([, ...leaves]) =>
    leaves.map((leaf) => JSON.parse(readLeaf(leaf)?.event ?? '{}') as AuditEvent),
  );
}

/** Ids in the log of the events that the server has. */
function tagsOn({ store }: DevServer): (string | undefined)[] {
  const events = store.list('AuditEvent') as AuditEvent[];
  return events.map(({ meta }) => meta?.tag?.find(({ system }) => system === ENTRY_TAG)?.code);
}

function isOfPatient({ entity = [] }: AuditEvent): boolean {
  return entity.some(({ what }) => what?.reference?.startsWith('Patient/'));
}

/** DICOM 110123: logout. */
function isLock({ subtype }: AuditEvent): boolean {
  return subtype?.[0]?.code === '110123';
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jwe'))
    .map((name) => join(folder, name));
}
