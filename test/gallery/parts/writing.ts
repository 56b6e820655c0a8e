import { type Part, pageOf, type Stop } from '../stop.ts';
import { chartOf, closeDialogs, draftKept, openForm } from './steps.ts';

/** A form that was saved with something wrong in it, and without what it needs. */
function withFault(name: string, letter: string, wrong: Readonly<Record<string, string>>): Stop {
  return {
    screen: `form: ${name}`,
    state: 'error',
    async go(world) {
      const page = await openForm(world, letter);
      await page.getByTestId('form-save').waitFor();
      for (const [field, value] of Object.entries(wrong)) await page.getByTestId(`field-${field}`).fill(value);
      await page.getByTestId('form-save').click();
      await page.locator('[data-testid^="fault-"]').first().waitFor();
    },
  };
}

/** What is written in a chart while the network is away. */
export const writing: Part = {
  name: 'writing',
  async begin(world) {
    await chartOf(world, world.patients.full);
    world.server.faults.add({ kind: 'dropBefore' });
  },
  stops: [
    {
      screen: 'write menu',
      state: 'full',
      async go(world) {
        await pageOf(world).getByTestId('write-open').click();
        await pageOf(world).getByTestId('write-menu').waitFor();
      },
    },
    withFault('allergy', 'a', { onset: '03/12/2021' }),
    withFault('problem', 'p', { onset: '31/31/2021' }),
    withFault('medicine', 'm', { dose: 'two' }),
    withFault('immunisation', 'i', { lot: 'A1', dose: 'half' }),
    withFault('task', 't', { due: '31/31/2026' }),
    {
      screen: 'form: no known allergies',
      state: 'full',
      go: (world) => openForm(world, 'k'),
    },
    {
      screen: 'form: vital sign',
      state: 'error',
      async go(world) {
        const page = await openForm(world, 'v');
        await page.getByTestId('vital-value').fill('820');
        await page.getByTestId('vital-save').click();
        await page.getByRole('alert').waitFor();
      },
    },
    {
      screen: 'form: allergy',
      state: 'draft',
      async go(world) {
        await closeDialogs(pageOf(world));
        await pageOf(world).getByTestId('section-allergies').getByTestId('draft-row').click();
        await pageOf(world).getByTestId('draft-continue').waitFor();
      },
    },
    {
      screen: 'form: change of a problem',
      state: 'full',
      async go(world) {
        await closeDialogs(pageOf(world));
        await pageOf(world).getByTestId('section-problems').getByTestId('item-change').first().click();
        await pageOf(world).getByTestId('deed-entered-in-error').click();
      },
    },
    {
      screen: 'notes',
      state: 'in sections',
      async go(world) {
        const page = await openForm(world, 's');
        await page.getByTestId('soap-subjective').fill('Slept well, less breathless.');
        await page.getByTestId('soap-plan').fill('Mobilise. Stop oxygen.');
        await draftKept(world);
      },
    },
    {
      screen: 'sign',
      state: 'full',
      async go(world) {
        await pageOf(world).getByTestId('soap-sign').click();
        await pageOf(world).getByTestId('sign-confirm').waitFor();
      },
    },
    {
      screen: 'notes',
      state: 'addendum',
      async go(world) {
        await pageOf(world).getByTestId('sign-confirm').click();
        await pageOf(world).getByTestId('note-add').click();
        await pageOf(world).getByTestId('addendum-text').fill('Oxygen stopped at 04:10.');
      },
    },
    {
      screen: 'leave',
      state: 'unsaved text',
      async go(world) {
        await pageOf(world).getByTestId('tab-summary').click();
        await pageOf(world).getByTestId('leave-dialog').waitFor();
      },
    },
    {
      screen: 'chart',
      state: 'not yet sent',
      async go(world) {
        const page = await openForm(world, 'p');
        await page.getByTestId('draft-continue').click();
        await page.getByTestId('field-onset').fill('2019');
        await page.getByTestId('field-problem').fill('Wheeze at night');
        await page.getByTestId('field-verification').selectOption('provisional');
        await page.getByTestId('form-save').click();
        await page.getByTestId('section-problems').getByTestId('unsent-badge').first().waitFor();
      },
    },
    {
      screen: 'withdraw',
      state: 'full',
      async go(world) {
        await pageOf(world).getByTestId('section-problems').getByTestId('item-withdraw').first().click();
        await pageOf(world).getByTestId('withdraw-dialog').waitFor();
      },
    },
  ],
};
