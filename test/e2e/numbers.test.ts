import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Encounter, Specimen } from 'fhir/r4';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validate } from '../server/fhir/validate.ts';
import type { DevServer } from '../server/index.ts';
import { type RunningApp, startApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { enrol, newUserData, openChart, smallServer, synced } from '../support/journey.ts';
import { numbersPolicy, SPECIMENS, VISITS } from '../support/numbers.ts';
import { picturesOf } from '../support/pictures.ts';
import { lastPrint, type Print, watchPrinter } from '../support/printer.ts';

const shoot = picturesOf('numbers');
const shots = process.env['WARDLIGHT_SHOTS'];

async function keptPrint(running: RunningApp, name: string): Promise<Print> {
  const print = await lastPrint(running);
  if (shots) writeFileSync(join(shots, `${name}.pdf`), Buffer.from(print.pdf, 'base64'));
  return print;
}

async function openForm(page: Page, letter: string): Promise<void> {
  await page.getByTestId('tab-summary').focus();
  await page.keyboard.press('n');
  await page.getByTestId('write-visit').waitFor();
  if (letter === 'b') await shoot(page, 'menu');
  await page.keyboard.press(letter);
  await page.getByTestId('form-save').waitFor();
}

describe('visits and specimens in a downtime', () => {
  let server: DevServer;
  let running: RunningApp;
  let page: Page;
  let patientId: string;

  beforeAll(async () => {
    server = await smallServer(4);
    [patientId = ''] = panelOf(server);
    running = await startApp({
      ...{ userData: newUserData(), server: server.url },
      policy: { downtime: { numbers: numbersPolicy({ warnShare: 0.9 }) } },
    });
    await watchPrinter(running);
    page = running.page;
    await enrol(page);
    await synced(page);
    await openChart(page, patientId);
  });
  afterAll(async () => {
    await running.app.close();
    await server.stop();
  });

  it('are registered in the EHR while that is there', async () => {
    await page.getByTestId('tab-summary').focus();
    await page.keyboard.press('n');
    await page.getByTestId('write-menu').waitFor();
    expect(await page.getByTestId('write-visit').count()).toBe(0);
    await page.keyboard.press('Escape');
    server.faults.add({ kind: 'dropBefore' });
    await page.evaluate(() => window.wardlight.sync.start({}));
    await page.waitForFunction(async () => {
      const status = await window.wardlight.sync.status({});
      return status.ok && status.value.online === false;
    });
  });

  it('have numbers of this workstation, shown large, with a label that names the patient', async () => {
    await openForm(page, 'b');
    await page.getByTestId('field-reason').fill('Fell from a ladder');
    await shoot(page, 'visit-form');
    await page.getByTestId('form-save').click();
    expect(await page.getByTestId('numbered-number').textContent()).toBe('7700016');
    await page.getByTestId('numbers-low').waitFor();
    await shoot(page, 'visit-number');
    await page.getByTestId('numbered-close').click();
    await page.getByTestId('section-encounters').getByText('Visit 7700016').waitFor();
    await page.getByTestId('section-encounters').getByTestId('unsent-badge').waitFor();
    await openForm(page, 'l');
    await page.getByTestId('field-type').selectOption('venous-blood');
    await page.getByTestId('field-number').selectOption('paper');
    await page.getByTestId('field-paper').fill('D010127');
    await page.getByTestId('form-save').click();
    await page.getByText('This is not one of the reserved numbers').waitFor();
    await shoot(page, 'specimen-wrong-number');
    await page.getByTestId('field-number').selectOption('next');
    await page.getByTestId('form-save').click();
    expect(await page.getByTestId('numbered-number').textContent()).toBe('D010126');
    await page.getByTestId('numbered').getByTestId('print-label').click();
    await page.getByTestId('numbered').getByText('Sent to the printer.').waitFor();
    const { text, bars, options } = await keptPrint(running, 'label');
    const [patient] = server.store.list('Patient').filter(({ id }) => id === patientId) as {
      name?: { family?: string }[];
    }[];
    expect(text).toContain(patient?.name?.[0]?.family?.toUpperCase());
    expect(text).toMatch(/Born .+MRN /s);
    expect(text).toMatch(/D010126[\s\S]+Venous blood specimen[\s\S]+Taken \d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d/);
    expect(bars).toBeGreaterThan(0);
    expect(options).toMatchObject({ silent: false, pageSize: { width: 70_000, height: 36_000 } });
    await shoot(page, 'specimen-number');
    await page.getByTestId('numbered-close').click();
    await shoot(page, 'chart');
  });

  it('are on paper too, with numbers of their own', async () => {
    await page.getByTestId('back-to-list').click();
    await page.getByTestId('downtime-button').click();
    await page.getByTestId('print-numbers').click();
    await page.getByText('These numbers are given to nothing else.').waitFor();
    const { text } = await keptPrint(running, 'paper');
    expect(text).toContain('7700024');
    expect(text).not.toContain('7700016');
    await shoot(page, 'paper-numbers');
    await page.getByTestId('downtime-close').click();
  });

  it('reach the server with their numbers, and what others registered too is warned of', {
    timeout: 120_000,
  }, async () => {
    const subject = { reference: `Patient/${patientId}` };
    server.store.put({
      ...{
        resourceType: 'Encounter',
        id: 'clerk',
        status: 'in-progress',
        class: { code: 'EMER', display: 'emergency' },
      },
      ...{ subject, period: { start: new Date().toISOString() } },
    } as Encounter);
    server.faults.clear();
    await page.evaluate(() => window.wardlight.sync.start({}));
    await page.getByTestId('sync-duplicates').waitFor();
    await page.waitForFunction(async () => {
      const status = await window.wardlight.sync.status({});
      return status.ok && status.value.changes.waiting === 0;
    });
    const visitOf = () =>
      (server.store.list('Encounter') as Encounter[]).find(({ identifier }) =>
        identifier?.some(({ system, value }) => system === VISITS && value === '7700016'),
      );
    const specimenOf = () =>
      (server.store.list('Specimen') as Specimen[]).find(({ identifier }) =>
        identifier?.some(({ system, value }) => system === SPECIMENS && value === 'D010126'),
      );
    // What is being sent does not wait any longer, and may not have arrived.
    await expect.poll(() => [visitOf(), specimenOf()].every(Boolean), { timeout: 20_000 }).toBe(true);
    const [visit, specimen] = [visitOf(), specimenOf()];
    expect(visit).toMatchObject({
      status: 'in-progress',
      subject,
      identifier: expect.arrayContaining([expect.objectContaining({ use: 'official' })]),
    });
    expect(specimen).toMatchObject({ status: 'available', subject, type: { coding: [{ code: '122555007' }] } });
    for (const one of [visit, specimen]) expect(() => validate(one as never)).not.toThrow();
    // A Provenance is sent once its record is.
    const attested = (reference: string) =>
      server.store
        .list('Provenance')
        .map((one) => JSON.stringify(one))
        .some((text) => text.includes(reference) && text.includes('downtime'));
    for (const one of [`Encounter/${visit?.id}`, `Specimen/${specimen?.id}`])
      await expect.poll(() => attested(one), { timeout: 20_000 }).toBe(true);
    await page.getByTestId('sync-duplicates').click();
    const all = page.getByTestId('duplicate');
    await all.first().waitFor();
    await shoot(page, 'duplicates');
    const count = await all.count();
    await page.getByTestId('duplicate').filter({ hasText: 'emergency' }).first().getByTestId('duplicate-keep').click();
    await page.waitForFunction(
      (before) => document.querySelectorAll('[data-testid="duplicate"]').length < before,
      count,
    );
    for (let left = count - 1; left > 0; left = await all.count()) {
      await all.first().getByTestId('duplicate-error').click();
      await shoot(page, 'duplicate-error');
      await page.getByTestId('duplicate-confirm').click();
      await page.waitForFunction(
        (before) => document.querySelectorAll('[data-testid="duplicate"]').length < before,
        left,
      );
    }
  });
});
