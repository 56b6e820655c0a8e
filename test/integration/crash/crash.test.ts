import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentReference, Observation } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewChange } from '../../../main/cache/operations.ts';
import type { Dialect } from '../../server/dialect.ts';
import type { Snapshot } from '../../server/store/store.ts';
import { bundledProgram } from '../../support/bundle.ts';
import { folderInMemory } from '../../support/memory.ts';
import { runProgram } from '../../support/run-program.ts';
import { type Front, startFront } from './front.ts';
import type { Done, Task } from './process-entry.ts';
import { openStation, type Station } from './station.ts';

/*
 * The client's process is killed with SIGKILL right after every commit of a sync, and right before each one that follows
 * something that was written to the server, each time from the same beginning, and started again. Right before another
 * one, files and server are as they were right after the commit before it. What must hold then, holds after every kill.
 */

const LANES = 2;
const SUBJECT = { reference: 'Patient/p' };
const folder = folderInMemory('wardlight-crash-');
const program = bundledProgram(join(import.meta.dirname, 'process-entry.ts'));
const HOUR = 3_600_000;
const BEGIN = Date.parse('2031-03-04T05:06:07.000Z');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const observation = (id: string, change: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'Lactate' },
  subject: SUBJECT,
  ...change,
});

const note = (id: string, description: string): DocumentReference => ({
  resourceType: 'DocumentReference',
  id,
  status: 'current',
  subject: SUBJECT,
  description,
  content: [{ attachment: { contentType: 'text/plain', data: 'AAAA' } }],
});

function fill({ server: { store } }: Front): void {
  store.put({ resourceType: 'Practitioner', id: 'dr' });
  for (const id of ['p', 'q']) {
    store.put({ resourceType: 'Patient', id, name: [{ family: id }] });
    store.put({
      resourceType: 'CareTeam',
      id: `team-${id}`,
      status: 'active',
      subject: { reference: `Patient/${id}` },
      participant: [{ member: { reference: 'Practitioner/dr' } }],
    });
  }
  store.put({ resourceType: 'AllergyIntolerance', id: 'allergy', patient: SUBJECT });
  store.put({ resourceType: 'Condition', id: 'problem', subject: SUBJECT, code: { text: 'Sepsis' } });
  for (const id of ['kept', 'corrected', 'argued', 'withdrawn', 'deleted-there']) store.put(observation(id));
  store.put(note('amended', 'first'));
}

/** What others do on the server while the workstation is away. */
function others({ server: { store } }: Front): void {
  store.put(observation('argued', { note: [{ text: 'theirs' }] }));
  store.put(observation('new-there'));
  store.remove('Observation', 'deleted-there');
  store.put({ resourceType: 'Condition', id: 'problem', subject: SUBJECT, code: { text: 'Septic shock' } });
}

const NOTE_ID = '7f0d3c1a-2b4e-4f6a-8c1d-0e9f8a7b6c5d';
const RESULT_ID = '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed';
const REFUSED_ID = '3fa85f64-5717-4562-b3fc-2c963f66afa6';

