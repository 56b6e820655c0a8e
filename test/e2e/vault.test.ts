import { spawn } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import keytar from 'keytar';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../main/cache/open.ts';
import { cacheMigrations } from '../../main/cache/schema/index.ts';
import type { DevServer } from '../server/index.ts';
import { type RunningApp, type StartOptions, sessionFolder, startApp } from '../support/app.ts';
import { project } from '../support/desktop.ts';
import { panelOf } from '../support/expected.ts';
import {
  enrol,
  newUserData,
  openChart,
  PASSPHRASE,
  profilesOf,
  smallServer,
  synced,
  unlock,
} from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';
import { openCacheOf, profileSecrets } from '../support/profile-files.ts';

const NEW = 'green kettle mountain ninety';
const NOTE = 'Offline at 03:10: potassium 6.1, ward told.';
const SERVICE = 'org.wardlight.app';
const picture = picturesOf('vault');

/** The server's network, pulled; answers how to plug it in again. */
const pull = (server: DevServer) => server.faults.add({ kind: 'dropBefore', match: () => true });

async function writeNote(page: Page, server: DevServer): Promise<void> {
  await openChart(page, panelOf(server)[0] ?? '');
  await page.getByTestId('tab-notes').click();
  await page.getByTestId('note-new').click();
  await page.getByTestId('note-text').fill(NOTE);
  await page.getByTestId('note-save').click();
  await page.locator('article [data-testid="unsent-badge"][data-unsent="waiting"]').waitFor();
  await page.keyboard.press('Escape');
}

async function wrong(page: Page, passphrase = 'wrong'): Promise<void> {
  await unlock(page, passphrase);
  await page.locator('[data-testid="unlock-error"][data-code="passphrase-wrong"]').waitFor();
}

async function lock(page: Page): Promise<void> {
  await page.keyboard.press('Control+l');
  await page.getByTestId('unlock-passphrase').waitFor();
}

describe('the passphrase and the keys of an open profile', () => {
  let server: DevServer;
  let running: RunningApp;
  const userData = newUserData();
  beforeAll(async () => {
    server = await smallServer(4);
    running = await startApp({ userData, server: server.url });
  });
  afterAll(async () => {
    await running?.app.close();
    await server?.stop();
  });

  it('is measured while it is chosen, and a weak one is refused', async () => {
    const { page } = running;
    await page.getByTestId('signin-submit').click();
    await page.getByText('At least 8 characters').waitFor();
    await page.getByTestId('enrol-passphrase').fill('Passw0rd!');
    await page.getByText('one of the first').waitFor();
    await page.getByTestId('enrol-repeat').fill('Passw0rd!');
    await page.getByTestId('enrol-submit').click();
    await page.locator('[data-code="passphrase-weak"]').waitFor();
    await picture(page, 'enrol-weak');
    await page.getByTestId('enrol-passphrase').fill(PASSPHRASE);
    await page.getByText('Strong.').waitFor();
    await page.getByTestId('enrol-repeat').fill(PASSPHRASE);
    await picture(page, 'enrol-strong');
    await page.getByTestId('enrol-submit').click();
    await synced(page);
  });

  it('is changed by keyboard alone, and only the new one opens from then on', async () => {
    const { page } = running;
    const before = await profileSecrets(userData);
    await page.getByTestId('security-button').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('security-dialog').waitFor();
    await picture(page, 'security');
    await page.keyboard.press('Enter');
    await page.getByTestId('change-current').waitFor();
    await page.keyboard.type('wrong');
    await page.keyboard.press('Tab');
    await page.keyboard.type(NEW);
    await page.keyboard.press('Tab');
    await page.keyboard.type(NEW);
    await page.keyboard.press('Enter');
    await page.locator('[data-testid="failure"][data-code="passphrase-wrong"]').waitFor();
    await picture(page, 'change-wrong');
    await page.keyboard.type(PASSPHRASE);
    await page.keyboard.press('Enter');
    await page.getByTestId('passphrase-changed').waitFor();
    await page.keyboard.press('Enter');
    await lock(page);
    await wrong(page, PASSPHRASE);
    await unlock(page, NEW);
    await page.getByTestId('patient-row').first().waitFor();
    const after = await profileSecrets(userData, undefined, NEW);
    expect(after.cacheKey).toEqual(before.cacheKey);
  });

  it('the keys are changed, with everything still there and nothing that the old ones open', async () => {
    const { page } = running;
    const plugIn = pull(server);
    await writeNote(page, server);
    const before = await profileSecrets(userData, undefined, NEW);
    await page.getByTestId('security-button').click();
    await page.getByTestId('security-keys').click();
    await page.getByTestId('rotate-passphrase').fill(NEW);
    await picture(page, 'rotate');
    await page.keyboard.press('Enter');
    await page.getByTestId('rotating-screen').waitFor({ state: 'attached' });
    await picture(page, 'rotating');
    await page.getByTestId('patient-row').first().waitFor();
    await page.getByTestId('sync-waiting').waitFor();
    plugIn();
    await page.getByTestId('sync-now').click();
    await page.getByTestId('sync-waiting').waitFor({ state: 'detached' });
    const notes = server.store.list('DocumentReference').map((note) => JSON.stringify(note));
    const sent = Buffer.from(NOTE).toString('base64');
    expect(notes.filter((note) => note.includes(sent))).toHaveLength(1);
    await running.app.close();

    const after = await profileSecrets(userData, undefined, NEW);
    expect(after.cacheKey).not.toEqual(before.cacheKey);
    expect(after.outboxKey).not.toEqual(before.outboxKey);
    const file = join(after.folder, 'cache.db');
    const old = openDatabase({ file, key: before.cacheKey, mode: 'write', migrations: cacheMigrations });
    expect(old).toEqual({ ok: false, error: { code: 'cache-key-wrong' } });
    expect(readdirSync(after.folder).filter((name) => name.includes('rekey'))).toEqual([]);
  });
});

