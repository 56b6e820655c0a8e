import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DevServer, startServer } from '../server/index.ts';
import { type RunningApp, startApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { enrol, newUserData, synced } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';

const SYNC_TIMEOUT = 60_000;
const MINUTE = 60_000;
const picture = picturesOf('accept-server');

describe('security: a server that was restored from a backup', () => {
  let server: DevServer;
  let running: RunningApp;
  let ahead = 0;
  beforeAll(async () => {
    server = await startServer({ patients: 6, seed: 7, clock: () => new Date(Date.now() + ahead) });
    running = await startApp({ userData: newUserData(), server: server.url });
    await enrol(running.page);
    await synced(running.page);
  });
  afterAll(async () => {
    await running?.app.close();
    await server?.stop();
  });

  it('security: stops sync, and is fetched from again only once IT has typed its name', async () => {
    const { page } = running;
    const backup = server.store.snapshot();
    const [patient = ''] = panelOf(server);
    server.store.put({
      resourceType: 'Flag',
      id: 'forgotten',
      status: 'active',
      code: { text: 'Falls' },
      subject: { reference: `Patient/${patient}` },
    });
    const idle = page.locator('[data-testid="sync-strip"][data-activity="idle"]');
    const asked = server.requests.length;
    await page.getByTestId('sync-now').click();
    await expect.poll(() => server.requests.slice(asked).some(({ path }) => path.includes('/Flag?'))).toBe(true);
    await idle.waitFor({ timeout: SYNC_TIMEOUT });

    server.store.restore(backup);
    ahead = 10 * MINUTE;
    await page.getByTestId('sync-now').click();
    await page.getByTestId('reset-banner').waitFor({ timeout: SYNC_TIMEOUT });
    await page.getByTestId('sync-open').click();
    await page.getByTestId('accept-server').click();
    await picture(page, 'dialog');
    const confirm = page.getByTestId('accept-confirm');
    expect(await confirm.isDisabled()).toBe(true);
    await page.getByTestId('accept-host').fill(new URL(server.url).host);
    server.requests.length = 0;
    await confirm.click();
    await page.getByTestId('accept-dialog').waitFor({ state: 'detached' });
    await page
      .locator('[data-testid="sync-strip"][data-activity="idle"][data-up-to-date="true"]')
      .waitFor({ timeout: SYNC_TIMEOUT });
    expect(await page.getByTestId('reset-banner').count()).toBe(0);
    expect(server.requests.some(({ path }) => path.includes('_elements='))).toBe(true);
    expect(server.requests.filter(({ path, method }) => path.startsWith('/fhir/') && method !== 'GET')).toEqual([]);
    await picture(page, 'accepted');
  });
});
