import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Device, Flag, Task } from 'fhir/r4';
import keytar from 'keytar';
import type { Page } from 'playwright';
import { setClock } from '../../support/app.ts';
import { enrol, openChart, profilesOf, synced, unlock, writeUnsentNote } from '../../support/journey.ts';
import { SERVICE } from '../../support/keychain.ts';
import { end, freshStart, offline, type Part, pageOf, profileFolderOf, restart, said, type World } from '../stop.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A day offline, and an hour more before the keys go. */
const withLease = ({ policy }: World, noticeMs: number): World['policy'] => ({
  ...policy,
  lease: { offlineMs: 24 * HOUR, graceMs: HOUR, noticeMs },
  lock: { idleMs: 24 * HOUR },
});

async function enrolled(world: World, policy = world.policy): Promise<Page> {
  const page = await freshStart(world, { policy });
  await enrol(page);
  await synced(page);
  return page;
}

/** The workstation's clock, from which the time without the server is read. */
async function passTime({ running }: World, ms: number): Promise<void> {
  if (running) await setClock(running.app, ms);
}

async function lockedBy(world: World, code: string): Promise<void> {
  await pageOf(world).locator(`[data-testid="unlock-error"][data-code="${code}"]`).waitFor();
}

/** IT gives the workstation up. */
function orderWipe({ server }: World): void {
  const devices = server.store
    .list('Device')
    .filter((one) => JSON.stringify(one).includes('urn:wardlight')) as Device[];
  for (const { id } of devices) {
    server.store.put({
      ...{ resourceType: 'Task', id: `wipe-${id}`, status: 'requested', intent: 'order' },
      ...{ code: { coding: [{ code: 'wipe' }] }, owner: { reference: `Device/${id}` } },
    } as Task);
  }
}

