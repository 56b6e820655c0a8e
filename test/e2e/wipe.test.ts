import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Device, Task } from 'fhir/r4';
import keytar from 'keytar';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import { type RunningApp, startApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import {
  enrol,
  newUserData,
  openChart,
  profilesOf,
  smallServer,
  synced,
  unlock,
  writeUnsentNote,
} from '../support/journey.ts';

const SERVICE = 'org.wardlight.app';
const NOTE = 'Written before the workstation was given up';

let server: DevServer;
let running: RunningApp;
let id: string;
const userData = newUserData();
const start = () => startApp({ userData, server: server.url });

/** IT gives the workstation up. */
function orderWipe(): void {
  const [device] = server.store
    .list('Device')
    .filter((one) => JSON.stringify(one).includes('urn:wardlight')) as Device[];
  server.store.put({
    resourceType: 'Task',
    id: 'wipe',
    status: 'requested',
    intent: 'order',
    code: { coding: [{ code: 'wipe' }] },
    owner: { reference: `Device/${device?.id}` },
  } satisfies Task);
}

beforeAll(async () => {
  server = await smallServer(4);
  running = await start();
  await enrol(running.page);
  await synced(running.page);
  [id = ''] = readdirSync(profilesOf(userData));
});
afterAll(async () => {
  await running.app.close();
  await server.stop();
});

it('security: a workstation that was given up while it was away erases itself at the next contact', async () => {
  const [patientId = ''] = panelOf(server);
  await openChart(running.page, patientId);
  await writeUnsentNote(running.page, server, NOTE);
  await running.app.close();
  orderWipe();
  running = await start();
  const { page } = running;
  // Away still: what is here opens.
  await unlock(page);
  await page.getByTestId('frame').waitFor();
  await openChart(page, patientId);
  await page.locator('[data-testid="sync-strip"][data-activity="idle"][data-online="false"]').waitFor();
  server.requests.length = 0;
  server.faults.clear();
  await page.keyboard.press('s');
  await page.getByRole('button', { name: /sync now/i }).click();
  await page.getByTestId('wiped-screen').waitFor();
  expect(await page.getByTestId('frame').count()).toBe(0);
  expect(await page.getByText('If something was not sent yet, it is gone').count()).toBe(1);
  // Nothing was sent or fetched before it: the server was only asked about the workstation.
  const asked = server.requests.filter(({ path }) => path.startsWith('/fhir/') && !path.includes('.well-known'));
  expect([...new Set(asked.map(({ path }) => /^\/fhir\/(\w+)/.exec(path)?.[1]))].sort()).toEqual(['Device', 'Task']);
  expect(server.store.list('DocumentReference').some((one) => JSON.stringify(one).includes(NOTE))).toBe(false);
});

it('security: leaves neither key nor token nor file, tells the server, and keeps the record of accesses', async () => {
  const status = () => (server.store.read('Task', 'wipe') as Task).status;
  await expect.poll(status).toBe('completed');
  await expect.poll(() => keytar.getPassword(SERVICE, `${id}/refresh-token`)).toBeNull();
  expect(await keytar.getPassword(SERVICE, `${id}/device-secret`)).toBeNull();
  expect(existsSync(join(profilesOf(userData), id))).toBe(false);
  expect(existsSync(join(userData, 'audit', 'audit.db'))).toBe(true);
  expect(await keytar.getPassword(SERVICE, 'audit/database-key')).not.toBeNull();
});

it('says so at the next start too, until somebody has read it, and can be used anew', async () => {
  await running.app.close();
  running = await start();
  const { page } = running;
  await page.getByTestId('wiped-screen').waitFor();
  expect(await page.getByTestId('wiped-screen').textContent()).toContain('Dr Amara Osei');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  expect(await page.getByTestId('wiped-screen').count()).toBe(1);
  await page.keyboard.press('Enter');
  await page.getByTestId('signin-submit').waitFor();
  await enrol(page);
  await synced(page);
});
