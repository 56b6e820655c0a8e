import { openChart, PASSPHRASE, synced } from '../../support/journey.ts';
import { lockKeyring, unlockKeyring } from '../../support/keyring.ts';
import { freshStart, offline, type Part, pageOf, restart, said, type World } from '../stop.ts';

const NO_BUS = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' };
/** Far longer than its pictures take. */
const LONG_MS = 30_000;

async function typePassphrase(world: World, passphrase: string, repeat = passphrase): Promise<void> {
  const page = pageOf(world);
  await page.getByTestId('enrol-passphrase').fill(passphrase);
  await page.getByTestId('enrol-repeat').fill(repeat);
}

/** Holds the answers back from the first that asks for a type of resource. */
function holdBack(world: World, type: string): void {
  let begun = false;
  const match = ({ path }: { path: string }) => {
    begun ||= path.includes(`/${type}?`);
    return begun;
  };
  world.server.faults.add({ kind: 'latency', ms: LONG_MS, match });
}

/** Ends the run that waits for the server, and begins another with something else in its way. */
async function syncAnew(world: World, hinder: () => void): Promise<void> {
  const page = pageOf(world);
  await page.getByTestId('sync-cancel').first().click();
  await page.locator('[data-testid="sync-strip"][data-activity="idle"]').waitFor();
  world.server.faults.clear();
  hinder();
  await page.getByTestId('sync-now').first().click();
}

/** A workstation is used for the first time, and its network is a bad one. */
export const firstDay: Part = {
  name: 'first-day',
  begin: (world) => freshStart(world, { env: NO_BUS }),
  stops: [
    { screen: 'keyring', state: 'absent', go: (world) => pageOf(world).getByTestId('keyring-screen').waitFor() },
    {
      screen: 'keyring',
      state: 'locked',
      async go(world) {
        await lockKeyring();
        const page = await restart(world);
        await page.getByTestId('keyring-screen').waitFor();
      },
    },
    {
      screen: 'sign in',
      state: 'empty',
      async go(world) {
        await unlockKeyring();
        await pageOf(world).getByTestId('keyring-retry').click();
        await pageOf(world).getByTestId('signin-submit').waitFor();
      },
    },
    {
      screen: 'sign in',
      state: 'error',
      async go(world) {
        const reconnect = world.server.faults.add({ kind: 'dropBefore' });
        await pageOf(world).getByTestId('signin-submit').click();
        await pageOf(world).getByRole('alert').waitFor();
        reconnect();
      },
    },
    {
      screen: 'enrol',
      state: 'empty',
      async go(world) {
        await pageOf(world).getByTestId('signin-submit').click();
        await pageOf(world).getByTestId('enrol-passphrase').waitFor();
      },
    },
    {
      screen: 'enrol',
      state: 'weak',
      async go(world) {
        await typePassphrase(world, 'Passw0rd!');
        await pageOf(world).getByTestId('enrol-submit').click();
        await pageOf(world).locator('[data-code="passphrase-weak"]').waitFor();
      },
    },
    {
      screen: 'enrol',
      state: 'strong',
      async go(world) {
        await typePassphrase(world, PASSPHRASE);
        await pageOf(world).getByText(said(world, 'Strong')).waitFor();
      },
    },
    {
      screen: 'list',
      state: 'not fetched',
      async go(world) {
        holdBack(world, 'CareTeam');
        await pageOf(world).getByTestId('enrol-submit').click();
        await pageOf(world).getByTestId('sync-cancel').first().waitFor();
      },
    },
    {
      screen: 'list',
      state: 'loading',
      async go(world) {
        await syncAnew(world, () => holdBack(world, 'Immunization'));
        await pageOf(world).getByTestId('patient-row').nth(3).waitFor();
      },
    },
    {
      screen: 'list',
      state: 'partial',
      async go(world) {
        await syncAnew(world, () => world.server.faults.add({ kind: 'dropBefore' }));
        await offline(pageOf(world));
      },
    },
    { screen: 'chart', state: 'partial', go: (world) => openChart(pageOf(world), world.patients.full) },
    {
      screen: 'stored data',
      state: 'partial',
      async go(world) {
        await pageOf(world).getByTestId('tab-data').click();
        await pageOf(world).getByTestId('stored-data').waitFor();
      },
    },
    {
      screen: 'list',
      state: 'full',
      async go(world) {
        await pageOf(world).getByTestId('back-to-list').click();
        world.server.faults.clear();
        await pageOf(world).getByTestId('sync-now').first().click();
        await synced(pageOf(world));
        await pageOf(world).getByTestId('patient-row').nth(3).waitFor();
      },
    },
  ],
};
