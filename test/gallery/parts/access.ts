import type { CareTeam } from 'fhir/r4';
import { enrol, openChart, PASSPHRASE, synced } from '../../support/journey.ts';
import { atList, freshStart, type Part, pageOf, said, type World } from '../stop.ts';

/** Whoever watches over the record of access. */
const officer = {
  resourceType: 'PractitionerRole' as const,
  id: 'privacy-officer',
  active: true,
  practitioner: { reference: 'Practitioner/dev-osei' },
  code: [{ coding: [{ system: 'urn:wardlight:role', code: 'privacy-officer' }] }],
};

/** All that a narrow sign-in covers. */
const NARROW =
  'openid fhirUser offline_access user/Patient.rs user/CareTeam.rs user/Condition.rs user/DocumentReference.rs';

/** Takes everybody off a patient's care teams; answers how they come back. */
export function leaveTeams({ server }: World, patientId: string): () => void {
  const teams = (server.store.list('CareTeam') as CareTeam[]).filter(
    ({ subject }) => subject?.reference === `Patient/${patientId}`,
  );
  for (const team of teams) server.store.put({ ...team, status: 'inactive' });
  return () => {
    for (const team of teams) server.store.put(team);
  };
}

/** Who may see what, and who has seen it. */
export const access: Part = {
  name: 'access',
  async begin(world) {
    world.clinician.is('lindqvist');
    const page = await freshStart(world);
    await enrol(page);
    await synced(page);
  },
  stops: [
    {
      screen: 'list',
      state: 'recent, empty',
      async go(world) {
        await pageOf(world).getByTestId('list-recent').click();
        await pageOf(world).getByText(said(world, 'No chart was opened yet')).waitFor();
      },
    },
    {
      screen: 'chart',
      state: 'forbidden',
      async go(world) {
        const page = pageOf(world);
        await page.getByTestId('list-mine').click();
        await openChart(page, world.patients.leaver);
        leaveTeams(world, world.patients.leaver);
        await page.getByTestId('sync-now').click();
        await page.getByTestId('emergency-open').waitFor();
        await synced(page);
      },
    },
    {
      screen: 'emergency access',
      state: 'empty',
      async go(world) {
        await pageOf(world).getByTestId('emergency-open').click();
        await pageOf(world).getByTestId('emergency-reason').waitFor();
      },
    },
    {
      screen: 'emergency access',
      state: 'error',
      async go(world) {
        const page = pageOf(world);
        await page.getByTestId('emergency-reason').fill('Found unconscious on the ward');
        await page.getByTestId('emergency-passphrase').fill('wrong');
        await page.getByTestId('emergency-confirm').click();
        await page.getByTestId('failure').waitFor();
      },
    },
    {
      screen: 'chart',
      state: 'emergency access',
      async go(world) {
        await pageOf(world).getByTestId('emergency-passphrase').fill(PASSPHRASE);
        await pageOf(world).getByTestId('emergency-confirm').click();
        await pageOf(world).getByTestId('access-banner').waitFor();
      },
    },
    {
      screen: 'alarms',
      state: 'full',
      async go(world) {
        const page = pageOf(world);
        world.server.store.put(officer);
        world.clinician.is('osei');
        await page.getByTestId('switch-button').click();
        await page.getByTestId('add-clinician').click();
        await enrol(page);
        await synced(page);
        await page.getByTestId('alarms-count').waitFor();
        await page.keyboard.press('a');
        await page.getByTestId('alarm').first().waitFor();
      },
    },
    {
      screen: 'alarms',
      state: 'evidence',
      async go(world) {
        await pageOf(world).getByTestId('alarm-head').first().click();
        await pageOf(world).getByTestId('evidence').first().waitFor();
        await pageOf(world).getByTestId('verify-now').click();
        await pageOf(world)
          .getByText(said(world, 'Intact: every entry was verified since Wardlight started'))
          .waitFor();
      },
    },
    {
      screen: 'alarms',
      state: 'mark',
      async go(world) {
        await pageOf(world).getByTestId('alarm-mark-open').first().click();
        await pageOf(world).getByTestId('mark-reason').waitFor();
      },
    },
    {
      screen: 'accesses',
      state: 'full',
      async go(world) {
        const page = await atList(world);
        await openChart(page, world.patients.full);
        await page.getByTestId('tab-accesses').click();
        await page.getByTestId('access').first().waitFor();
      },
    },
    {
      screen: 'chart',
      state: 'not permitted by the sign-in',
      async go(world) {
        world.server.limitScopes(NARROW);
        const page = await freshStart(world);
        await enrol(page);
        await synced(page);
        await openChart(page, world.patients.full);
        world.server.limitScopes(null);
      },
    },
  ],
};