describe('security: wrong passphrases on the real keyring', () => {
  let server: DevServer;
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 3_072 });
  const recoveryKey = String(publicKey.export({ type: 'spki', format: 'pem' }));
  const userData = newUserData();
  const start = () => startApp({ userData, server: server.url, policy: { unlock: { maxAttempts: 5, recoveryKey } } });
  beforeAll(async () => {
    server = await smallServer(4);
    const { app, page } = await start();
    await enrol(page);
    await synced(page);
    pull(server);
    await writeNote(page, server);
    await app.close();
  });
  afterAll(() => server?.stop());

  it('security: make the next try wait, also after a restart, and destroy the keys after the last', async () => {
    let running = await start();
    for (let count = 0; count < 3; count += 1) await wrong(running.page);
    await running.page.getByText('2 attempts are left').waitFor();
    await running.page.getByText(/^Wait 0:0\d$/).waitFor();
    await picture(running.page, 'waiting');
    await running.app.close();

    running = await start();
    const { page } = running;
    await page.getByText(/^Wait 0:0\d$/).waitFor();
    // Straight through the bridge, as a page that was taken over would: it is refused there too, and not counted.
    const early = await page.evaluate((passphrase) => window.wardlight.session.unlock({ passphrase }), PASSPHRASE);
    expect(early).toEqual({ ok: false, error: { code: 'unlock-delayed' } });
    await page.locator('[data-testid="unlock-submit"]', { hasText: 'Unlock' }).waitFor();
    await wrong(page);
    await page.getByText('This is the last attempt').waitFor();
    await picture(page, 'last-attempt');
    await page.locator('[data-testid="unlock-submit"]', { hasText: 'Unlock' }).waitFor();
    await unlock(page, 'wrong');
    await page.getByTestId('destroyed-screen').waitFor();
    await picture(page, 'destroyed');
    await running.app.close();

    const [id = ''] = readdirSync(profilesOf(userData));
    expect(await keytar.getPassword(SERVICE, `${id}/device-secret`)).toBeNull();
    running = await start();
    await running.page.getByTestId('destroyed-screen').waitFor();
    await running.app.close();
  });

  it('security: leave the unsent note recoverable by the organisation’s key', async () => {
    const [id = ''] = readdirSync(profilesOf(userData));
    const folder = mkdtempSync(sessionFolder('recovery-'));
    const [key, out] = [join(folder, 'recovery.pem'), join(folder, 'unsent.json')];
    writeFileSync(key, String(privateKey.export({ type: 'pkcs8', format: 'pem' })), { mode: 0o600 });
    const tool = join(project, 'main', 'recover-outbox.ts');
    const args = ['--profile', join(profilesOf(userData), id), '--key', key, '--out', out, '--json'];
    const run = spawn(process.execPath, [tool, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [said] = await Promise.all([text(run.stdout), once(run, 'exit')]);
    expect(JSON.parse(said)).toMatchObject({ ok: true, changes: 1 });
    expect(readFileSync(out, 'utf8')).toContain(Buffer.from(NOTE).toString('base64'));
  });
});