/** What the clinician does meanwhile. Each change has words of its own by which it is found on the server. */
async function edits({ cache }: Station): Promise<void> {
  async function add(
    type: string,
    resourceId: string,
    action: NewChange['action'],
    body: object | null,
  ): Promise<void> {
    const versions = await cache.read.versions();
    const known = versions.find((one) => one.type === type && one.id === resourceId);
    const added = await cache.outbox.add({
      patientId: 'p',
      type,
      resourceId,
      action,
      baseVersionId: known?.versionId ?? null,
      body: body && JSON.stringify(body),
      title: 'change',
      author: 'Practitioner/dr',
      changedAt: new Date(BEGIN + 24 * HOUR).toISOString(),
    });
    if (!added.ok) throw new Error(added.error.code);
  }
  async function shown(type: string, id: string): Promise<object> {
    return JSON.parse((await cache.read.resource({ type, id })) ?? '{}') as object;
  }
  await add('Observation', RESULT_ID, 'create', observation(RESULT_ID, { note: [{ text: 'mine: new result' }] }));
  const related = { context: { related: [{ reference: `Observation/${RESULT_ID}` }] } };
  await add('DocumentReference', NOTE_ID, 'create', { ...note(NOTE_ID, 'mine: new note'), ...related });
  const corrected = { ...(await shown('Observation', 'corrected')), note: [{ text: 'mine: corrected' }] };
  await add('Observation', 'corrected', 'update', corrected);
  const argued = { ...(await shown('Observation', 'argued')), note: [{ text: 'mine: argued' }] };
  await add('Observation', 'argued', 'update', argued);
  const amended = { ...(await shown('DocumentReference', 'amended')), description: 'mine: amended' };
  await add('DocumentReference', 'amended', 'update', amended);
  await add('Observation', 'withdrawn', 'delete', null);
  await add('Observation', REFUSED_ID, 'create', { ...observation(REFUSED_ID), noElementOfFhir: true });
}

interface Lane {
  readonly front: Front;
  readonly synced: Snapshot;
  readonly folder: string;
}

interface Scenario {
  readonly name: string;
  readonly dialect: Partial<Dialect>;
  /** Whether there is a cache already, with changes to be sent. */
  readonly busy: boolean;
}

/** As few as there can be: each type is a search with commits of its own. */
const types = [
  'Patient',
  'CareTeam',
  'Practitioner',
  'AllergyIntolerance',
  'Condition',
  'Observation',
  'DocumentReference',
];

const scenarios: readonly Scenario[] = [
  { name: 'in its first sync', dialect: {}, busy: false },
  { name: 'while it sends changes in transactions and fetches others', dialect: {}, busy: true },
  { name: 'while it sends changes one by one and fetches others', dialect: { transactions: false }, busy: true },
];

/** A server and a workstation as they stand before the sync in which the client is killed. */
async function prepare({ dialect, busy }: Scenario, name: string): Promise<Lane> {
  let time = BEGIN;
  const front = await startFront(() => new Date(time), { ...dialect, types });
  fill(front);
  time += 24 * HOUR;
  const own = join(folder, name);
  mkdirSync(own);
  if (busy) {
    const station = openStation(own, true);
    const first = await station.sync(front);
    if (!first.ok) throw new Error(first.error.code);
    await edits(station);
    station.close();
    time += HOUR;
    others(front);
    // The nightly comparison is due.
    time += 26 * HOUR;
  }
  return { front, synced: front.server.store.snapshot(), folder: own };
}

