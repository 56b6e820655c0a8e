import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PendingChange, Resolution } from '../../preload/contract/sync.ts';
import { createLocalServer, type LocalServer } from '../server/local.ts';
import type { Snapshot, Version } from '../server/store/store.ts';
import { folderInMemory } from '../support/memory.ts';
import { checkHistory, checkWrite, introductions, keyOf, type Violation } from './checker.ts';
import { createLedger, type Edit, type Ledger, type Place } from './ledger.ts';
import type { Mutant } from './mutants.ts';
import { type Accepted, createNetwork, type Network } from './network.ts';
import type { Plan, Step } from './plan.ts';
import { type Random, random } from './random.ts';
import { type Field, fields, mark, markersOf, newRecord, paths, type RecordType, recordTypes } from './records.ts';
import { createTime, type Time } from './time.ts';
import { createWorkstation, type Workstation } from './workstation.ts';

/** What a simulation found. */
export interface Outcome {
  readonly acknowledged: number;
  readonly violations: readonly Violation[];
  readonly trace: readonly string[];
  /** Requests that left the workstations. */
  readonly requests: number;
}

/** Server time at which every simulation begins. */
const EPOCH = Date.parse('2031-03-04T05:06:07.000Z');
const DAY = 24 * 3_600_000;
/** How long a restore takes. */
const OUTAGE = 600_000;
/** Rounds in which all must come to rest once nothing disturbs any more. */
const ROUNDS = 12;
const TYPES = ['Patient', 'CareTeam', 'Practitioner', 'PractitionerRole', 'Group', 'List', ...recordTypes, 'Encounter'];

export const practitionerOf = (client: number) => `Practitioner/sim-${client}`;

interface World {
  readonly plan: Plan;
  readonly time: Time;
  readonly server: LocalServer;
  readonly network: Network;
  readonly stations: readonly Workstation[];
  readonly ledger: Ledger;
  readonly violations: Violation[];
  readonly note: (line: string) => void;
  /** Type, id and version id of what restores made the server forget. */
  readonly gone: Set<string>;
  /** Markers that are gone with a restore. */
  readonly forgotten: Set<string>;
  /** Keys of the versions that each client made. */
  readonly own: readonly Set<string>[];
  /** Last run of each client that need not know yet that the server was restored; null: there is nothing to know. */
  readonly resetAfter: (number | null)[];
  backup: Snapshot | null;
  serverOffset: number;
  /** Whether the server ever went back in time, in its data or its clock. */
  wentBack: boolean;
  judged: number;
  others: number;
}

function at<Item>(items: readonly Item[], place: number): Item | undefined {
  return items[Math.floor(place * items.length)];
}