/** How access ends: by time, by wrong passphrases, by damage, and by the hospital's order. */
export const ending: Part = {
  name: 'ending',
  async begin(world) {
    await enrolled(world, withLease(world, HOUR));
    world.server.faults.add({ kind: 'dropBefore' });
  },
  stops: [
    {
      screen: 'idle',
      state: 'warning',
      async go(world) {
        await passTime(world, 0);
        const page = await restart(world);
        await unlock(page);
        await page.getByTestId('patient-row').first().waitFor();
        await offline(page);
        // Half a minute before the end of the hour.
        await passTime(world, HOUR - 28_000);
        await page.getByTestId('idle-warning').waitFor();
      },
    },
    {
      screen: 'lease',
      state: 'ends soon',
      async go(world) {
        const page = await restart(world, { policy: withLease(world, HOUR), clockOff: 20 * HOUR });
        await unlock(page);
        await page.getByTestId('lease-banner').waitFor();
      },
    },
    {
      screen: 'lease',
      state: 'expired',
      async go(world) {
        await passTime(world, 24.5 * HOUR);
        await lockedBy(world, 'lease-expired');
      },
    },
    {
      screen: 'lease',
      state: 'overdue',
      async go(world) {
        await passTime(world, 26 * HOUR);
        await lockedBy(world, 'lease-overdue');
      },
    },
    {
      screen: 'lease',
      state: 'keys destroyed',
      async go(world) {
        const page = await restart(world, { policy: withLease(world, 0), clockOff: 26 * HOUR });
        await page.getByTestId('destroyed-screen').waitFor();
      },
    },
    {
      screen: 'lock',
      state: 'one attempt left',
      async go(world) {
        world.server.faults.clear();
        const page = await enrolled(world, { ...world.policy, unlock: { maxAttempts: 3 } });
        await page.getByTestId('lock-button').click();
        for (const wrong of ['not this one', 'nor this one']) {
          await unlock(page, wrong);
          await page.locator('[data-testid="unlock-submit"]:enabled').waitFor();
          await page.getByTestId('unlock-error').waitFor();
        }
        await page.getByText(said(world, 'This is the last attempt')).waitFor();
      },
    },
    {
      screen: 'lock',
      state: 'keys destroyed',
      async go(world) {
        await unlock(pageOf(world), 'and not this one');
        await pageOf(world).getByTestId('destroyed-screen').waitFor();
      },
    },
    {
      screen: 'list',
      state: 'records rebuilt, offline',
      async go(world) {
        const before = await enrolled(world);
        await openChart(before, world.patients.full);
        await writeUnsentNote(before, world.server, 'Written before the disk failed.');
        await end(world);
        const file = join(profileFolderOf(world), 'cache.db');
        writeFileSync(file, readFileSync(file).fill(0x5a, 0, 4_096));
        const page = await restart(world);
        await unlock(page);
        await page.getByTestId('rebuilt-banner').waitFor();
      },
    },
    {
      screen: 'lock',
      state: 'unsent work damaged',
      async go(world) {
        await end(world);
        const file = join(profileFolderOf(world), 'outbox.db');
        writeFileSync(file, readFileSync(file).subarray(0, 5_000));
        const page = await restart(world);
        await unlock(page);
        await lockedBy(world, 'outbox-damaged');
        await page.getByTestId('outbox-aside').waitFor();
      },
    },
    {
      screen: 'lock',
      state: 'unsent work set aside',
      go: (world) => pageOf(world).getByTestId('outbox-aside').click(),
    },
    {
      screen: 'list',
      state: 'sign-in ended',
      async go(world) {
        world.server.faults.clear();
        await enrolled(world);
        await end(world);
        const [profile = ''] = readdirSync(profilesOf(world.userData));
        await keytar.setPassword(SERVICE, `${profile}/refresh-token`, 'revoked');
        const page = await restart(world);
        await unlock(page);
        await page.getByRole('button', { name: said(world, 'Sign in again to sync') }).waitFor();
      },
    },
    {
      screen: 'list',
      state: 'error of the page',
      async go(world) {
        const page = pageOf(world);
        await page.evaluate(() => {
          // For good: React draws once more what has failed.
          Date.prototype.getFullYear = () => {
            throw new Error('broken on purpose');
          };
        });
        await openBroken(page);
      },
    },
    {
      screen: 'list',
      state: 'server reset',
      async go(world) {
        const page = await enrolled(world);
        const backup = world.server.store.snapshot();
        world.server.store.put({
          ...{ resourceType: 'Flag', id: 'forgotten', status: 'active', code: { text: 'Falls' } },
          subject: { reference: `Patient/${world.patients.full}` },
        } as Flag);
        await page.getByTestId('sync-now').click();
        await page.waitForFunction(() => document.querySelector('[data-testid="sync-strip"][data-activity="idle"]'));
        world.server.store.restore(backup);
        world.advance(10 * MINUTE);
        await page.getByTestId('sync-now').click();
        await page.getByTestId('reset-banner').waitFor();
      },
    },
    {
      screen: 'sync',
      state: 'server reset',
      async go(world) {
        await pageOf(world).getByTestId('sync-open').click();
        await pageOf(world).getByTestId('accept-server').waitFor();
      },
    },
    {
      screen: 'sync',
      state: 'restored server accepted',
      async go(world) {
        await pageOf(world).getByTestId('accept-server').click();
        await pageOf(world).getByTestId('accept-host').fill(new URL(world.server.url).host);
      },
    },
    {
      screen: 'workstation',
      state: 'erased',
      async go(world) {
        const page = await enrolled(world);
        orderWipe(world);
        await page.getByTestId('sync-now').click();
        await page.getByTestId('wiped-screen').waitFor();
      },
    },
    {
      screen: 'clinicians',
      state: 'one damaged',
      async go(world) {
        const page = await enrolled(world);
        await page.getByTestId('switch-button').click();
        world.clinician.is('lindqvist');
        await page.getByTestId('add-clinician').click();
        await enrol(page);
        await synced(page);
        await end(world);
        world.clinician.is('osei');
        writeFileSync(join(profileFolderOf(world), 'profile.json'), '{');
        const next = await restart(world);
        await next.getByTestId('damaged-profiles').waitFor();
      },
    },
  ],
};

/** Draws something with dates in it. */
async function openBroken(page: Page): Promise<void> {
  await page.getByTestId('sync-open').click();
  await page.locator('[data-code="internal"], [data-testid="error-state"]').first().waitFor();
}
