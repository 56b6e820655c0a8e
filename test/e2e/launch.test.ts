import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRuntime } from '../../build/runtime.mjs';
import type { DevServer } from '../server/index.ts';
import { type RunningApp, startApp } from '../support/app.ts';
import { project } from '../support/desktop.ts';
import { panelOf } from '../support/expected.ts';
import { changingClinician, enrol, newUserData, PASSPHRASE, smallServer, synced, unlock } from '../support/journey.ts';

describe('a launch by an EHR', () => {
  let server: DevServer;
  let running: RunningApp;
  const userData = newUserData();
  const clinician = changingClinician();

  /** What the operating system does with a link: it starts the program, which hands it to the one that runs. */
  async function follow(link: string): Promise<void> {
    const second = spawn(findRuntime().executable, [project, `--user-data-dir=${userData}`, link], { stdio: 'ignore' });
    expect(await once(second, 'exit')).toEqual([0, null]);
  }
  const linkFor = (patientId: string, issuer = server.url) =>
    `wardlight://launch?iss=${encodeURIComponent(issuer)}&launch=${server.offerLaunch(patientId)}`;
  const dialog = (page: Page) => page.getByTestId('launch-dialog');
  const accept = (page: Page) => page.getByTestId('launch-accept').click();
  const nameOf = (id: string) => {
    const { name } = server.store.read('Patient', id) as { name: { family: string }[] };
    return name[0]?.family ?? '';
  };

  beforeAll(async () => {
    server = await smallServer(4);
    clinician.is('osei');
    running = await startApp({
      userData,
      server: server.url,
      env: clinician.env,
      policy: { launchIssuers: [server.url] },
    });
    await enrol(running.page);
    await synced(running.page);
  });
  afterAll(async () => {
    await running.app.close();
    await server.stop();
  });

  it('is told who asks before anything is opened, and opens the patient’s chart', async () => {
    const { page } = running;
    const [, patientId = ''] = panelOf(server);
    server.requests.length = 0;
    await follow(linkFor(patientId));
    await dialog(page).waitFor();
    expect(await dialog(page).textContent()).toContain(new URL(server.url).host);
    expect(server.requests.filter(({ path }) => path.startsWith('/oauth'))).toEqual([]);
    // It came while somebody was at work: a key that was meant for the page accepts nothing.
    await page.keyboard.press('Enter');
    expect(await dialog(page).textContent()).toContain('Open Wardlight from the EHR?');
    await accept(page);
    await page
      .getByTestId('patient-banner')
      .filter({ hasText: new RegExp(nameOf(patientId), 'i') })
      .waitFor();
  });

  it('opens it after the unlock where Wardlight is locked', async () => {
    const { page } = running;
    const [patientId = ''] = panelOf(server);
    await page.getByTestId('lock-button').click();
    await page.getByTestId('unlock-passphrase').waitFor();
    await follow(linkFor(patientId));
    await accept(page);
    await page.getByText('You are signed in, and you have a profile').waitFor();
    await unlock(page);
    await page
      .getByTestId('patient-banner')
      .filter({ hasText: new RegExp(nameOf(patientId), 'i') })
      .waitFor();
  });

  it('security: says "not permitted" of a patient who is not the clinician’s', async () => {
    const { page } = running;
    const mine = new Set(panelOf(server));
    server.store.put({ resourceType: 'Patient', id: 'stranger', name: [{ family: 'Stranger' }] });
    expect(mine.has('stranger')).toBe(false);
    await follow(linkFor('stranger'));
    await accept(page);
    await page.getByText('not-permitted').waitFor();
    expect(await page.getByTestId('patient-banner').count()).toBe(0);
  });

  it('security: by another clinician switches only if the one who has it open agrees', async () => {
    const { page } = running;
    const [patientId = ''] = panelOf(server);
    clinician.is('lindqvist');
    await follow(linkFor(patientId));
    await accept(page);
    await dialog(page).getByText('Elin Lindqvist RN').waitFor();
    expect(await page.getByTestId('frame').count()).toBe(1);
    // The safe answer has the focus.
    await page.keyboard.press('Enter');
    await dialog(page).waitFor({ state: 'detached' });
    await page.getByTestId('frame').waitFor();
    await follow(linkFor(patientId));
    await accept(page);
    await dialog(page).getByText('Lock and switch').click();
    await page.getByText('Welcome, Elin Lindqvist RN').waitFor();
    expect(await page.getByTestId('frame').count()).toBe(0);
    await page.getByTestId('enrol-passphrase').fill(PASSPHRASE);
    await page.getByTestId('enrol-repeat').fill(PASSPHRASE);
    await page.getByTestId('enrol-submit').click();
    await page.getByTestId('frame').waitFor();
  });

  it.each([
    ['launch-issuer-unknown', 'https://evil.example/fhir'],
    ['launch-invalid', 'http://evil.example/fhir'],
  ])('security: is refused with %s, and nothing is asked of anybody', async (code, issuer) => {
    const { page } = running;
    await follow(linkFor('x', issuer));
    await dialog(page).getByText(`Code for IT: ${code}`).waitFor();
    expect(await page.getByTestId('launch-accept').count()).toBe(0);
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
  });
});
