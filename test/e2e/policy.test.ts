import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import { inMain, type RunningApp, startApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { enrol, newUserData, openChart, smallServer, synced, unlock } from '../support/journey.ts';
import { policyFile, takenUp } from '../support/machine-policy.ts';
import { shot } from '../support/shots.ts';

let server: DevServer;
let running: RunningApp;
/** What the start names is another one. */
const SUGGESTED = 'https://fhir.hospital.example/r4';
const file = policyFile({});
const set = (more: object) => file.set({ servers: { allowed: [server.url] }, ...more });

beforeAll(async () => {
  server = await smallServer(2);
  set({ servers: { allowed: [server.url], suggested: SUGGESTED } });
  running = await startApp({
    userData: newUserData(),
    server: server.url,
    args: file.args,
  });
});
afterAll(async () => {
  await running.app.close();
  await server.stop();
});

it('security: nobody signs in to a server that IT has not named', async () => {
  const { page } = running;
  const address = page.getByTestId('signin-server');
  expect(await address.inputValue()).toBe(SUGGESTED);
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

it('leaves types of records out, and says so where a person would look for them', async () => {
  const { page } = running;
  const [patientId = ''] = panelOf(server);
  set({ cache: { leaveOut: ['DocumentReference'] } });
  await synced(page);
  await openChart(page, patientId);
  await page.locator('[data-testid="section-notes"][data-state="complete"]').waitFor();
  await page.keyboard.press('Control+l');
  await takenUp(page, 'cache.leaveOut', 'DocumentReference');
  await unlock(page);
  await openChart(page, patientId);
  const notes = page.locator('[data-testid="section-notes"][data-state="not-kept"]');
  await notes.waitFor();
  expect(await notes.textContent()).toContain('Not kept on this workstation, by your organisation’s policy');
  expect(await page.locator('[data-testid="section-problems"]').getAttribute('data-state')).toBe('complete');
  await page.getByTestId('tab-notes').click();
  await page.getByText('Not kept on this workstation').first().waitFor();
  await shot(page, 'policy-not-kept');

  set({});
  await page.keyboard.press('Control+l');
  await takenUp(page, 'cache.leaveOut', '[]');
  await unlock(page);
  await page.getByTestId('frame').waitFor();
});

it('security: nothing is copied or printed where IT says so, from the lock on', async () => {
  const { app, page } = running;
  const held = () => inMain(app, async ({ clipboard }) => clipboard.readText());
  const copy = async () => {
    await inMain(app, ({ clipboard }) => clipboard.writeText('of another program'));
    await openChart(page, panelOf(server)[0] ?? '');
    await page.getByTestId('patient-banner').click({ clickCount: 3 });
    await page.keyboard.press('Control+c');
  };
  await synced(page);
  await copy();
  await expect.poll(held).not.toBe('of another program');

  set({ output: { copy: false, print: false } });
  await page.keyboard.press('Control+l');
  await takenUp(page, 'output.copy', 'false');
  await unlock(page);
  await page.getByTestId('frame').waitFor();
  await copy();
  // Not even what was there stays, to be pasted into a chart for what was copied.
  await expect.poll(held).toBe('');
  const label = { patientId: panelOf(server)[0] ?? '', type: 'Encounter', id: 'v' } as const;
  const answer = await page.evaluate((about) => window.wardlight.downtime.printLabel(about), label);
  expect(answer).toEqual({ ok: false, error: { code: 'not-permitted' } });
  const state = await page.evaluate(() => window.wardlight.downtime.state({}));
  expect(state).toMatchObject({ ok: true, value: { mayPrint: false } });
});
