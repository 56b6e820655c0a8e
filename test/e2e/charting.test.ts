import type { FhirResource } from 'fhir/r4';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import type { RunningApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { enrolledApp, newUserData, openChart, smallServer } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';
import { faultsByOthers } from '../support/valid.ts';

const picture = picturesOf('charting');

type Fields = Readonly<Record<string, string>>;

/** Opens a form by the keyboard: N, then its letter. */
async function openForm(page: Page, letter: string): Promise<void> {
  await page.getByTestId('tab-summary').focus();
  await page.keyboard.press('n');
  await page.getByTestId('write-menu').waitFor();
  await page.keyboard.press(letter);
}

async function fill(page: Page, fields: Fields): Promise<void> {
  for (const [name, value] of Object.entries(fields)) {
    const field = page.getByTestId(`field-${name}`);
    const isChoice = await field.evaluate((element) => element.tagName === 'SELECT');
    await (isChoice ? field.selectOption(value) : field.fill(value));
  }
}

/** Fills a form and saves it by Enter twice, as somebody in a hurry does. */
async function record(page: Page, letter: string, fields: Fields): Promise<void> {
  await openForm(page, letter);
  await fill(page, fields);
  await picture(page, `form-${letter}`);
  await page.getByTestId('form-save').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.getByTestId('form-dialog').waitFor({ state: 'detached' });
}

const itemOf = (page: Page, section: string, text: string) =>
  page.getByTestId(`section-${section}`).locator('li', { hasText: text }).first();

describe('what is written in a chart offline', () => {
  let server: DevServer;
  let running: RunningApp;
  let page: Page;
  let patientId: string;
  const all = (type: string) => server.store.list(type) as unknown as Record<string, unknown>[];
  /** Of a type, what the server has that tells of a text. */
  const stored = (type: string, text: string) => all(type).filter((one) => JSON.stringify(one).includes(text));

  beforeAll(async () => {
    server = await smallServer(4);
    running = await enrolledApp(server, newUserData());
    page = running.page;
    [patientId = ''] = panelOf(server);
    await openChart(page, patientId);
    server.faults.add({ kind: 'dropBefore' });
  });
  afterAll(async () => {
    await running.app.close();
    await server.stop();
  });

  it('is in the chart at once, with its badge: an allergy, a problem and a medicine', async () => {
    await openForm(page, 'x');
    await picture(page, 'menu');
    await page.keyboard.press('Escape');
    await openForm(page, 'a');
    await page.getByTestId('form-save').waitFor();
    await fill(page, { substance: 'Latex glove', onset: '03/12/2021' });
    await page.getByTestId('form-save').click();
    await page.getByTestId('fault-onset').waitFor();
    await picture(page, 'form-faults');
    await page.keyboard.press('Escape');
    await page.getByTestId('leave-dialog-confirm').click();
    await page.getByTestId('section-allergies').getByTestId('draft-row').click();
    await page.getByTestId('draft-continue').waitFor();
    await picture(page, 'draft-offer');
    await page.getByTestId('draft-continue').click();
    expect(await page.getByTestId('field-substance').inputValue()).toBe('Latex glove');
    await fill(page, { onset: 'Mar-2021', verification: 'confirmed', criticality: 'high', reaction0: 'Hives' });
    await page.getByTestId('form-save').click();
    await itemOf(page, 'allergies', 'Latex glove').getByTestId('unsent-badge').waitFor();
    await record(page, 'p', { problem: 'Wheeze at night', verification: 'provisional', onset: '2019' });
    await itemOf(page, 'problems', 'Wheeze at night').getByTestId('unsent-badge').waitFor();
    const doses = { dose: '0.50', doseUnit: 'mg', route: 'oral', times: '2' };
    await record(page, 'm', { drug: 'Ramosol', ...doses });
    await itemOf(page, 'medications', 'Ramosol').getByTestId('unsent-badge').waitFor();
    expect(await itemOf(page, 'medications', 'Ramosol').textContent()).toContain('0.5 mg, oral, twice daily');
    await record(page, 't', { title: 'Change the dressing', priority: 'urgent' });
    await record(page, 'i', { vaccine: 'Influenza 2026', given: 'not-given', notDone: 'Has a fever' });
    await picture(page, 'unsent');
  });

  it('opens for N right after Escape, and gives the focus back to where N was pressed', async () => {
    await openForm(page, 'x');
    // Both keys wait for the page before it answers either.
    await Promise.all([page.keyboard.press('Escape'), page.keyboard.press('n')]);
    await page.getByTestId('write-menu').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('write-menu').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('tab-summary');
  });

  it('can be withdrawn where it is shown, and marked as an error where the server has it', async () => {
    await record(page, 'p', { problem: 'Written for the wrong patient', verification: 'confirmed' });
    await itemOf(page, 'problems', 'wrong patient').getByTestId('item-withdraw').click();
    await page.getByTestId('withdraw-dialog').waitFor();
    await picture(page, 'withdraw');
    await page.getByTestId('withdraw-dialog-confirm').click();
    await itemOf(page, 'problems', 'wrong patient').waitFor({ state: 'detached' });
    const change = page.getByTestId('section-problems').locator('li:not(:has([data-testid="unsent-badge"]))').first();
    await change.getByTestId('item-change').click();
    await page.getByTestId('deed-entered-in-error').click();
    await page.getByTestId('field-reason').fill('Belongs to her sister');
    await picture(page, 'change');
    await page.getByTestId('form-save').click();
    await page.getByTestId('change-dialog').waitFor({ state: 'detached' });
  });

  it('is a note in sections, signed after a warning and added to', async () => {
    await openForm(page, 's');
    await page.getByTestId('soap-subjective').fill('Slept well, less breathless.');
    await page.getByTestId('soap-plan').fill('Mobilise. Stop oxygen.');
    await page.getByText('Draft kept').waitFor();
    await picture(page, 'soap');
    await page.getByTestId('soap-sign').click();
    await picture(page, 'sign');
    await page.getByTestId('sign-confirm').click();
    await page.getByTestId('note-add').waitFor();
    expect(await page.getByTestId('note-amend').count()).toBe(0);
    expect(await page.getByTestId('note-body').textContent()).toContain('Slept well');
    await picture(page, 'signed');
    await page.getByTestId('note-add').click();
    await page.getByTestId('addendum-text').fill('Oxygen stopped at 04:10.');
    await picture(page, 'addendum');
    await page.getByTestId('addendum-save').click();
    await page.getByRole('heading', { name: 'Addendum' }).waitFor();
    await page.getByTestId('note-add').waitFor();
  });

  it('reaches the server once the network is back, once each, valid, and with its Provenance', {
    timeout: 120_000,
  }, async () => {
    server.faults.clear();
    await page.evaluate(() => window.wardlight.sync.start({}));
    await page.getByTestId('tab-summary').click();
    await expect.poll(() => stored('DocumentReference', 'appends').length, { timeout: 60_000 }).toBe(1);
    await expect.poll(() => page.getByTestId('unsent-badge').count(), { timeout: 60_000 }).toBe(0);
    await picture(page, 'sent');
    const written = [
      ...stored('AllergyIntolerance', 'Latex glove'),
      ...stored('Condition', 'Wheeze at night'),
      ...stored('MedicationStatement', 'Ramosol'),
      ...stored('Task', 'Change the dressing'),
      ...stored('Immunization', 'Has a fever'),
      ...stored('Condition', 'Belongs to her sister'),
      ...all('DocumentReference').filter(({ authenticator }) => authenticator !== undefined),
    ] as unknown as FhirResource[];
    expect(written.map(({ resourceType }) => resourceType)).toEqual([
      ...['AllergyIntolerance', 'Condition', 'MedicationStatement', 'Task', 'Immunization', 'Condition'],
      ...['DocumentReference', 'DocumentReference'],
    ]);
    // Each leaves after its record, which by then says no longer that it waits.
    const attested = ({ resourceType, id }: FhirResource) =>
      JSON.stringify(all('Provenance')).includes(`"${resourceType}/${id}`);
    await expect.poll(() => written.filter((one) => !attested(one)), { timeout: 60_000 }).toEqual([]);
    // By programs of others: nothing that Wardlight checks with.
    expect([...written, ...all('Provenance')].flatMap(faultsByOthers)).toEqual([]);
    expect(stored('Condition', 'wrong patient')).toEqual([]);
    expect(stored('Condition', 'Belongs to her sister')).toEqual([
      expect.objectContaining({
        verificationStatus: expect.objectContaining({
          coding: [expect.objectContaining({ code: 'entered-in-error' })],
        }),
      }),
    ]);
  });
});