function fill(server: LocalServer, { clients, patients, seed }: Plan): void {
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

function membersOf(server: LocalServer, patient: number): number[] {
  const team = server.store.read('CareTeam', teamOf(patient));
  const participants = team?.resourceType === 'CareTeam' ? (team.participant ?? []) : [];
  return participants.map(({ member }) => Number(member?.reference?.slice('Practitioner/sim-'.length)));
}

function putTeam({ store }: LocalServer, patient: number, members: readonly number[]): void {
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

function panelOf(server: LocalServer, client: number, patients: number): string[] {
  return Array.from({ length: patients }, (_, n) => n)
    .filter((n) => membersOf(server, n).includes(client))
    .map((n) => `p${n}`);
}

function putGroup(server: LocalServer, client: number, patients: number): void {
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
function recordsOf(server: LocalServer): Version[] {
  return recordTypes.flatMap((type) =>
    server.store
      .log(type)
      .filter((version) => version.text !== undefined && server.store.current(type, version.id) === version)
      .sort((a, b) => a.created - b.created),
  );
}

/** What a clinician can edit: records of the own patients, as the workstation shows them. */
function shownRecords(
  station: Workstation,
): { type: RecordType; id: string; versionId: string; body: string; patient: string }[] {
  const panel = new Set(station.read.panel());
  return station.read.versions().flatMap(({ type, id, versionId }) => {
    if (!(recordTypes as readonly string[]).includes(type)) return [];
    const body = station.read.resource({ type, id }) ?? '{}';
    const resource = JSON.parse(body) as { subject?: { reference?: string }; patient?: { reference?: string } };
    const patient = (resource.subject ?? resource.patient)?.reference?.slice('Patient/'.length) ?? '';
    return panel.has(patient) ? [{ type: type as RecordType, id, versionId, body, patient }] : [];
  });
}

function baseOf(body: string): string | null {
  const { meta } = JSON.parse(body) as { meta?: { versionId?: string; lastUpdated?: string } };
  return meta?.versionId === undefined ? null : keyOf(meta);
}

type Draft = Omit<Edit, 'changeId' | 'state'> & {
  readonly patient: string;
  readonly body: string | null;
  readonly versionId: string | null;
};

/** The clinician's own deed: durable when the outbox answers, uncertain where the workstation dies in it. */
function edit(world: World, station: Workstation, draft: Draft): void {
  const { patient, body, versionId, ...rest } = draft;
  const action = rest.what === 'create' || rest.what === 'delete' ? rest.what : 'update';
  const added = station.attempt(() =>
    station.outbox.add({
      patientId: patient,
      type: rest.type,
      resourceId: rest.id,
      action,
      baseVersionId: versionId,
      body,
      title: rest.marker,
      author: practitionerOf(station.client),
      changedAt: new Date(station.now()).toISOString(),
    }),
  );
  const said = added === 'died' ? 'died' : added.ok ? added.value.changeId : added.error.code;
  world.note(`client ${station.client}: ${rest.what} ${rest.type}/${rest.id} ${rest.marker}: ${said}`);
  if (added === 'died') world.ledger.add({ ...rest, changeId: null });
  else if (added.ok) world.ledger.add({ ...rest, changeId: added.value.changeId });
}

const empty = { a: null, b: null };

function create(world: World, station: Workstation, step: Step & { do: 'create' }, draw: Random): void {
  const patient = at(station.read.panel(), step.patient);
  const type = at(recordTypes, step.type)!;
  if (patient === undefined) return;
  const id = draw.uuid();
  const marker = world.ledger.marker(station.client);
  const body = newRecord(type, id, patient, marker, step.valid);
  edit(world, station, {
    marker,
    client: station.client,
    type,
    id,
    what: 'create',
    saw: empty,
    base: null,
    patient,
    body,
    versionId: null,
  });
}

function update(world: World, station: Workstation, step: Step & { do: 'update' }): void {
  const record = at(shownRecords(station), step.which);
  if (!record) return;
  const { type, id, versionId, body, patient } = record;
  const field: Field = at(fields, step.field)!;
  const marker = world.ledger.marker(station.client);
  edit(world, station, {
    marker,
    client: station.client,
    type,
    id,
    what: field,
    saw: markersOf(type, body),
    base: baseOf(body),
    patient,
    body: mark(type, body, field, marker),
    versionId,
  });
}

function remove(world: World, station: Workstation, step: Step & { do: 'delete' }): void {
  const record = at(shownRecords(station), step.which);
  if (!record) return;
  const { type, id, versionId, body, patient } = record;
  edit(world, station, {
    marker: world.ledger.marker(station.client),
    client: station.client,
    type,
    id,
    what: 'delete',
    saw: markersOf(type, body),
    base: baseOf(body),
    patient,
    body: null,
    versionId,
  });
}

function changesOf(station: Workstation, states: readonly PendingChange['state'][]): PendingChange[] {
  const all = station.attempt(() => station.outbox.list({ limit: 1_000 }));
  return all === 'died' ? [] : all.items.filter(({ state }) => states.includes(state));
}

/** A person decides a conflict: `how` below a third mine, below two thirds theirs, else element by element. */
function resolve(world: World, station: Workstation, which: number, how: number): void {
  const change = at(changesOf(station, ['conflict']), which);
  if (!change) return;
  const before = unsentOf(station);
  const shown = station.outbox.conflict({ id: change.id });
  if (!shown) return;
  const sides = ['mine', 'theirs'] as const;
  const choices = Object.fromEntries(
    shown.fields.map(({ path }, i) => [path, sides[Math.floor(how * 1_000 + i) % 2]!]),
  );
  const merged: Resolution = { kind: 'merged', choices };
  const wanted: Resolution = how < 1 / 3 ? { kind: 'mine' } : how < 2 / 3 ? { kind: 'theirs' } : merged;
  let taken: Resolution = wanted;
  let answer = station.attempt(() => station.outbox.resolve({ id: change.id, token: shown.token, resolution: taken }));
  if (answer !== 'died' && !answer.ok && answer.error.code === 'not-mergeable') {
    taken = { kind: how < 5 / 6 ? 'mine' : 'theirs' };
    answer = station.attempt(() => station.outbox.resolve({ id: change.id, token: shown.token, resolution: taken }));
  }
  const said = answer === 'died' ? 'died' : answer.ok ? 'done' : answer.error.code;
  world.note(`client ${station.client}: resolves ${change.resourceType}/${change.resourceId}: ${taken.kind} (${said})`);
  const place = placeOf(station, change);
  // Where it died in the decision, either may be.
  if (answer === 'died') world.ledger.doubt(place);
  else if (answer.ok) {
    const unsent = station.outbox.list({ limit: 1_000 }).items;
    const anew = unsent.find(({ id }) => !before.has(id));
    if (anew) world.note(`client ${station.client}: makes it anew as ${anew.resourceId}`);
    if (taken.kind !== 'theirs') world.ledger.insist(place, change.id, anew);
    world.ledger.decide(place, 'decided', new Set(unsent.map(({ id }) => id)), ({ changeId, type, what }) => {
      if (changeId !== change.id) return false;
      if (taken.kind !== 'merged') return taken.kind === 'theirs';
      return what !== 'create' && what !== 'delete' && taken.choices[paths[type][what]] === 'theirs';
    });
  }
}

function placeOf({ client }: Workstation, { resourceType, resourceId }: PendingChange): Place {
  return { client, type: resourceType, id: resourceId };
}

function unsentOf(station: Workstation): ReadonlySet<string> {
  return new Set(station.outbox.list({ limit: 1_000 }).items.map(({ id }) => id));
}

function withdraw(world: World, station: Workstation, change: PendingChange | undefined): void {
  if (!change) return;
  const answer = station.attempt(() => station.outbox.withdraw({ id: change.id }));
  const said = answer === 'died' ? 'died' : answer.ok ? 'done' : answer.error.code;
  world.note(`client ${station.client}: withdraws ${change.resourceType}/${change.resourceId} (${said})`);
  const place = placeOf(station, change);
  if (answer === 'died') world.ledger.doubt(place);
  else if (answer.ok) {
    world.ledger.decide(place, 'withdrawn', unsentOf(station), ({ changeId }) => changeId === change.id);
  }
}

function retry(world: World, station: Workstation, change: PendingChange | undefined): void {
  if (!change) return;
  station.attempt(() => station.outbox.retry({ id: change.id }));
  world.note(`client ${station.client}: has ${change.resourceType}/${change.resourceId} sent again`);
}

function serverUpdate(world: World, step: Step & { do: 'server-update' }): void {
  const version = at(recordsOf(world.server), step.which);
  if (!version) return;
  world.others += 1;
  const text = mark(version.type as RecordType, version.text!, at(fields, step.field)!, `s-${world.others}`);
  const { versionId } = world.server.store.put(text);
  world.note(`server: ${version.type}/${version.id} is now ${versionId} by s-${world.others}`);
}

function serverCreate(world: World, step: Step & { do: 'server-create' }): void {
  world.others += 1;
  const type = at(recordTypes, step.type)!;
  const patient = `p${Math.floor(step.patient * world.plan.patients)}`;
  world.server.store.put(newRecord(type, `other-${world.others}`, patient, `s-${world.others}`));
  world.note(`server: ${type}/other-${world.others} is new`);
}

function serverDelete(world: World, step: Step & { do: 'server-delete' }): void {
  const version = at(recordsOf(world.server), step.which);
  if (!version) return;
  world.server.store.remove(version.type, version.id);
  world.note(`server: ${version.type}/${version.id} is deleted`);
}

function team(world: World, step: Step & { do: 'team' }): void {
  const { server, plan } = world;
  const patient = Math.floor(step.patient * plan.patients);
  const others = membersOf(server, patient).filter((client) => client !== step.client);
  putTeam(server, patient, step.member ? [...others, step.client] : others);
  putGroup(server, step.client, plan.patients);
  world.note(`server: client ${step.client} is ${step.member ? '' : 'not '}on the team of p${patient}`);
}

/** What a log brought, deletions too, so that what a restore takes away can be told. */
function deedsOf(log: readonly Version[]): Set<string> {
  return new Set(introductions(log).map(({ marker }) => marker));
}

function restore(world: World): void {
  const { server, backup, ledger } = world;
  if (!backup) return;
  const before = server.store.log();
  world.network.outage(OUTAGE);
  server.store.restore(backup);
  world.wentBack = true;
  const after = server.store.log();
  const kept = new Set(after);
  const gone = before.filter((version) => !kept.has(version));
  for (const version of gone) world.gone.add(nameOf(version));
  const known = deedsOf(after);
  for (const marker of deedsOf(before)) if (!known.has(marker)) world.forgotten.add(marker);
  for (const { type, id, text } of gone) {
    if (text !== undefined) continue;
    for (const one of ledger.edits) {
      if (one.what === 'delete' && one.type === type && isSame(one, id, before)) world.forgotten.add(one.marker);
    }
  }
  const goneKeys = new Set(gone.filter(({ text }) => text !== undefined).map(keyOf));
  for (const station of world.stations) {
    const known = station.read
      .versions()
      .filter(({ type, id }) => goneKeys.has(baseOf(station.read.resource({ type, id }) ?? '{}') ?? ''));
    const names = known.map(({ type, id, versionId }) => `${type}/${id} ${versionId}`);
    if (known.length > 0) world.note(`client ${station.client}: knows ${names.join(', ')}`);
    if (known.length > 0) world.resetAfter[station.client] = station.runs();
  }
  world.note(`server: is restored, ${gone.length} versions are forgotten`);
}

function isSame({ id }: Edit, serverId: string, log: readonly Version[]): boolean {
  return id === serverId || log.some((version) => version.id === serverId && version.text?.includes(`urn:uuid:${id}`));
}

async function accept(world: World, station: Workstation): Promise<void> {
  const { lastResult } = station;
  if (lastResult === null || lastResult.ok || lastResult.error.code !== 'server-reset' || station.running()) return;
  await station.accept();
  world.resetAfter[station.client] = null;
  world.note(`client ${station.client}: the restored server is accepted`);
}

function perform(world: World, step: Step, draw: Random): void | Promise<void> {
  const station = world.stations['client' in step ? step.client : 0]!;
  switch (step.do) {
    case 'create':
      return create(world, station, step, draw);
    case 'update':
      return update(world, station, step);
    case 'delete':
      return remove(world, station, step);
    case 'sync':
      world.note(
        `client ${station.client}: sync${station.running() ? ' is under way' : ''}${step.death ? ` — ${JSON.stringify(step.death)}` : ''}`,
      );
      return station.sync(step.fates, step.death);
    case 'die':
      world.note(`client ${station.client}: dies`);
      return station.die();
    case 'cancel':
      return station.cancel();
    case 'resolve':
      return resolve(world, station, step.which, step.how);
    case 'withdraw':
      return withdraw(world, station, at(changesOf(station, ['waiting', 'parked', 'conflict']), step.which));
    case 'retry':
      return retry(world, station, at(changesOf(station, ['parked']), step.which));
    case 'accept':
      return accept(world, station);
    case 'server-create':
      return serverCreate(world, step);
    case 'server-update':
      return serverUpdate(world, step);
    case 'server-delete':
      return serverDelete(world, step);
    case 'team':
      return team(world, step);
    case 'snapshot':
      world.backup = world.server.store.snapshot();
      return world.note('server: a backup is made');
    case 'restore':
      return restore(world);
    case 'client-clock':
      world.note(`client ${station.client}: the clock jumps by ${step.ms} ms`);
      return station.jump(step.ms);
    case 'server-clock':
      world.serverOffset += step.ms;
      if (step.ms < 0) world.wentBack = true;
      return world.note(`server: the clock jumps by ${step.ms} ms`);
    case 'wait':
      return undefined;
  }
}

/**
 * Where no earlier version can be read, nothing tells that a number was given out again: `If-Match` fits another text.
 * No client can notice that.
 */
function isReused({ server, gone }: World, { before }: Accepted): boolean {
  return !server.dialect.history && before !== undefined && gone.has(nameOf(before));
}

const nameOf = ({ type, id, versionId }: Version) => `${type}/${id} ${versionId}`;

/** After every step: processes that died are started again, and what was sent is judged. */
function look(world: World): void {
  const { network, ledger, violations, own, stations } = world;
  for (const accepted of network.accepted.slice(world.judged)) {
    const { client, version, run } = accepted;
    if (!isReused(world, accepted)) violations.push(...checkWrite(accepted, ledger, own[client]!));
    own[client]!.add(keyOf(version));
    const limit = world.resetAfter[client];
    const canTell = world.server.dialect.history;
    if (canTell && limit !== null && limit !== undefined && run > limit) {
      const what = `client ${client} wrote ${version.type}/${version.id} to a restored server that it knew better`;
      violations.push({ kind: 'lost', what });
    }
  }
  world.judged = network.accepted.length;
  for (const station of stations) {
    if (!station.alive()) {
      station.start();
      world.note(`client ${station.client}: is started again`);
    }
    const listed = station.attempt(() => station.outbox.list({ limit: 1_000 }));
    const unsent = listed === 'died' ? [] : listed.items;
    ledger.recover(station.client, (one) =>
      shows(station, one)
        ? unsent.findLast(({ resourceType, resourceId }) => resourceType === one.type && resourceId === one.id)?.id
        : undefined,
    );
    if (listed !== 'died') ledger.settle(station.client, listed.items);
    ledger.rename(station.client, ({ type, id }) => station.outbox.resolveId({ type, id }));
    violations.push(...hidden(world, station));
    const { lastResult } = station;
    if (lastResult && !lastResult.ok && lastResult.error.code === 'server-reset' && !world.wentBack) {
      const why = station.read.getMeta({ key: 'sync.reset' });
      const what = `client ${station.client} takes the server for a restored one: ${why}`;
      violations.push({ kind: 'diverged', what });
      world.wentBack = true;
    }
  }
}

/** Unsent edits that the workstation does not show: a clinician would think that they are gone. */
function hidden({ ledger }: World, station: Workstation): Violation[] {
  const { client } = station;
  const pending = ledger.edits.filter((one) => one.client === client && one.state === 'pending');
  return pending
    .filter((one) => !shows(station, one))
    .map(({ type, id, what, marker }) => ({
      kind: 'lost',
      what: `client ${client} does not show ${what} ${marker} of ${type}/${id}`,
    }));
}

function shows(station: Workstation, { type, id, what, marker }: Edit): boolean {
  const body = station.read.resource({ type, id });
  return what === 'delete' ? body === null : markersOf(type, body)[what === 'create' ? 'a' : what] === marker;
}

/** Nothing disturbs any more: each workstation syncs until nothing is left to do. */
async function heal(world: World, draw: Random): Promise<void> {
  const { stations, time } = world;
  world.note('— everything works again —');
  for (const station of stations) station.heal();
  await time.pass(2 * DAY);
  look(world);
  for (let round = 0; round < ROUNDS; round++) {
    const written = world.network.accepted.length;
    // The nightly comparison is due in every round.
    await time.pass(DAY + 3_600_000);
    for (const station of stations) {
      await accept(world, station);
      for (const change of changesOf(station, ['parked'])) withdraw(world, station, change);
      while (changesOf(station, ['conflict']).length > 0 && draw.chance(0.98)) resolve(world, station, 0, draw.next());
      station.sync([], null);
      await time.pass(3_600_000);
      world.note(`client ${station.client}: ended ${JSON.stringify(station.lastResult)}`);
      look(world);
    }
    const quiet = stations.every(
      (station) =>
        station.lastResult?.ok && changesOf(station, ['waiting', 'sending', 'conflict', 'parked']).length === 0,
    );
    // Once more, so that everyone has seen what was written last.
    if (quiet && round > 1 && world.network.accepted.length === written) return;
  }
  for (const { client, lastResult, running } of stations) {
    if (running()) world.violations.push({ kind: 'diverged', what: `client ${client} does not come to an end` });
    else if (!lastResult?.ok) {
      world.violations.push({ kind: 'diverged', what: `client ${client} can't sync: ${lastResult?.error.code}` });
    }
  }
}

/** What a workstation shows of its patients is what the server has. */
function compare(world: World, station: Workstation): Violation[] {
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

export interface SimulateOptions {
  /** What is broken on purpose, to see that it is found. */
  readonly mutant?: Mutant;
  /** Keeps the trace; default: no. */
  readonly traced?: boolean;
}

/** Runs a plan from the first step to the last check. The same plan always does the same. */
export async function simulate(plan: Plan, { mutant, traced = false }: SimulateOptions = {}): Promise<Outcome> {
  const folder = folderInMemory('wardlight-sim-');
  const trace: string[] = [];
  const time = createTime();
  const note = (line: string) => {
    if (traced) trace.push(`${(time.now() / 1000).toFixed(2).padStart(10)} s  ${line}`);
  };
  const ids = random(plan.seed, 'server');
  const clock = () => new Date(EPOCH + time.now() + (world?.serverOffset ?? 0));
  let world: World | undefined;
  const server = createLocalServer({ clock, dialect: { ...plan.dialect, types: TYPES }, newId: ids.uuid });
  fill(server, plan);
  const patchIgnoresIfMatch = plan.dialect.patchIfMatch === 'ignored';
  const network = createNetwork({ server, time, trace: note, patchIgnoresIfMatch });
  const stations = Array.from({ length: plan.clients }, (_, client) => {
    const own = join(folder, String(client));
    mkdirSync(own);
    return createWorkstation({
      client,
      folder: own,
      server,
      network,
      time,
      plan,
      epoch: EPOCH,
      note,
      ...(mutant && { mutant }),
    });
  });
  world = {
    plan,
    time,
    server,
    network,
    stations,
    ledger: createLedger(),
    violations: [],
    note,
    gone: new Set(),
    forgotten: new Set(),
    own: stations.map(() => new Set()),
    resetAfter: stations.map(() => null),
    backup: null,
    serverOffset: 0,
    wentBack: false,
    judged: 0,
    others: 0,
  };
  try {
    for (const station of stations) station.start();
    const draw = random(plan.seed, 'ids');
    for (const step of plan.steps) {
      await perform(world, step, draw);
      if (step.do === 'wait') await time.pass(step.ms);
      await time.happen(step.events);
      look(world);
    }
    await heal(world, random(plan.seed, 'heal'));
    const { violations, ledger, forgotten } = world;
    violations.push(...checkHistory(server.store.log(), ledger, forgotten, network.accepted));
    violations.push(...network.unconditional.map((what): Violation => ({ kind: 'unconditional', what })));
    for (const station of stations) violations.push(...compare(world, station));
    const acknowledged = ledger.edits.filter(({ state }) => state === 'acknowledged').length;
    return { acknowledged, violations, trace, requests: network.requests() };
  } finally {
    for (const station of stations) station.end();
    rmSync(folder, { recursive: true, force: true });
  }
}
