import { mkdtempSync } from 'node:fs';
import type { Language } from '../../preload/contract/languages.ts';
import { sessionFolder } from '../support/app.ts';
import { changingClinician } from '../support/journey.ts';
import { end, type Named, type Part, pageOf, type Stop, type World } from './stop.ts';
import { look, VIEWS, type View } from './views.ts';
import { startWard } from './ward.ts';

/** A ward, and a workstation whose page speaks this language. */
export async function openWorld(language: Language = 'en'): Promise<World> {
  let ahead = 0;
  const { server, patients } = await startWard(() => new Date(Date.now() + ahead));
  const clinician = changingClinician();
  clinician.is('osei');
  const hour = 60 * 60_000;
  const policy = {
    documents: server.keys?.policy ?? null,
    access: { emergencyMs: hour },
    // Pictures take longer than anybody looks at a screen.
    lock: { idleMs: hour },
    audit: { alarms: { recipients: ['Organization/privacy'] } },
  };
  return {
    ...{
      server,
      patients,
      clinician,
      policy,
      language,
      userData: mkdtempSync(sessionFolder('profile-')),
      running: null,
    },
    advance(ms) {
      ahead += ms;
    },
  };
}

export async function closeWorld(world: World): Promise<void> {
  await end(world);
  await world.server.stop();
}

export interface Visit {
  /** Called where the walk has come to a stop, shown as a person has it before her. */
  readonly at: (stop: Stop) => Promise<void>;
  readonly failed: (stop: Named, error: unknown) => void | Promise<void>;
}

const [ORDINARY] = VIEWS as readonly [View, ...View[]];

/** Leads through the stops of a part. After one that fails the rest is left out: it builds on it. */
export async function walk(world: World, { name, begin, stops }: Part, { at, failed }: Visit): Promise<void> {
  let now: Named = { screen: name, state: 'begin' };
  try {
    // What the part before has put in the server's way.
    world.server.faults.clear();
    await begin(world);
    for (const stop of stops) {
      now = stop;
      await stop.go(world);
      await at(stop);
      await look(pageOf(world), ORDINARY);
    }
  } catch (error) {
    await failed(now, error);
  }
}
