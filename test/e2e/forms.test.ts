import type { Observation, QuestionnaireResponse } from 'fhir/r4';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validate } from '../server/fhir/validate.ts';
import type { DevServer } from '../server/index.ts';
import type { RunningApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { enrolledApp, newUserData, openChart, smallServer } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';

const picture = picturesOf('forms');

/** From the chart to a form, by keys alone. */
async function openForm(page: Page, words: string): Promise<void> {
  await page.getByTestId('tab-summary').focus();
  await page.keyboard.press('n');
  await page.getByTestId('write-menu').waitFor();
  await page.keyboard.press('f');
  await page.getByTestId('form-find').waitFor();
  await page.keyboard.type(words);
  await picture(page, 'list');
  await page.keyboard.press('Enter');
  await page.getByTestId('form').waitFor();
}

function weigh(server: DevServer, patientId: string): void {
  server.store.put({
    ...{ resourceType: 'Observation', id: 'weighed', status: 'final', effectiveDateTime: new Date().toISOString() },
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7', display: 'Body weight' }] },
    subject: { reference: `Patient/${patientId}` },
    valueQuantity: { value: 71.5, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  } as Observation);
}

const value = (page: Page, key: string) => page.getByTestId(`value-|${key}`).textContent();

describe('a form of the hospital, offline', () => {
  let server: DevServer;
  let running: RunningApp;
  let page: Page;
  const stored = () => server.store.list('QuestionnaireResponse') as unknown as QuestionnaireResponse[];

  beforeAll(async () => {
    server = await smallServer(4);
    weigh(server, panelOf(server)[0] ?? '');
    running = await enrolledApp(server, newUserData());
    page = running.page;
    await openChart(page, panelOf(server)[0] ?? '');
    server.faults.add({ kind: 'dropBefore' });
  });
  afterAll(async () => {
    await running.app.close();
    await server.stop();
  });

  it('is filled in by keys alone, counts its score and asks what follows from it', async () => {
    await openForm(page, 'skin');
    await picture(page, 'empty');
    // The first answer has the focus; a blank chooses it, and Tab goes on to the next question.
    for (const _ of ['feels', 'moist', 'walks', 'turns', 'eats']) {
      await page.keyboard.press('Space');
      await page.keyboard.press('Tab');
    }
    await expect.poll(() => value(page, 'score')).toBe('5 so far');
    await page.getByTestId('choice-|measures-0').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByTestId('fault-|measures').waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('choice-|measures-0');
    await picture(page, 'faults');
    await page.keyboard.press('Space');
    await expect.poll(() => value(page, 'score')).toBe('5');
    await page.getByText('Draft kept').waitFor();
    await picture(page, 'filled');
    await page.keyboard.press('Control+Enter');
    await page.getByTestId('form-dialog').waitFor({ state: 'detached' });
    await page.getByTestId('tab-timeline').click();
    await page.getByText('Skin risk check').first().waitFor();
    await page.getByTestId('unsent-badge').first().waitFor();
    await picture(page, 'unsent');
    await page.getByTestId('tab-summary').click();
  });

  it('is filled in from the record beforehand, and says what it can’t ask', async () => {
    await openForm(page, 'pain');
    await expect.poll(() => value(page, 'before')).toBe('71.5 kg');
    await page.getByTestId('field-|rest').fill('11');
    await page.getByTestId('field-|moving').fill('4');
    await page.getByTestId('fault-|rest').waitFor();
    await picture(page, 'prefilled');
    await page.keyboard.press('Escape');
    await page.getByTestId('leave-dialog-confirm').click();
    await page.keyboard.press('n');
    await page.getByTestId('write-menu').waitFor();
    await page.keyboard.press('f');
    await page.getByTestId('draft-offer').waitFor();
    expect(await page.getByTestId('draft-body').textContent()).toContain('Pain at rest, 0 to 10: 11');
    await picture(page, 'draft');
    await page.getByTestId('draft-discard').click();
    await page.getByTestId('draft-discard-dialog-confirm').click();
    await page.getByTestId('form-nursing-admission').click();
    await page.getByText('which can’t be attached to a form here').waitFor();
    await picture(page, 'admission');
    await page.getByTestId('form-cancel').click();
  });

  it('is on the server once the network is back, valid and with its Provenance', { timeout: 120_000 }, async () => {
    server.faults.clear();
    await page.evaluate(() => window.wardlight.sync.start({}));
    await expect.poll(() => stored().length, { timeout: 60_000 }).toBe(1);
    const [response] = stored();
    expect(response).toMatchObject({
      questionnaire: 'https://hospital.example/fhir/Questionnaire/skin-risk|1.0',
      status: 'completed',
      subject: { reference: `Patient/${panelOf(server)[0]}` },
      item: [{ linkId: 'parts' }, { linkId: 'score', answer: [{ valueInteger: 5 }] }, { linkId: 'plan' }],
    });
    expect(() => validate(JSON.parse(JSON.stringify(response)))).not.toThrow();
    await expect
      .poll(() => JSON.stringify(server.store.list('Provenance')), { timeout: 60_000 })
      .toContain(`QuestionnaireResponse/${response?.id}`);
  });
});
