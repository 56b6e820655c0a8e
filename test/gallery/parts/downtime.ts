import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Encounter, Specimen } from 'fhir/r4';
import { enrol, openChart, synced } from '../../support/journey.ts';
import { numbersPolicy, SPECIMENS, VISITS } from '../../support/numbers.ts';
import { watchPrinter } from '../../support/printer.ts';
import { freshStart, offline, type Part, pageOf, profileFolderOf, said, type World } from '../stop.ts';
import { openForm } from './steps.ts';

/** One number for a visit, so that there is soon none, and some for specimens. */
const numbers = numbersPolicy({
  warnShare: 0.9,
  perSheet: 2,
  pools: [
    {
      kind: 'visit',
      system: VISITS,
      range: { prefix: '77', from: 1, to: 1, digits: 4, check: 'luhn' },
      list: null,
    },
    {
      kind: 'specimen',
      system: SPECIMENS,
      range: { prefix: 'D', from: 101, to: 109, digits: 4, check: 'mod97' },
      list: null,
    },
  ],
});

/** Somebody registers the same visit in the EHR. */
function registerToo({ server, patients }: World): void {
  server.store.put({
    ...{ resourceType: 'Encounter', id: 'clerk', status: 'in-progress' },
    class: { code: 'EMER', display: 'emergency' },
    subject: { reference: `Patient/${patients.full}` },
    period: { start: new Date().toISOString() },
  } as Encounter);
}

/** A laboratory has given the number of our specimen to one of another patient. */
function takeNumber({ server, patients }: World, value: string): void {
  server.store.put({
    ...{ resourceType: 'Specimen', id: 'elsewhere', status: 'available' },
    ...{ identifier: [{ system: SPECIMENS, value }], subject: { reference: `Patient/${patients.empty}` } },
  } as Specimen);
}

/** Visits and specimens while the EHR is away, and what became of them. */
export const downtime: Part = {
  name: 'downtime',
  async begin(world) {
    const page = await freshStart(world, { policy: { ...world.policy, downtime: { numbers } } });
    if (world.running) await watchPrinter(world.running);
    await enrol(page);
    await synced(page);
    await openChart(page, world.patients.full);
    world.server.faults.add({ kind: 'dropBefore' });
    await page.getByTestId('sync-now').click();
    await offline(page);
  },
  stops: [
    {
      screen: 'form: visit',
      state: 'full',
      async go(world) {
        const page = await openForm(world, 'b');
        await page.getByTestId('field-reason').fill('Fell from a ladder');
      },
    },
    {
      screen: 'downtime number',
      state: 'visit, the last one',
      async go(world) {
        await pageOf(world).getByTestId('form-save').click();
        await pageOf(world).getByTestId('numbers-low').waitFor();
      },
    },
    {
      screen: 'form: visit',
      state: 'pool empty',
      async go(world) {
        await pageOf(world).getByTestId('numbered-close').click();
        await openForm(world, 'b');
        await pageOf(world).getByTestId('form-save').click();
        await pageOf(world).locator('[data-code="pool-empty"]').waitFor();
      },
    },
    {
      screen: 'form: specimen',
      state: 'wrong number of paper',
      async go(world) {
        const page = await openForm(world, 'l');
        await page.getByTestId('field-type').selectOption('venous-blood');
        await page.getByTestId('field-number').selectOption('paper');
        await page.getByTestId('field-paper').fill('D010127');
        await page.getByTestId('form-save').click();
        await page.getByText(said(world, 'This is not one of the reserved numbers')).waitFor();
      },
    },
    {
      screen: 'downtime number',
      state: 'specimen, its label printed',
      async go(world) {
        const page = pageOf(world);
        await page.getByTestId('field-number').selectOption('next');
        await page.getByTestId('form-save').click();
        await page.getByTestId('numbered').getByTestId('print-label').click();
        await page.getByTestId('numbered').getByText(said(world, 'Sent to the printer.')).waitFor();
        takeNumber(world, (await page.getByTestId('numbered-number').textContent()) ?? '');
      },
    },
    {
      screen: 'chart',
      state: 'visit in a downtime',
      async go(world) {
        await pageOf(world).getByTestId('numbered-close').click();
        await pageOf(world).getByTestId('section-encounters').scrollIntoViewIfNeeded();
      },
    },
    {
      screen: 'downtime binder',
      state: 'numbers for paper',
      async go(world) {
        const page = pageOf(world);
        await page.getByTestId('back-to-list').click();
        await page.getByTestId('downtime-button').click();
        await page.getByTestId('print-numbers').click();
        await page.getByText(said(world, 'Sent to the printer. These numbers are given to nothing else.')).waitFor();
      },
    },
    {
      screen: 'downtime binder',
      state: 'failed',
      async go(world) {
        const page = pageOf(world);
        const folder = join(profileFolderOf(world), 'downtime');
        mkdirSync(folder, { recursive: true });
        chmodSync(folder, 0o500);
        await page.getByTestId('downtime-make').click();
        await page.getByTestId('downtime').getByTestId('failure').waitFor();
        await page.getByTestId('downtime-failed').waitFor();
        chmodSync(folder, 0o700);
      },
    },
    {
      screen: 'sync',
      state: 'perhaps registered twice',
      async go(world) {
        const page = pageOf(world);
        registerToo(world);
        world.server.faults.clear();
        await page.getByTestId('downtime-close').click();
        await page.getByTestId('sync-now').click();
        await page.getByTestId('sync-duplicates').click();
        await page.getByTestId('duplicate-error').first().waitFor();
        await page.getByTestId('duplicate-renumber').first().waitFor();
        await synced(page);
      },
    },
    {
      screen: 'sync',
      state: 'another number, its label void',
      async go(world) {
        await pageOf(world).getByTestId('duplicate-renumber').first().click();
        await pageOf(world).getByTestId('renumbered').waitFor();
      },
    },
    {
      screen: 'sync',
      state: 'registered twice, mine an error',
      async go(world) {
        await pageOf(world).getByTestId('renumbered-close').click();
        await pageOf(world).getByTestId('duplicate-error').first().click();
        await pageOf(world).getByTestId('duplicate-dialog').waitFor();
      },
    },
  ],
};
