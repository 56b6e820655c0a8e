import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findRuntime } from '../../../build/runtime.mjs';
import { project } from '../../support/desktop.ts';
import { enrol, openChart, synced } from '../../support/journey.ts';
import { freshStart, type Part, pageOf, said, type World } from '../stop.ts';

/** What the operating system does with a link: it starts the program, which hands it to the one that runs. */
async function follow({ server, userData, patients }: World, issuer = server.url): Promise<void> {
  const link = `wardlight://launch?iss=${encodeURIComponent(issuer)}&launch=${server.offerLaunch(patients.empty)}`;
  const second = spawn(findRuntime().executable, [project, `--user-data-dir=${userData}`, link], { stdio: 'ignore' });
  await once(second, 'exit');
}

async function dismiss(world: World): Promise<void> {
  await pageOf(world).getByTestId('launch-dismiss').click();
  await pageOf(world).getByTestId('launch-dialog').waitFor({ state: 'detached' });
}

async function accept(world: World): Promise<void> {
  await follow(world);
  await pageOf(world).getByTestId('launch-accept').click();
}

/** An EHR opens another patient while a chart is read. */
export const launching: Part = {
  name: 'launching',
  async begin(world) {
    const page = await freshStart(world, { policy: { ...world.policy, launchIssuers: [world.server.url] } });
    await enrol(page);
    await synced(page);
    await openChart(page, world.patients.full);
  },
  stops: [
    {
      screen: 'launch',
      state: 'asked',
      async go(world) {
        await follow(world);
        await pageOf(world).getByTestId('launch-accept').waitFor();
      },
    },
    {
      screen: 'launch',
      state: 'in the browser',
      async go(world) {
        const isSignIn = ({ path }: { path: string }) => path.startsWith('/oauth/auth');
        world.server.faults.add({ kind: 'latency', ms: 60_000, match: isSignIn });
        await pageOf(world).getByTestId('launch-accept').click();
        await pageOf(world).getByText(said(world, 'Continue in your browser')).waitFor();
      },
    },
    {
      screen: 'launch',
      state: 'failed',
      async go(world) {
        await dismiss(world);
        world.server.faults.clear();
        world.server.faults.add({ kind: 'dropBefore' });
        await accept(world);
        await pageOf(world).getByText(said(world, 'Wardlight was not opened')).waitFor();
      },
    },
    {
      screen: 'launch',
      state: 'another clinician',
      async go(world) {
        await dismiss(world);
        world.server.faults.clear();
        world.clinician.is('lindqvist');
        await accept(world);
        await pageOf(world).getByText(said(world, 'Lock and switch')).waitFor();
        world.clinician.is('osei');
      },
    },
    {
      screen: 'launch',
      state: 'refused',
      async go(world) {
        await dismiss(world);
        await follow(world, 'https://evil.example/fhir');
        await pageOf(world).getByText('launch-issuer-unknown').waitFor();
      },
    },
    {
      screen: 'launch',
      state: 'its patient opened',
      async go(world) {
        await dismiss(world);
        await accept(world);
        await pageOf(world).getByTestId('patient-banner').filter({ hasText: 'Noor' }).waitFor();
      },
    },
  ],
};
