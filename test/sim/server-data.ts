import type { LocalServer } from '../server/local.ts';
import type { Version } from '../server/store/store.ts';
import type { Plan } from './plan.ts';
import { random } from './random.ts';
import { newRecord, recordTypes } from './records.ts';

export const practitionerOf = (client: number) => `Practitioner/sim-${client}`;

/** What the plan has on the server before the first step. */
export function fill(server: LocalServer, { clients, patients, seed }: Plan): void {
  const { store } = server;
  const draw = random(seed, 'data');
  store.put({ resourceType: 'Practitioner', id: 'shared', name: [{ family: 'Shared' }] });
  for (let client = 0; client < clients; client++) {
    store.put({ resourceType: 'Practitioner', id: `sim-${client}`, name: [{ family: `Sim ${client}` }] });
  }
  for (let n = 0; n < patients; n++) {
    store.put({ resourceType: 'Patient', id: `p${n}`, name: [{ family: `Patient ${n}` }] });
    const members = Array.from({ length: clients }, (_, client) => client).filter(() => draw.chance(0.8));
    putTeam(server, n, members);
    for (const type of recordTypes) {
      for (let i = 0; i < 1 + draw.below(2); i++) {
        store.put(newRecord(type, `${type.toLowerCase()}-${n}-${i}`, `p${n}`, `initial-${type}-${n}-${i}`));
      }
    }
  }
  for (let client = 0; client < clients; client++) putGroup(server, client, patients);
}

const teamOf = (patient: number) => `team-p${patient}`;

export function membersOf(server: LocalServer, patient: number): number[] {
  const team = server.store.read('CareTeam', teamOf(patient));
  const participants = team?.resourceType === 'CareTeam' ? (team.participant ?? []) : [];
  return participants.map(({ member }) => Number(member?.reference?.slice('Practitioner/sim-'.length)));
}

export function putTeam({ store }: LocalServer, patient: number, members: readonly number[]): void {
  store.put({
    resourceType: 'CareTeam',
    id: teamOf(patient),
    status: 'active',
    subject: { reference: `Patient/p${patient}` },
    ...(members.length > 0 && {
      participant: members.map((client) => ({ member: { reference: practitionerOf(client) } })),
    }),
  });
}

/** Patients on whose team a client is. */
export function panelOf(server: LocalServer, client: number, patients: number): string[] {
  return Array.from({ length: patients }, (_, n) => n)
    .filter((n) => membersOf(server, n).includes(client))
    .map((n) => `p${n}`);
}

export function putGroup(server: LocalServer, client: number, patients: number): void {
  const member = panelOf(server, client, patients).map((id) => ({ entity: { reference: `Patient/${id}` } }));
  server.store.put({
    resourceType: 'Group',
    id: `panel-${client}`,
    type: 'person',
    actual: true,
    ...(member.length > 0 && { member }),
  });
}

/** Living records that are edited, in a fixed order. */
export function recordsOf(server: LocalServer): Version[] {
  return recordTypes.flatMap((type) =>
    server.store
      .log(type)
      .filter((version) => version.text !== undefined && server.store.current(type, version.id) === version)
      .sort((a, b) => a.created - b.created),
  );
}
