import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentReference } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReceiver } from '../../main/cache/handover.ts';
import { openDatabase } from '../../main/cache/open.ts';
import { sealDeviceKeys } from '../../main/cache/reads/keys.ts';
import { cacheMigrations } from '../../main/cache/schema/index.ts';
import { parseHeader } from '../../main/documents/format/header.ts';
import { unwrapDataKey } from '../../main/documents/format/wrapping.ts';
import { readEnvelope } from '../../main/writing/envelope.ts';
import { type DevServer, startServer } from '../server/index.ts';
import { type RunningApp, sessionFolder, startApp } from '../support/app.ts';
import { attach } from '../support/attach.ts';
import { type Canary, keyCanary, textCanary } from '../support/canaries.ts';
import { panelOf } from '../support/expected.ts';
import { enrol, newUserData, openChart, synced } from '../support/journey.ts';
import { collectMain, scanMemory } from '../support/process-memory.ts';
import { childPids, commandOf } from '../support/processes.ts';
import { profileSecrets } from '../support/profile-files.ts';

/* What documents and sealed fields leave in memory after the lock: measured from outside, by keys read from outside. */

const TEXT = 'Canary of the text of an opened document';
const PRIVATE = 'Canary of what a sealed field says';
const TITLE = 'Letter';

/** A private key: its text as JWK, and its numbers, which OpenSSL keeps with their lowest byte first. */
function privateKeyCanaries({ d = '', p = '', q = '', dp = '' }: JsonWebKey): Canary[] {
  const number = (text: string) => {
    const bytes = Buffer.from(text, 'base64url');
    return [bytes, Buffer.from(bytes).reverse()].map((form) => form.subarray(0, 64));
  };
  return [
    textCanary('device key, as text', d.slice(0, 64)),
    { name: 'device key, as exponent', forms: number(d) },
    { name: 'device key, as prime', forms: [p, q, dp].flatMap(number) },
  ];
}

describe.runIf(process.platform === 'linux')('memory of documents', () => {
  let server: DevServer;
  let running: RunningApp;
  let pid: number;
  let keys: Canary[];
  let secrets: Canary[];

  const processes = () => [
    [pid, 'main'] as const,
    ...childPids(pid).map((child) => [child, commandOf(child)] as const),
  ];
  const found = (canaries: readonly Canary[]) =>
    processes().flatMap(([one, command]) =>
      (scanMemory(one, canaries) ?? ['can’t be read']).map((name) => `${command}: ${name}`),
    );

  const recordOf = (title: string) =>
    (server.store.list('DocumentReference') as DocumentReference[]).find(({ description }) => description === title);

  beforeAll(async () => {
    const picked = mkdtempSync(sessionFolder('picked-'));
    const token = { folder: mkdtempSync(sessionFolder('token-')), pin: 'synthetic-1234' };
    server = await startServer({ patients: 4, seed: 7, now: '2026-11-01T08:00:00Z', keys: token });
    if (!server.keys) throw new Error('the server has no keys');
    const userData = newUserData();
    const fields = [{ type: 'DocumentReference', path: 'content.attachment.data' }];
    const policy = { documents: { ...server.keys.policy, fields } };
    running = await startApp({ userData, server: server.url, policy });
    pid = running.app.process().pid ?? 0;
    const { page } = running;
    await enrol(page);
    await synced(page);
    await openChart(page, panelOf(server)[0] ?? '');
    await page.getByTestId('tab-documents').click();
    await page.locator('[data-testid="attach-file"]:enabled').waitFor();
    writeFileSync(join(picked, 'letter.txt'), `${TEXT}. `.repeat(5_000));
    await attach(running, join(picked, 'letter.txt'), TITLE);
    await page.getByTestId('transfer').first().waitFor({ state: 'detached' });
    await page.getByTestId('document-open').first().click();
    await page.frameLocator('[data-testid="viewer-frame"]').getByText(TEXT).first().waitFor();
    await page.getByTestId('viewer-close').click();
    await page.getByTestId('tab-notes').click();
    await page.getByTestId('note-new').click();
    await page.getByTestId('note-text').fill(PRIVATE);
    await page.getByTestId('note-save').click();
    await page.getByTestId('sealed-reveal').click();
    await page.getByTestId('sealed-text').waitFor();

    const { folder, cacheKey } = await profileSecrets(userData);
    const opened = openDatabase({
      file: join(folder, 'cache.db'),
      key: cacheKey,
      mode: 'read',
      migrations: cacheMigrations,
    });
    if (!opened.ok) throw new Error(opened.error.code);
    const receiver = createReceiver();
    const [newest] = sealDeviceKeys(opened.value, { to: receiver.publicKey });
    opened.value.close();
    if (!newest) throw new Error('the device has no key');
    const jwk = JSON.parse(receiver.open(newest.sealed).toString()) as JsonWebKey;
    const envelope = readEnvelope(JSON.stringify(recordOf(TITLE)))?.envelope;
    const header = parseHeader(Buffer.from(envelope?.header ?? '', 'base64'));
    const dataKey = header.ok ? unwrapDataKey(header.value, [], [jwk]) : header;
    if (!dataKey.ok) throw new Error(dataKey.error.code);
    keys = [...privateKeyCanaries(jwk), keyCanary('data key', dataKey.value), keyCanary('cache key', cacheKey)];
    secrets = [...keys, textCanary('document', TEXT), textCanary('field', PRIVATE)];
  });
  afterAll(async () => {
    await running.app.close();
    await server.stop();
  });

  it('security: of main never holds the device’s private key, which others do while it is unlocked', () => {
    const hits = found(secrets);
    const names = hits.map((hit) => hit.replace(/^.*: /, ''));
    for (const { name } of secrets) expect(names).toContain(name);
    expect(hits.filter((hit) => hit.startsWith('main: device key'))).toEqual([]);
  });

  it('security: of every process holds no key after the lock', async () => {
    await running.page.evaluate(() => void window.wardlight.session.lock({}));
    await running.page.getByTestId('unlock-passphrase').waitFor();
    // A process that has ended and is not taken leave of yet has no memory, and no command.
    await expect.poll(() => processes().map(([, command]) => command)).not.toContain('');
    expect(found(keys)).toEqual([]);
    // What is left of plaintext (threat model) is left in main alone.
    await collectMain(running);
    expect(found(secrets).filter((hit) => !/^main: (document|field)$/.test(hit))).toEqual([]);
  });
});
