import type { Violation } from './checker.ts';
import { recordTypes } from './records.ts';
import { panelOf } from './server-data.ts';
import { shownRecords } from './shown.ts';
import type { Workstation } from './workstation.ts';
import type { World } from './world.ts';

/** What a workstation shows of its patients is what the server has. */
export function compare(world: World, station: Workstation): Violation[] {
  const { server, plan } = world;
  const { client } = station;
  const panel = new Set(panelOf(server, client, plan.patients));
  const truth = new Map<string, string>();
  for (const type of ['Patient', ...recordTypes]) {
    for (const version of server.store.log(type)) {
      const isMine = type === 'Patient' ? panel.has(version.id) : version.patients.some((id) => panel.has(id));
      if (isMine && server.store.current(type, version.id) === version && version.text) {
        truth.set(`${type}/${version.id}`, version.text);
      }
    }
  }
  const found: Violation[] = [];
  const differs = (what: string) => found.push({ kind: 'diverged', what: `client ${client}: ${what}` });
  const shown = new Map(shownRecords(station).map(({ type, id, body }) => [`${type}/${id}`, body]));
  for (const id of station.read.panel())
    shown.set(`Patient/${id}`, station.read.resource({ type: 'Patient', id }) ?? '');
  for (const [key, text] of truth) {
    const body = shown.get(key);
    if (body === undefined) differs(`${key} is missing`);
    else if (body !== text) differs(`${key} is not as on the server`);
  }
  for (const key of shown.keys()) if (!truth.has(key)) differs(`${key} is not on the server`);
  return found;
}
