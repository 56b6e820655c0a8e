import type { Observation } from 'fhir/r4';
import type { Page } from 'playwright';
import { openChart, synced, unlock } from '../../support/journey.ts';
import { atList, type Part, pageOf, said, type World } from '../stop.ts';
import { chartOf, closeDialogs, draftKept, openForm } from './steps.ts';

const CANT_ATTACH =
  'A file is asked for, which can’t be attached to a form here. Attach it as a document of the patient.';

/** What the form on pain and weight knows beforehand. */
function weigh({ server, patients }: World): void {
  server.store.put({
    ...{ resourceType: 'Observation', id: 'weighed', status: 'final', effectiveDateTime: new Date().toISOString() },
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7', display: 'Body weight' }] },
    subject: { reference: `Patient/${patients.full}` },
    valueQuantity: { value: 71.5, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  } as Observation);
}

async function chooseForm(world: World, id: string): Promise<Page> {
  const page = await openForm(world, 'f');
  await page.getByTestId(`form-${id}`).click();
  await page.getByTestId('form').waitFor();
  return page;
}

/** Forms of the hospital, filled in while the network is away. */
export const forms: Part = {
  name: 'forms',
  async begin(world) {
    weigh(world);
    const page = await atList(world);
    await page.getByTestId('sync-now').click();
    await synced(page);
    await chartOf(world, world.patients.full);
    world.server.faults.add({ kind: 'dropBefore' });
  },
  stops: [
    {
      screen: 'form list',
      state: 'full',
      async go(world) {
        const page = await openForm(world, 'f');
        await page.getByTestId('form-skin-risk').waitFor();
      },
    },
    {
      screen: 'form list',
      state: 'no match',
      async go(world) {
        await pageOf(world).getByTestId('form-find').fill('nothinglikethis');
        await pageOf(world).getByText(said(world, 'No form has these words.')).waitFor();
      },
    },
    {
      screen: 'questionnaire',
      state: 'in sections',
      go: (world) => chooseForm(world, 'skin-risk'),
    },
    {
      screen: 'questionnaire',
      state: 'error',
      async go(world) {
        const page = pageOf(world);
        for (const _ of ['feels', 'moist', 'walks']) {
          await page.keyboard.press('Space');
          await page.keyboard.press('Tab');
        }
        await page.keyboard.press('Control+Enter');
        await page.getByTestId('fault-|turns').waitFor();
      },
    },
    {
      screen: 'questionnaire',
      state: 'calculated',
      async go(world) {
        const page = pageOf(world);
        for (const key of ['turns', 'eats']) await page.getByTestId(`choice-|${key}-0`).check();
        await page.getByTestId('choice-|measures-0').check();
        await draftKept(world);
        await page.getByTestId('choice-|measures-0').scrollIntoViewIfNeeded();
      },
    },
    {
      screen: 'timeline',
      state: 'form not yet sent',
      async go(world) {
        const page = pageOf(world);
        await page.keyboard.press('Control+Enter');
        await page.getByTestId('form-dialog').waitFor({ state: 'detached' });
        await page.getByTestId('tab-timeline').click();
        await page.getByText('Skin risk check').first().click();
        await page.getByTestId('entry-panel').waitFor();
      },
    },
    {
      screen: 'questionnaire',
      state: 'known beforehand, out of limits',
      async go(world) {
        const page = await chooseForm(world, 'pain-and-weight');
        await page.getByTestId('field-|rest').fill('11');
        await page.getByTestId('field-|moving').fill('4');
        await page.getByTestId('field-|now').fill('68.9');
        await page.getByTestId('fault-|rest').waitFor();
        await draftKept(world);
      },
    },
    {
      screen: 'questionnaire',
      state: 'draft',
      async go(world) {
        const page = await openForm(world, 'f');
        await page.getByTestId('draft-offer').waitFor();
      },
    },
    {
      screen: 'list',
      state: 'draft',
      async go(world) {
        const page = pageOf(world);
        await closeDialogs(page);
        await page.getByTestId('lock-button').click();
        await unlock(page);
        await page.getByTestId('patient-row').first().waitFor();
        await page.getByTestId('draft-banner').waitFor();
      },
    },
    {
      screen: 'questionnaire',
      state: 'what can’t be asked',
      async go(world) {
        const page = pageOf(world);
        await openChart(page, world.patients.full);
        await openForm(world, 'f');
        await page.getByTestId('draft-discard').click();
        await page.getByTestId('draft-discard-dialog-confirm').click();
        await page.getByTestId('form-nursing-admission').click();
        await page.getByText(said(world, CANT_ATTACH)).scrollIntoViewIfNeeded();
      },
    },
  ],
};
