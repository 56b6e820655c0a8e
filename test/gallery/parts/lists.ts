import type { Page } from 'playwright';
import { openChart } from '../../support/journey.ts';
import { atList, offline, type Part, pageOf, said, type World } from '../stop.ts';

async function search(world: World, words: string): Promise<Page> {
  const page = pageOf(world);
  await page.getByTestId('patient-search').fill(words);
  return page;
}

async function familyOf(world: World, id: string): Promise<string> {
  const patient = world.server.store.read('Patient', id) ?? {};
  return String(Reflect.get(patient, 'name')?.[0]?.family ?? '');
}

/** Opens one by its keys and types into it. */
async function find(world: World, keys: string, field: string, words: string): Promise<Page> {
  const page = pageOf(world);
  await page.keyboard.press(keys);
  await page.getByTestId(field).fill(words);
  return page;
}

const close = (world: World, dialog: string) => async () => {
  await pageOf(world).keyboard.press('Escape');
  await pageOf(world).getByTestId(dialog).waitFor({ state: 'detached' });
};

/** The lists of patients, and what opens above any screen. */
export const lists: Part = {
  name: 'lists',
  begin: atList,
  stops: [
    {
      screen: 'list',
      state: 'no match',
      async go(world) {
        await search(world, 'nobody is called that');
        await pageOf(world).getByText(said(world, 'No match')).waitFor();
      },
    },
    {
      screen: 'list',
      state: 'similar names',
      async go(world) {
        await search(world, await familyOf(world, world.patients.full));
        await pageOf(world).locator(`[data-patient-id="${world.patients.full}"]`).waitFor();
      },
    },
    {
      screen: 'list',
      state: 'appointments',
      async go(world) {
        await search(world, '');
        await pageOf(world).getByTestId('list-appointments').click();
        await pageOf(world).getByTestId('patient-count').getByText(/\d/).waitFor();
      },
    },
    {
      screen: 'list',
      state: 'ward',
      async go(world) {
        await pageOf(world).getByTestId('list-ward').selectOption({ index: 1 });
        await pageOf(world).getByTestId('patient-row').first().waitFor();
      },
    },
    {
      screen: 'saved filters',
      state: 'full',
      async go(world) {
        const page = pageOf(world);
        for (const _ of 'ab') {
          await page.getByTestId('list-kept').selectOption({ label: said(world, 'Save or remove…') });
          await page.getByTestId('keep-filter').waitFor();
          if ((await page.getByTestId('keep-filter').getByRole('listitem').count()) > 0) return;
          await page
            .getByTestId('keep-filter')
            .getByRole('button', { name: said(world, 'Save') })
            .click();
          await page.getByTestId('keep-filter').waitFor({ state: 'detached' });
        }
      },
    },
    {
      screen: 'shortcuts',
      state: 'full',
      async go(world) {
        await close(world, 'keep-filter')();
        await pageOf(world).getByTestId('list-mine').click();
        await pageOf(world).keyboard.press('?');
        await pageOf(world).getByTestId('about').waitFor();
      },
    },
    {
      screen: 'support bundle',
      state: 'full',
      async go(world) {
        await pageOf(world).getByTestId('help-support').click();
        await pageOf(world).getByTestId('support-parts').waitFor();
      },
    },
    {
      screen: 'support bundle',
      state: 'nothing left',
      async go(world) {
        const parts = pageOf(world).getByTestId('support-parts').getByRole('checkbox');
        for (const part of await parts.all()) await part.click();
        await pageOf(world).getByTestId('support-save').waitFor({ state: 'detached' });
      },
    },
    {
      screen: 'versions and licences',
      state: 'none',
      async go(world) {
        await close(world, 'support-dialog')();
        await pageOf(world).keyboard.press('?');
        await pageOf(world).getByTestId('help-notices').click();
        await pageOf(world).getByTestId('notices-missing').waitFor();
      },
    },
    {
      screen: 'palette',
      state: 'full',
      async go(world) {
        await close(world, 'notices-dialog')();
        await find(world, 'Control+P', 'palette-field', 'a');
        await pageOf(world).getByTestId('palette-option').nth(1).waitFor();
      },
    },
    {
      screen: 'palette',
      state: 'no match',
      async go(world) {
        await pageOf(world).getByTestId('palette-field').fill('zzzzzz');
        await pageOf(world).getByTestId('palette-status').waitFor();
      },
    },
    {
      screen: 'find',
      state: 'empty',
      async go(world) {
        await close(world, 'palette-field')();
        await pageOf(world).keyboard.press('Control+Shift+F');
        await pageOf(world).getByTestId('find-field').waitFor();
      },
    },
    {
      screen: 'find',
      state: 'full',
      async go(world) {
        await pageOf(world).getByTestId('find-field').fill('pain');
        await pageOf(world).getByTestId('find-option').first().waitFor();
      },
    },
    {
      screen: 'find',
      state: 'no match',
      async go(world) {
        await pageOf(world).getByTestId('find-field').fill('nothinglikethis');
        await pageOf(world).getByText(said(world, 'Nothing found.')).waitFor();
      },
    },
    {
      screen: 'passphrase and keys',
      state: 'full',
      async go(world) {
        await close(world, 'find-field')();
        await pageOf(world).getByTestId('security-button').click();
        await pageOf(world).getByTestId('security-dialog').waitFor();
      },
    },
    {
      screen: 'passphrase and keys',
      state: 'error',
      async go(world) {
        const page = pageOf(world);
        await page.keyboard.press('Enter');
        await page.getByTestId('change-current').fill('wrong');
        await page.keyboard.press('Tab');
        await page.keyboard.type('another good long phrase');
        await page.keyboard.press('Tab');
        await page.keyboard.type('another good long phrase');
        await page.keyboard.press('Enter');
        await page.getByTestId('failure').waitFor();
      },
    },
    {
      screen: 'list',
      state: 'recent',
      async go(world) {
        const page = await atList(world);
        for (const id of [world.patients.full, world.patients.restricted]) {
          await openChart(page, id);
          await page.getByTestId('back-to-list').click();
        }
        await page.getByTestId('list-recent').click();
        await page.getByTestId('patient-row').nth(1).waitFor();
      },
    },
    {
      screen: 'list',
      state: 'offline',
      async go(world) {
        const page = pageOf(world);
        await page.getByTestId('list-mine').click();
        world.server.faults.add({ kind: 'dropBefore' });
        await page.getByTestId('sync-now').click();
        await offline(page);
      },
    },
    {
      screen: 'downtime binder',
      state: 'none',
      async go(world) {
        await pageOf(world).getByTestId('downtime-button').click();
        await pageOf(world).getByTestId('downtime-last').waitFor();
      },
    },
    {
      screen: 'downtime binder',
      state: 'open',
      async go(world) {
        const page = pageOf(world);
        await page.getByTestId('downtime-make').click();
        await page.frameLocator('[data-testid="viewer-frame"]').locator('[data-page="1"][data-drawn]').waitFor();
      },
    },
    {
      screen: 'downtime binder',
      state: 'kept',
      async go(world) {
        const page = pageOf(world);
        await page.getByTestId('viewer-close').click();
        await page.getByTestId('downtime-button').click();
        await page.getByTestId('downtime-open').waitFor();
      },
    },
  ],
};