/** One death and what comes after it; answers what is wrong then. */
async function crash({ busy }: Scenario, lane: Lane, kill: NonNullable<Task['kill']>): Promise<string[]> {
  const { front, synced } = lane;
  const { store } = front.server;
  store.restore(synced);
  front.unconditional.length = 0;
  const own = `${lane.folder}-${kill.side}-${kill.n}`;
  cpSync(lane.folder, own, { recursive: true });
  const name = `${kill.side} commit ${kill.n}: `;
  try {
    const { url, token } = front;
    const task: Task = { folder: own, create: !busy, url, token, kill };
    if ((await runProgram<Done>(program, task)) !== 'killed') return [`${name}was not reached`];
    const station = openStation(own, true);
    const wrong = await afterwards(station, front, busy);
    station.close();
    return wrong.map((what) => name + what);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** Syncs to rest and compares: what the issue asks to hold after every death. */
async function afterwards(station: Station, front: Front, busy: boolean): Promise<string[]> {
  const wrong: string[] = [];
  for (let n = 0; n < 2; n++) {
    const result = await station.sync(front);
    if (!result.ok && result.error.code !== 'server-refused') wrong.push(`a later sync ends with ${result.error.code}`);
  }
  if (busy) wrong.push(...(await changesWent(station, front)));
  wrong.push(...(await differences(station, front)), ...front.unconditional);
  return wrong;
}

async function changesWent({ cache }: Station, { server: { store } }: Front): Promise<string[]> {
  const wrong: string[] = [];
  const { items } = await cache.outbox.list({ limit: 100 });
  const states = items.map(({ resourceId, state }) => `${resourceId} ${state}`).sort();
  const expected = [`${REFUSED_ID} parked`, 'argued conflict'].sort();
  if (String(states) !== String(expected)) wrong.push(`what is left is ${states.join(', ')}`);
  const log = store.log().map(({ text }) => text ?? '');
  for (const words of ['mine: new result', 'mine: new note', 'mine: corrected', 'mine: amended']) {
    const times = log.filter((text) => text.includes(words)).length;
    if (times !== 1) wrong.push(`"${words}" is there ${times} times`);
  }
  if (log.some((text) => text.includes('mine: argued'))) wrong.push('theirs was overwritten');
  if (store.read('Observation', 'withdrawn')) wrong.push('the deletion was lost');
  const made = store.list('DocumentReference').find(({ id }) => id !== 'amended') as DocumentReference | undefined;
  const result = store.list('Observation').find((one) => JSON.stringify(one).includes('mine: new result'));
  const refers = made?.context?.related?.[0]?.reference;
  if (refers !== `Observation/${result?.id}`) wrong.push(`the note refers to ${refers}`);
  for (const id of [REFUSED_ID, 'argued']) {
    const change = items.find(({ resourceId }) => resourceId === id);
    if (change) await cache.outbox.withdraw({ id: change.id });
  }
  return wrong;
}

/** Everything of the clinician's patients, to the letter. */
async function differences({ cache }: Station, { server: { store } }: Front): Promise<string[]> {
  const truth = new Map<string, string>();
  for (const type of ['Patient', 'AllergyIntolerance', 'Condition', 'Observation', 'DocumentReference']) {
    for (const { id = '' } of store.list(type)) truth.set(`${type}/${id}`, store.current(type, id)?.text ?? '');
  }
  const wrong: string[] = [];
  const versions = await cache.read.versions();
  for (const { type, id } of versions) {
    if (type === 'CareTeam' || type === 'Practitioner') continue;
    const key = `${type}/${id}`;
    if (truth.get(key) !== (await cache.read.resource({ type, id }))) wrong.push(`${key} is not as on the server`);
    truth.delete(key);
  }
  return [...wrong, ...[...truth.keys()].map((key) => `${key} is missing`)];
}

describe.each(scenarios)('a client that is killed $name', (scenario) => {
  const lanes: Lane[] = [];
  let clean: Done;

  beforeAll(async () => {
    for (let n = 0; n < LANES; n++) lanes.push(await prepare(scenario, `${scenarios.indexOf(scenario)}-${n}`));
    const [lane] = lanes as [Lane];
    const own = `${lane.folder}-clean`;
    cpSync(lane.folder, own, { recursive: true });
    const { url, token } = lane.front;
    const task: Task = { folder: own, create: !scenario.busy, url, token, kill: null };
    const done = await runProgram<Done>(program, task);
    if (done === 'killed') throw new Error('nothing was to be killed');
    clean = done;
    rmSync(own, { recursive: true, force: true });
  });
  afterAll(() => Promise.all(lanes.map(({ front }) => front.stop())));

  it('loses, doubles and overwrites nothing, at whichever commit', async () => {
    const { commits, written } = clean;
    expect(commits).toBeGreaterThan(10);
    expect(written.length > 0).toBe(scenario.busy);
    const kills = Array.from({ length: commits }, (_, n) => [
      ...(n === 0 || written.includes(n) ? [{ n, side: 'before' as const }] : []),
      { n, side: 'after' as const },
    ]).flat();
    const wrong: string[] = [];
    await Promise.all(
      lanes.map(async (lane) => {
        for (let kill = kills.shift(); kill; kill = kills.shift()) wrong.push(...(await crash(scenario, lane, kill)));
      }),
    );
    expect(wrong).toEqual([]);
  }, 600_000);
});
