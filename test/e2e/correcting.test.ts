import type { AllergyIntolerance, Provenance, QuestionnaireResponse } from 'fhir/r4';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validate } from '../server/fhir/validate.ts';
import type { FaultRule } from '../server/http/faults.ts';
import type { DevServer } from '../server/index.ts';
import type { RunningApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { enrolledApp, newUserData, openChart, smallServer } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';

const picture = picturesOf('correcting');

/** The server takes nothing that is written, and says why. */
const refusing = (issue: NonNullable<FaultRule['issue']>): FaultRule => ({
  ...{ kind: 'status', status: 422, issue },
  match: ({ method }) => method === 'POST' || method === 'PUT',
});

const field = (page: Page, name: string) => page.getByTestId(`field-${name}`);

/** Tries to send, and opens what was rejected. */
async function rejected(page: Page): Promise<void> {
  await page.evaluate(() => window.wardlight.sync.start({}));
  await page.getByTestId('sync-parked').waitFor({ timeout: 60_000 });
}

describe('what the server has rejected', () => {
  let server: DevServer;
  let running: RunningApp;
  let page: Page;
  let patientId: string;

  beforeAll(async () => {
    server = await smallServer(4);
    running = await enrolledApp(server, newUserData());
    page = running.page;
    [patientId = ''] = panelOf(server);
  });
  afterAll(async () => {
    await running?.app.close();
    await server?.stop();
  });

  const openSync = async () => {
    await page.getByTestId('sync-parked').click();
    await page.getByTestId('sync-view').waitFor();
  };
  const sent = async () => {
    server.faults.clear();
    await page.evaluate(() => window.wardlight.sync.start({}));
    await expect
      .poll(async () => (await page.evaluate(() => window.wardlight.sync.changes({}))).ok, { timeout: 60_000 })
      .toBe(true);
  };

  it('an allergy is corrected offline in its form, with the reason above it and at its field', {
    timeout: 180_000,
  }, async () => {
    await openChart(page, patientId);
    server.faults.add(
      refusing({
        ...{ code: 'value', diagnostics: 'reaction severity is not accepted for this substance' },
        expression: ['AllergyIntolerance.reaction[0].severity'],
      }),
    );
    await page.getByTestId('tab-summary').focus();
    await page.keyboard.press('n');
    await page.getByTestId('write-menu').waitFor();
    await page.keyboard.press('a');
    await field(page, 'substance').fill('Wardlatex');
    await field(page, 'verification').selectOption('confirmed');
    await field(page, 'onset').fill('Mar-2021');
    await field(page, 'reaction0').fill('Hives');
    await field(page, 'reaction0.severity').selectOption('severe');
    await page.keyboard.press('Control+Enter');
    await page.getByTestId('form-dialog').waitFor({ state: 'detached' });
    await rejected(page);
    // Whatever comes now needs no network.
    server.faults.clear();
    server.faults.add({ kind: 'dropBefore' });
    await openSync();
    await picture(page, 'rejected');
    await page.getByTestId('change-correct').click();
    await page.getByTestId('correct-reason').waitFor();
    expect(await page.getByTestId('correct-reason').textContent()).toContain('not accepted for this substance');
    expect(await page.getByTestId('fault-reaction0.severity').textContent()).toContain('not one that the server takes');
    expect(await field(page, 'substance').inputValue()).toBe('Wardlatex');
    expect(await field(page, 'onset').inputValue()).toBe('Mar-2021');
    await picture(page, 'allergy');
    // Esc leaves it as it was, and what was typed is a draft of the correction.
    await field(page, 'reaction0.severity').selectOption('mild');
    await page.keyboard.press('Escape');
    await page.getByTestId('leave-dialog-confirm').click();
    await page.getByTestId('form-dialog').waitFor({ state: 'detached' });
    await page.getByTestId('sync-parked').click();
    await page.getByTestId('changes-parked').waitFor();
    await picture(page, 'left');
    await page.getByTestId('change-correct').click();
    await page.getByTestId('draft-continue').click();
    expect(await field(page, 'reaction0.severity').inputValue()).toBe('mild');
    await page.keyboard.press('Control+Enter');
    await page.getByTestId('form-dialog').waitFor({ state: 'detached' });
    await sent();
    const stored = () =>
      (server.store.list('AllergyIntolerance') as unknown as AllergyIntolerance[]).filter(
        ({ code }) => code?.text === 'Wardlatex',
      );
    await expect.poll(() => stored().length, { timeout: 60_000 }).toBe(1);
    expect(stored()[0]?.reaction).toMatchObject([{ severity: 'mild' }]);
    expect(() => validate(JSON.parse(JSON.stringify(stored()[0])))).not.toThrow();
    const told = () =>
      (server.store.list('Provenance') as unknown as Provenance[]).filter(
        ({ target }) => target[0]?.reference === `AllergyIntolerance/${stored()[0]?.id}`,
      );
    await expect.poll(() => told().length, { timeout: 60_000 }).toBe(1);
  });

  it('a form of the hospital, and what was done to a record, are corrected alike', { timeout: 180_000 }, async () => {
    // She is in the chart still, in which she has corrected the other one.
    server.faults.add(
      refusing({ code: 'business-rule', diagnostics: 'A score below 10 needs a second look', expression: [] }),
    );
    await page.getByTestId('tab-summary').focus();
    await page.keyboard.press('n');
    await page.getByTestId('write-menu').waitFor();
    await page.keyboard.press('f');
    await page.getByTestId('form-find').waitFor();
    await page.keyboard.type('skin');
    await page.keyboard.press('Enter');
    await page.getByTestId('form').waitFor();
    for (const question of ['feels', 'moist', 'walks', 'turns', 'eats'])
      await page.getByTestId(`choice-|${question}-0`).check();
    await page.getByTestId('choice-|measures-1').check();
    await page.keyboard.press('Control+Enter');
    await page.getByTestId('form-dialog').waitFor({ state: 'detached' });
    const problem = page.getByTestId('section-problems').locator('li').first();
    await problem.getByTestId('item-change').click();
    await page.getByTestId('deed-entered-in-error').click();
    await page.getByTestId('field-reason').fill('Wrong patien');
    await page.getByTestId('form-save').click();
    await page.getByTestId('change-dialog').waitFor({ state: 'detached' });
    await rejected(page);
    await expect.poll(() => page.getByTestId('sync-parked').textContent(), { timeout: 60_000 }).toContain('2');
    await openSync();
    // What is saved would be sent at once, and rejected as well.
    server.faults.clear();
    server.faults.add({ kind: 'dropBefore' });
    const change = (words: string) =>
      page.getByTestId('change').filter({ hasText: words }).getByTestId('change-correct');
    await change('Skin risk').click();
    await page.getByTestId('correct-reason').waitFor();
    await page.getByTestId('form').waitFor();
    expect(await page.getByTestId('choice-|eats-0').isChecked()).toBe(true);
    await picture(page, 'form');
    await page.getByTestId('choice-|eats-3').check();
    await page.keyboard.press('Control+Enter');
    await page.getByTestId('form-dialog').waitFor({ state: 'detached' });
    await page.getByTestId('sync-parked').click();
    await change('Entered in error').click();
    await page.getByTestId('correct-reason').waitFor();
    expect(await page.getByTestId('field-reason').inputValue()).toBe('Wrong patien');
    await page.getByTestId('field-reason').fill('Wrong patient');
    await picture(page, 'deed');
    await page.getByTestId('form-save').click();
    await page.getByTestId('change-dialog').waitFor({ state: 'detached' });
    await sent();
    const responses = () => server.store.list('QuestionnaireResponse') as unknown as QuestionnaireResponse[];
    await expect.poll(() => responses().length, { timeout: 60_000 }).toBe(1);
    expect(JSON.stringify(responses()[0])).toContain('"valueInteger":8');
    await expect
      .poll(() => JSON.stringify(server.store.list('Condition')), { timeout: 60_000 })
      .toContain('Wrong patient"');
    // A Provenance leaves after what it tells of.
    await expect
      .poll(() => JSON.stringify(server.store.list('Provenance')), { timeout: 60_000 })
      .toContain('"text":"Wrong patient"');
  });
});
