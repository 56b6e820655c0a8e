import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import { type RunningApp, sessionFolder, startApp } from '../support/app.ts';
import { type FeedServer, feedKey, publishHere, startFeed } from '../support/feed.ts';
import { enrol, newUserData, smallServer, unlock } from '../support/journey.ts';
import { forgetUpdates } from '../support/keychain.ts';
import { shot } from '../support/shots.ts';

const ours = feedKey();
let server: DevServer;
let feed: FeedServer;
let running: RunningApp;
const file = join(mkdtempSync(sessionFolder('updates-')), 'policy.json');

const publish = (version: string, serial: number, key = ours.key) => publishHere(feed, version, serial, key);

beforeAll(async () => {
  await forgetUpdates();
  server = await smallServer(2);
  feed = await startFeed();
  const updates = { mode: 'feed', feed: feed.base, keys: [ours.x] };
  writeFileSync(file, JSON.stringify({ unlock: { kdfTargetMs: 0 }, servers: { allowed: [server.url] }, updates }));
  running = await startApp({ userData: newUserData(), server: server.url, args: [`--wardlight-policy=${file}`] });
  await enrol(running.page);
});
afterAll(async () => {
  await running.app.close();
  await feed.close();
  await server.stop();
});

async function look(): Promise<void> {
  const { page } = running;
  await page.getByTestId('security-button').click();
  await page.getByTestId('security-managed').click();
  await page.getByTestId('update-look').click();
}

it('fetches a signed version and offers it on the list, to be installed when a person wants it', async () => {
  const { page } = running;
  publish('0.2.0', 5);
  await look();
  await page.getByText('Version 0.2.0 can be installed.').waitFor();
  await shot(page, 'updates-dialog');
  await page.keyboard.press('Escape');
  const banner = page.getByTestId('update-banner');
  await banner.waitFor();
  await shot(page, 'updates-banner');
  await page.getByTestId('update-later').click();
  await banner.waitFor({ state: 'detached' });
});

it('security: a version by another key takes the offer away, and an older document brings none', async () => {
  const { page } = running;
  await page.keyboard.press('Control+l');
  await unlock(page);
  publish('0.3.0', 6, feedKey().key);
  await look();
  await page.getByTestId('update-problem').waitFor();
  expect(await page.getByTestId('update-problem').textContent()).toContain('signature-unknown');
  await shot(page, 'updates-refused');
  publish('0.1.9', 4);
  await page.getByTestId('update-look').click();
  await expect.poll(() => page.getByTestId('update-problem').textContent()).toMatch(/ older$/);
  await page.keyboard.press('Escape');
});
