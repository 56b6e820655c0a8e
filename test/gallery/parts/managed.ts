import { wireName } from '../../../preload/contract/channel.ts';
import { feedKey, publishHere, startFeed } from '../../support/feed.ts';
import { enrol, openChart, PASSPHRASE, synced, unlock } from '../../support/journey.ts';
import { forgetUpdates } from '../../support/keychain.ts';
import { freshStart, offline, type Part, pageOf, restart, type World } from '../stop.ts';
import { openForm, tab } from './steps.ts';

/** What IT has set, a part of it in a way that can't be used. */
function faultyPolicy({ policy }: World): World['policy'] {
  const faulty = { ...policy, screen: { shadeOnBlur: 'yes' }, lokc: {}, forms: { urls: [] }, launchIssuers: [] };
  // What IT has written by hand is not of our types.
  return faulty as unknown as World['policy'];
}

/** The page hears what main tells where root's policy lets others debug the installed program. */
async function debugged(world: World): Promise<void> {
  const page = pageOf(world);
  const about = await page.evaluate(() => window.wardlight.preferences.about({}));
  if (!about.ok) throw new Error(about.error.code);
  await world.running?.app.evaluate(
    ({ ipcMain }, [channel, value]) => {
      ipcMain.removeHandler(channel);
      ipcMain.handle(channel, () => ({ ok: true, value }));
    },
    [wireName('preferences', 'about'), { ...about.value, remoteDebugging: true }] as const,
  );
  await page.reload();
}

/** A workstation whose organisation has decided much, and not all of it well. */
export const managed: Part = {
  name: 'managed',
  async begin(world) {
    const page = await freshStart(world);
    await enrol(page);
    await synced(page);
  },
  stops: [
    {
      screen: 'lock',
      state: 'malformed policy',
      async go(world) {
        const page = await restart(world, { policy: faultyPolicy(world) });
        await page.getByTestId('managed-notice').waitFor();
      },
    },
    {
      screen: 'list',
      state: 'malformed policy',
      async go(world) {
        const page = pageOf(world);
        await unlock(page);
        await page.getByTestId('managed-alarm').waitFor();
        await synced(page);
      },
    },
    {
      screen: 'settings of your organisation',
      state: 'malformed',
      async go(world) {
        const page = pageOf(world);
        await page.getByTestId('security-button').click();
        await page.getByTestId('security-managed').click();
        await page.getByTestId('managed-row').first().waitFor();
      },
    },
    {
      screen: 'form list',
      state: 'empty',
      async go(world) {
        const page = pageOf(world);
        await page.keyboard.press('Escape');
        await page.getByTestId('managed-dialog').waitFor({ state: 'detached' });
        await openChart(page, world.patients.full);
        await openForm(world, 'f');
        await page.getByTestId('form-find').waitFor();
      },
    },
    {
      screen: 'shade',
      state: 'another window in front',
      async go(world) {
        await world.running?.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.emit('blur'));
        await pageOf(world).getByTestId('shade').waitFor();
      },
    },
    {
      screen: 'list',
      state: 'debugged',
      async go(world) {
        const page = await restart(world);
        await debugged(world);
        await page.getByTestId('debugged-banner').waitFor();
        await unlock(page);
        await page.getByTestId('patient-row').first().waitFor();
        await synced(page);
      },
    },
    {
      screen: 'list',
      state: 'new version offered',
      async go(world) {
        await forgetUpdates();
        const { key, x } = feedKey();
        const feed = await startFeed();
        publishHere(feed, '0.2.0', 5, key);
        const updates = { mode: 'feed' as const, feed: feed.base, keys: [x] };
        const page = await restart(world, { policy: { ...world.policy, updates } });
        await unlock(page);
        // A sync that is under way holds it back, and is looked at again a quarter of a minute later.
        await synced(page);
        await page.getByTestId('security-button').click();
        await page.getByTestId('security-managed').click();
        await page.getByTestId('update-look').click();
        await page.getByTestId('update-banner').waitFor({ state: 'attached' });
        await page.keyboard.press('Escape');
        await page.getByTestId('managed-dialog').waitFor({ state: 'detached' });
        // What is offered was fetched: nothing more is asked of the feed.
        await feed.close();
      },
    },
    {
      screen: 'chart',
      state: 'types that are not kept',
      async go(world) {
        const cache = { leaveOut: ['DocumentReference' as const, 'Immunization' as const, 'CarePlan' as const] };
        const page = await restart(world, { policy: { ...world.policy, cache } });
        await unlock(page);
        await synced(page);
        await openChart(page, world.patients.full);
      },
    },
    { screen: 'notes', state: 'not kept', go: (world) => tab(world, 'notes') },
    {
      screen: 'timeline',
      state: 'types that are not kept',
      async go(world) {
        const page = await tab(world, 'timeline');
        await page.getByTestId('timeline-entry').first().waitFor();
      },
    },
    {
      screen: 'chart',
      state: 'types that are not kept, offline',
      async go(world) {
        world.server.faults.add({ kind: 'dropBefore' });
        const page = await tab(world, 'summary');
        await page.getByTestId('sync-now').click();
        await offline(page);
      },
    },
    {
      screen: 'settings of your organisation',
      state: 'full',
      async go(world) {
        world.server.faults.clear();
        const page = await restart(world, { policy: { ...world.policy, downtime: { binder: false } } });
        await unlock(page, PASSPHRASE);
        await page.getByTestId('security-button').click();
        await page.getByTestId('security-managed').click();
        await page.getByTestId('managed-row').first().waitFor();
      },
    },
    {
      screen: 'downtime binder',
      state: 'switched off',
      async go(world) {
        const page = pageOf(world);
        await page.keyboard.press('Escape');
        await page.getByTestId('managed-dialog').waitFor({ state: 'detached' });
        await page.getByTestId('downtime-button').click();
        await page.locator('[data-code="binder-off"]').waitFor();
      },
    },
  ],
};
