import { enrol, PASSPHRASE, synced, unlock } from '../../support/journey.ts';
import { atList, type Part, pageOf, restart, said } from '../stop.ts';

/** The workstation between two who use it. */
export const locking: Part = {
  name: 'locking',
  begin: atList,
  stops: [
    {
      screen: 'lock',
      state: 'asked',
      async go(world) {
        await pageOf(world).getByTestId('lock-button').click();
        await pageOf(world).getByTestId('unlock-passphrase').waitFor();
      },
    },
    {
      screen: 'lock',
      state: 'error',
      async go(world) {
        await unlock(pageOf(world), 'not the passphrase');
        await pageOf(world).getByTestId('unlock-error').waitFor();
      },
    },
    {
      screen: 'list',
      state: 'empty',
      async go(world) {
        const page = pageOf(world);
        await unlock(page);
        await page.getByTestId('switch-button').click();
        world.clinician.is('locum');
        await page.getByTestId('add-clinician').click();
        await enrol(page, PASSPHRASE);
        await synced(page);
        await page.getByText(said(world, 'No patients on your care teams')).waitFor();
      },
    },
    {
      screen: 'clinicians',
      state: 'full',
      async go(world) {
        const page = await restart(world);
        world.clinician.is('osei');
        await page.getByTestId('choose-screen').waitFor();
      },
    },
  ],
};
