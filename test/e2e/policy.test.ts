import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import { type RunningApp, sessionFolder, startApp } from '../support/app.ts';
import { enrol, newUserData, smallServer, unlock } from '../support/journey.ts';
import { shot } from '../support/shots.ts';

let server: DevServer;
let running: RunningApp;
const file = join(mkdtempSync(sessionFolder('machine-policy-')), 'policy.json');
const set = (more: object) =>
  writeFileSync(file, JSON.stringify({ unlock: { kdfTargetMs: 0 }, servers: { allowed: [server.url] }, ...more }));

beforeAll(async () => {
  server = await smallServer(2);
  set({});
  running = await startApp({
    userData: newUserData(),
    server: server.url,
    args: [`--wardlight-policy=${file}`],
  });
});
afterAll(async () => {
  await running.app.close();
  await server.stop();
});

it('security: nobody signs in to a server that IT has not named', async () => {
  const { page } = running;
  const address = page.getByTestId('signin-server');
  await address.fill('https://fhir.elsewhere.example/r4');
  await page.getByTestId('signin-submit').click();
  await page.getByText('Your organisation does not use this server').waitFor();
  await address.fill(server.url);
  await enrol(page);
});

it('is taken up at the lock, and is strict and told where it is malformed, until it is mended', async () => {
  const { app, page } = running;
  const blur = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.emit('blur'));
  const focus = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.emit('focus'));
  await blur();
  expect(await page.getByTestId('shade').count()).toBe(0);

  set({ screen: { shadeOnBlur: 'yes' }, lokc: {} });
  await page.keyboard.press('Control+l');
  const notice = page.getByTestId('managed-notice');
  await notice.waitFor();
  expect(await notice.textContent()).toContain('malformed screen.shadeOnBlur');
  await shot(page, 'policy-unlock');
  await unlock(page);
  await page.getByTestId('managed-alarm').waitFor();
  await blur();
  await page.getByTestId('shade').waitFor();
  await focus();
  await page.getByTestId('security-button').click();
  await page.getByTestId('security-managed').click();
  await page.getByTestId('managed-row').first().waitFor();
  const problems = await page.getByTestId('managed-problems').textContent();
  expect(problems).toContain('lokc');
  expect(problems).toContain('screen.shadeOnBlur');
  await shot(page, 'policy-dialog');
  await page.keyboard.press('Escape');

  set({});
  await page.keyboard.press('Control+l');
  await page.getByTestId('unlock-passphrase').waitFor();
  await notice.waitFor({ state: 'detached' });
  await unlock(page);
  await page.getByTestId('frame').waitFor();
  expect(await page.getByTestId('managed-alarm').count()).toBe(0);
});
