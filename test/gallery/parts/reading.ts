import type { Page } from 'playwright';
import { photo } from '../../support/attach.ts';
import { pdfOf } from '../../support/files.ts';
import { openChart } from '../../support/journey.ts';
import { atList, offline, type Part, pageOf, said, type World } from '../stop.ts';
import { attachFile } from './files.ts';
import { stale, timeline } from './history.ts';
import { chartOf, closeDialogs, openForm, tab } from './steps.ts';

async function mode(world: World, words: string): Promise<Page> {
  await pageOf(world).getByText(said(world, words), { exact: true }).click();
  return pageOf(world);
}

async function view(page: Page, title: string, drawn: string): Promise<void> {
  const row = page.getByTestId('document-row').filter({ hasText: title });
  await row.getByTestId('document-open').click();
  await page.frameLocator('[data-testid="viewer-frame"]').locator(drawn).waitFor();
}

/** A chart as it is read: each of its tabs. */
export const reading: Part = {
  name: 'reading',
  begin: atList,
  stops: [
    { screen: 'chart', state: 'full', go: (world) => chartOf(world, world.patients.full) },
    {
      screen: 'chart',
      state: 'full, its end',
      async go(world) {
        await pageOf(world).getByTestId('early-warning-inputs').click();
        await pageOf(world).getByTestId('section-family').scrollIntoViewIfNeeded();
      },
    },
    {
      screen: 'results',
      state: 'trend',
      async go(world) {
        const page = await tab(world, 'results');
        await page.locator('[data-testid="result-group"][data-code$="|8310-5"]').click();
        await page.getByTestId('trend-plot').waitFor();
      },
    },
    {
      screen: 'results',
      state: 'several plots',
      async go(world) {
        const page = await mode(world, 'Several plots');
        await page.locator('[data-testid="compare-plots"] canvas').first().waitFor();
      },
    },
    {
      screen: 'results',
      state: 'table',
      async go(world) {
        await mode(world, 'Table');
        await pageOf(world).getByTestId('cumulative-row').first().waitFor();
      },
    },
    { screen: 'notes', state: 'full', go: (world) => tab(world, 'notes') },
    {
      screen: 'notes',
      state: 'reader',
      async go(world) {
        await pageOf(world).locator('[data-note-id="letter"]').click();
        await pageOf(world).getByTestId('rich-text').waitFor();
      },
    },
    {
      screen: 'stored data',
      state: 'full',
      async go(world) {
        await tab(world, 'data');
        await pageOf(world).getByTestId('stored-data').waitFor();
      },
    },
    {
      screen: 'documents',
      state: 'empty',
      async go(world) {
        await tab(world, 'documents');
        await pageOf(world).locator('[data-testid="attach-file"]:enabled').waitFor();
      },
    },
    {
      screen: 'documents',
      state: 'offline',
      async go(world) {
        if (!world.running) return;
        world.server.faults.add({ kind: 'dropBefore' });
        await attachFile(world, 'report.pdf', pdfOf(30, 'A long report'), 'Discharge report');
        await attachFile(world, 'wound.jpg', await photo(world.running.app, 'here'), 'Heel, left');
        await pageOf(world).getByTestId('transfer').first().waitFor();
      },
    },
    { screen: 'viewer', state: 'photo', go: (world) => view(pageOf(world), 'Heel, left', '.picture img') },
    {
      screen: 'viewer',
      state: 'report',
      async go(world) {
        await pageOf(world).getByTestId('viewer-close').click();
        await view(pageOf(world), 'Discharge report', '[data-page="1"][data-drawn]');
      },
    },
    {
      screen: 'chart',
      state: 'offline',
      async go(world) {
        const page = pageOf(world);
        await page.getByTestId('viewer-close').click();
        await tab(world, 'summary');
        await offline(page);
      },
    },
    ...timeline,
    { screen: 'chart', state: 'empty', go: (world) => chartOf(world, world.patients.empty) },
    { screen: 'results', state: 'empty', go: (world) => tab(world, 'results') },
    { screen: 'notes', state: 'empty', go: (world) => tab(world, 'notes') },
    { screen: 'timeline', state: 'empty', go: (world) => tab(world, 'timeline') },
    { screen: 'chart', state: 'merged, deceased, test', go: (world) => chartOf(world, world.patients.marked) },
    { screen: 'chart', state: 'restricted', go: (world) => chartOf(world, world.patients.restricted) },
    {
      screen: 'purpose',
      state: 'choose',
      async go(world) {
        await pageOf(world).getByTestId('section-allergies').getByTestId('open-withheld').click();
        await pageOf(world).getByTestId('purpose-dialog').waitFor();
      },
    },
    {
      screen: 'chart',
      state: 'opened for a purpose',
      async go(world) {
        await pageOf(world).getByTestId('purpose-confirm').click();
        await pageOf(world).getByTestId('access-banner').waitFor();
        await pageOf(world).getByText('Disulfiram').first().waitFor();
      },
    },
    ...stale,
    {
      screen: 'list',
      state: 'in Spanish',
      async go(world) {
        const page = await atList(world);
        if (world.language !== 'es') await page.getByTestId('speak-es').click();
        await page.getByRole('heading', { name: 'Mis pacientes' }).waitFor();
      },
    },
    {
      screen: 'chart',
      state: 'in Spanish',
      async go(world) {
        const page = pageOf(world);
        await page.locator(`[data-testid="patient-row"][data-patient-id="${world.patients.full}"]`).dblclick();
        await page.getByTestId('section-allergies').waitFor();
      },
    },
    {
      screen: 'chart',
      state: 'read from the right',
      async go(world) {
        const page = pageOf(world);
        await page.getByTestId('back-to-list').click();
        await page.evaluate(() => {
          document.documentElement.dir = 'rtl';
        });
        // Opened anew, as what is said is put in order when it is drawn.
        await openChart(page, world.patients.full);
      },
    },
    {
      screen: 'results',
      state: 'read from the right',
      async go(world) {
        const page = await tab(world, 'results');
        await page.locator('[data-testid="result-group"][data-code$="|8310-5"]').click();
        await page.getByTestId('trend-plot').waitFor();
      },
    },
    {
      screen: 'timeline',
      state: 'read from the right',
      async go(world) {
        const page = await tab(world, 'timeline');
        await page.getByTestId('timeline-entry').nth(3).click();
        await page.getByTestId('entry-panel').waitFor();
      },
    },
    {
      screen: 'form: allergy',
      state: 'read from the right',
      go: (world) => openForm(world, 'a'),
    },
    {
      screen: 'questionnaire',
      state: 'read from the right',
      async go(world) {
        const page = await openForm(world, 'f');
        await page.getByTestId('form-pain-and-weight').click();
        await page.getByTestId('form').waitFor();
      },
    },
    {
      screen: 'list',
      state: 'read from the right',
      async go(world) {
        const page = pageOf(world);
        await closeDialogs(page);
        await page.getByTestId('back-to-list').click();
        await page.getByTestId('patient-row').first().waitFor();
      },
    },
  ],
};
