import { readdirSync } from 'node:fs';
import keytar from 'keytar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import { startServer } from '../server/index.ts';
import { startApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { enrol, newUserData, openChart, profilesOf, smallServer, synced } from '../support/journey.ts';

const NARROW =
  'openid fhirUser offline_access user/Patient.rs user/CareTeam.rs user/Condition.rs user/DocumentReference.rs';

describe('a sign-in that the server narrows', () => {
  let server: DevServer;
  beforeAll(async () => {
    server = await smallServer(4);
  });
  afterAll(() => server.stop());

  it('fetches what it covers, says "not permitted" of the rest, and takes nothing that could not be sent', async () => {
    server.limitScopes(NARROW);
    const { app, page } = await startApp({ userData: newUserData(), server: server.url });
    try {
      await enrol(page);
      await synced(page);
      const asked = new Set(server.requests.map(({ path }) => /^\/fhir\/([A-Z]\w+)/.exec(path)?.[1]));
      expect([...asked].filter(Boolean).sort()).toEqual(['CareTeam', 'Condition', 'DocumentReference', 'Patient']);
      const [patientId = ''] = panelOf(server);
      await openChart(page, patientId);
      expect(await page.getByTestId('section-allergies').textContent()).toMatch(/not permitted/i);
      await page.getByTestId('tab-notes').click();
      await page.getByTestId('note-new').click();
      await page.getByTestId('note-text').fill('Never to be kept');
      await page.getByTestId('note-save').click();
      await page.getByText('not-permitted').waitFor();
      expect(await page.locator('[data-testid="unsent-badge"]').count()).toBe(0);
    } finally {
      await app.close();
    }
  });

  it('without a lasting grant works until it ends, and says when', async () => {
    server.limitScopes('openid fhirUser user/*.rs');
    const { app, page } = await startApp({ userData: newUserData(), server: server.url });
    try {
      await enrol(page);
      await page.getByTestId('sign-in-ends').waitFor();
      await synced(page);
    } finally {
      await app.close();
    }
  });
});

it('security: a refresh token that somebody else has used ends the sign-in, and reading goes on', async () => {
  // Over at once, so that each run renews.
  const server = await startServer({ patients: 2, seed: 7, now: '2026-11-01T08:00:00Z', accessTokenSeconds: 31 });
  const userData = newUserData();
  const { app, page } = await startApp({ userData, server: server.url });
  try {
    await enrol(page);
    await synced(page);
    const [id = ''] = readdirSync(profilesOf(userData));
    const stolen = (await keytar.getPassword('org.wardlight.app', `${id}/refresh-token`)) ?? '';
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: stolen, client_id: 'wardlight' });
    expect((await fetch(`${server.issuer}/token`, { method: 'POST', body })).status).toBe(200);
    await page.keyboard.press('s');
    await expect
      .poll(async () => {
        await page
          .getByRole('button', { name: /sync now/i })
          .click()
          .catch(() => undefined);
        return page.getByText('Your sign-in has ended.').count();
      })
      .toBe(1);
    await page.keyboard.press('Escape');
    const [patientId = ''] = panelOf(server);
    await openChart(page, patientId);
    await page.getByRole('button', { name: 'Sign in again to sync' }).click();
    await page.getByText('Your sign-in has ended.').waitFor({ state: 'detached' });
    await synced(page);
  } finally {
    await app.close();
    await server.stop();
  }
});
