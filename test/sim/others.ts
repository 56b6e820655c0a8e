import { at, type Step } from './plan.ts';
import { fields, mark, newRecord, type RecordType, recordTypes, refiled } from './records.ts';
import { membersOf, putGroup, putTeam, recordsOf } from './server-data.ts';
import type { World } from './world.ts';

export function serverUpdate(world: World, step: Step & { do: 'server-update' }): void {
  const version = at(recordsOf(world.server), step.which);
  if (!version) return;
  world.others += 1;
  const text = mark(version.type as RecordType, version.text!, at(fields, step.field)!, `s-${world.others}`);
  const { versionId } = world.server.store.put(text);
  world.note(`server: ${version.type}/${version.id} is now ${versionId} by s-${world.others}`);
}

export function serverCreate(world: World, step: Step & { do: 'server-create' }): void {
  world.others += 1;
  const type = at(recordTypes, step.type)!;
  const patient = `p${Math.floor(step.patient * world.plan.patients)}`;
  world.server.store.put(newRecord(type, `other-${world.others}`, patient, `s-${world.others}`));
  world.note(`server: ${type}/other-${world.others} is new`);
}

export function serverDelete(world: World, step: Step & { do: 'server-delete' }): void {
  const version = at(recordsOf(world.server), step.which);
  if (!version) return;
  world.server.store.remove(version.type, version.id);
  world.note(`server: ${version.type}/${version.id} is deleted`);
}

/** The record was filed on the wrong patient. */
export function serverRefile(world: World, step: Step & { do: 'server-refile' }): void {
  const version = at(recordsOf(world.server), step.which);
  if (!version) return;
  const patient = `p${Math.floor(step.patient * world.plan.patients)}`;
  const { versionId } = world.server.store.put(refiled(version.text!, patient));
  world.note(`server: ${version.type}/${version.id} is now ${versionId}, of ${patient}`);
}

export function team(world: World, step: Step & { do: 'team' }): void {
  const { server, plan } = world;
  const patient = Math.floor(step.patient * plan.patients);
  const others = membersOf(server, patient).filter((client) => client !== step.client);
  putTeam(server, patient, step.member ? [...others, step.client] : others);
  putGroup(server, step.client, plan.patients);
  world.note(`server: client ${step.client} is ${step.member ? '' : 'not '}on the team of p${patient}`);
}