describe('files that are lost', () => {
  let server: DevServer;
  let userData: string;
  let folder: string;
  const start = (change: Partial<StartOptions> = {}) => startApp({ userData, server: server.url, ...change });
  beforeAll(async () => {
    server = await smallServer(4);
    userData = newUserData();
    const { app, page } = await start();
    await enrol(page);
    await synced(page);
    const plugIn = pull(server);
    await writeNote(page, server);
    await app.close();
    plugIn();
    folder = join(profilesOf(userData), readdirSync(profilesOf(userData))[0] ?? '');
  });
  afterAll(() => server?.stop());

  it('a damaged cache is kept beside, and rebuilt as soon as the server is there; the unsent note is sent', async () => {
    const file = join(folder, 'cache.db');
    const damaged = readFileSync(file);
    damaged.fill(0x5a, 0, 4_096);
    writeFileSync(file, damaged);
    const plugIn = pull(server);
    const { app, page } = await start();
    await unlock(page);
    await page.getByTestId('rebuilt-banner').getByText('until the server is reachable').waitFor();
    await picture(page, 'rebuild-offline');
    expect(await page.getByTestId('sync-waiting').textContent()).toBe('1 waiting');
    const aside = readdirSync(folder).filter((name) => name.startsWith('cache.db.aside'));
    expect(readFileSync(join(folder, aside[0] ?? '')).equals(damaged)).toBe(true);
    plugIn();
    await page.getByTestId('sync-now').first().click();
    await synced(page);
    expect(await page.getByTestId('rebuilt-banner').count()).toBe(0);
    await page.getByTestId('sync-waiting').waitFor({ state: 'detached' });
    expect(await page.getByTestId('patient-row').count()).toBeGreaterThan(0);
    const sent = Buffer.from(NOTE).toString('base64');
    const notes = server.store.list('DocumentReference').map((note) => JSON.stringify(note));
    expect(notes.filter((note) => note.includes(sent))).toHaveLength(1);
    await app.close();
  });

  it('damage in the middle of the records locks as soon as it is met, and is made good at the next unlock', async () => {
    const file = join(folder, 'cache.db');
    const db = await openCacheOf(userData);
    const pages = db.prepare(`SELECT pageno FROM dbstat WHERE name = 'resource' AND pagetype = 'leaf'`).pluck().all();
    db.close();
    const bytes = readFileSync(file);
    for (const page of pages as number[]) bytes.fill(0x5a, (page - 1) * 4_096, page * 4_096);
    writeFileSync(file, bytes);
    const { app, page } = await start();
    await unlock(page);
    // The sync may meet it before the chart does.
    const locked = page.locator('[data-testid="unlock-error"][data-code="cache-damaged"]');
    const row = page.getByTestId('patient-row').first();
    await row.dblclick({ timeout: 5_000 }).catch(() => undefined);
    await locked.waitFor();
    await picture(page, 'damaged-while-open');
    await unlock(page);
    await synced(page);
    expect(await page.getByTestId('patient-row').count()).toBeGreaterThan(0);
    await app.close();
  });

  it('each thing that stops an unlock has a name and words, and none of it counts as a wrong passphrase', async () => {
    const [id = ''] = readdirSync(profilesOf(userData));
    const account = `${id}/device-secret`;
    const secret = (await keytar.getPassword(SERVICE, account)) ?? '';
    const slots = join(folder, 'slots.json');
    const kept = readFileSync(slots, 'utf8');
    const newer = JSON.stringify({ version: 99 });
    const sealed = JSON.stringify({ checksum: createHash('sha256').update(newer).digest('hex'), content: newer });
    const cache = join(folder, 'cache.db');
    const bytes = readFileSync(cache);
    const makeNewer = async () => {
      const db = await openCacheOf(userData);
      db.pragma('user_version = 99');
      db.close();
    };
    const { app, page } = await start();
    const stops: [string, () => unknown, () => unknown][] = [
      [
        'keyring-entry-missing',
        () => keytar.deletePassword(SERVICE, account),
        () => keytar.setPassword(SERVICE, account, secret),
      ],
      [
        'keyring-entry-wrong',
        () => keytar.setPassword(SERVICE, account, Buffer.alloc(32, 1).toString('base64')),
        () => keytar.setPassword(SERVICE, account, secret),
      ],
      ['slots-damaged', () => writeFileSync(slots, '{'), () => writeFileSync(slots, kept)],
      ['slots-newer', () => writeFileSync(slots, sealed), () => writeFileSync(slots, kept)],
      ['disk-read-only', () => chmodSync(folder, 0o500), () => chmodSync(folder, 0o700)],
      ['cache-newer-schema', makeNewer, () => writeFileSync(cache, bytes)],
    ];
    for (const [code, stop, mend] of stops) {
      await stop();
      await unlock(page);
      await page.locator(`[data-testid="unlock-error"][data-code="${code}"]`).waitFor();
      expect(await page.evaluate(() => window.wardlight.session.attempts({}))).toMatchObject({
        ...(code.startsWith('slots') ? { ok: false } : { value: { left: null, waitMs: 0 } }),
      });
      await mend();
    }
    await app.close();
  });

  it('a damaged store of unsent work is set aside only once a person has decided it', async () => {
    truncateSync(join(folder, 'outbox.db'), 5_000);
    const { app, page } = await start();
    await unlock(page);
    await page.locator('[data-testid="unlock-error"][data-code="outbox-damaged"]').waitFor();
    expect(readdirSync(folder).filter((name) => name.includes('outbox.db.aside'))).toEqual([]);
    await picture(page, 'outbox-damaged');
    await page.getByTestId('outbox-aside').click();
    await picture(page, 'outbox-aside');
    await page.getByTestId('unlock-passphrase').fill(PASSPHRASE);
    await page.getByTestId('outbox-aside-confirm').click();
    await page.getByTestId('patient-row').first().waitFor();
    expect(readdirSync(folder).filter((name) => name === 'outbox.db.aside-1')).toHaveLength(1);
    await app.close();
  });
});
