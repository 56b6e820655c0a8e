import type { CareTeam, Observation, Patient } from 'fhir/r4';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cache } from '../../../main/cache/client.ts';
import { type DevServer, startServer } from '../../server/index.ts';
import { seesAll } from '../cache/support.ts';
import { cachedRecords, expectedRecords, fhirFor, openCache, panelOf, run, searches } from './support.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The server's clock, years away from the workstation's. */
let time = Date.parse('2031-03-04T05:06:07.890Z');
let server: DevServer;
beforeAll(async () => {
  server = await startServer({ patients: 3, seed: 5, clock: () => new Date(time) });
});
beforeEach(() => {
  // What was written before is older than the overlap.
  time += DAY;
  server.requests.length = 0;
});
afterAll(() => server.stop());

const serverNow = () => time;
/** Whose patients these are: asked whole each time. */
const isPanel = (path: string) => /^(CareTeam|PractitionerRole)\?/.test(path);

function team(patient: string, change: Partial<CareTeam> = {}): CareTeam {
  return {
    resourceType: 'CareTeam',
    id: `team-of-${patient}`,
    status: 'active',
    subject: { reference: `Patient/${patient}` },
    participant: [{ member: { reference: 'Practitioner/dev-osei' } }],
    ...change,
  };
}

const newPatient = (id: string): Patient => ({ resourceType: 'Patient', id, name: [{ family: 'New', given: [id] }] });

const observation = (patient: string, id: string): Observation => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'Sodium' },
  subject: { reference: `Patient/${patient}` },
});

async function synced(scope?: string): Promise<Cache> {
  const cache = await openCache();
  const ended = await run({ cache, fhir: await fhirFor(server, scope === undefined ? {} : { scope }) });
  if (!ended.ok) throw new Error(ended.error.code);
  server.requests.length = 0;
  return cache;
}

async function again(cache: Cache): Promise<string[]> {
  expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
  const asked = searches(server.requests);
  server.requests.length = 0;
  return asked;
}

describe('a later sync', () => {
  it('asks for what has changed since two minutes before the last one began, by the server’s clock', async () => {
    const began = serverNow();
    const cache = await synced();
    expect(Math.abs(began - Date.now())).toBeGreaterThan(365 * DAY);
    const asOf = (await cache.read.run()).asOf ?? '';
    // The Date header has whole seconds.
    expect(Date.parse(asOf)).toBe(Math.floor(began / 1000) * 1000);
    time += 30 * MINUTE;
    const asked = await again(cache);
    const since = new Date(Date.parse(asOf) - 2 * MINUTE).toISOString();
    const records = asked.filter((path) => path.includes('?') && !isPanel(path));
    expect(records.length).toBeGreaterThan(10);
    for (const path of records)
      expect(path).toContain(path.includes('_history') ? `_since=${since}` : `_lastUpdated=ge${since}`);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('brings what was changed and what is new, and only that', async () => {
    const cache = await synced();
    const [patient = ''] = panelOf(server);
    const old = server.store
      .list('Condition')
      .find((one) => one.resourceType === 'Condition' && one.subject.reference === `Patient/${patient}`)!;
    time += MINUTE;
    server.store.put({ ...old, note: [{ text: 'changed' }] } as typeof old);
    server.store.put(observation(patient, 'new-one'));
    const stored: number[] = [];
    await run({ cache, fhir: await fhirFor(server), onProgress: ({ resources }) => stored.push(resources) });
    expect(Math.max(...stored)).toBe(2);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    expect(await cache.read.resource({ type: 'Condition', id: old.id ?? '' })).toContain('"changed"');
  });

  it('security: says who comes onto the workstation before their records do, and only then', async () => {
    const cache = await openCache();
    const told: (readonly string[])[] = [];
    const onArriving = async (patients: readonly string[]) => {
      told.push(patients);
      const held = await cache.read.versions();
      expect(held.filter(({ type, id }) => type === 'Patient' && patients.includes(id))).toEqual([]);
      expect((await cache.read.panel()).filter((id) => patients.includes(id))).toEqual([]);
      // Of a first run nothing but what says whose patients these are: teams, and roles on them.
      if (told.length === 1)
        expect(held.filter(({ type }) => !['CareTeam', 'PractitionerRole'].includes(type))).toEqual([]);
    };
    const again = async () => run({ cache, fhir: await fhirFor(server), onArriving });
    expect(await again()).toEqual({ ok: true });
    expect(told).toEqual([await cache.read.panel()]);
    time += MINUTE;
    server.store.put({ resourceType: 'Patient', id: 'new-one', name: [{ family: 'New' }] });
    server.store.put({
      resourceType: 'CareTeam',
      id: 'team-of-new-one',
      status: 'active',
      subject: { reference: 'Patient/new-one' },
      participant: [{ member: { reference: 'Practitioner/dev-osei' } }],
    });
    expect(await again()).toEqual({ ok: true });
    expect(told.slice(1)).toEqual([['new-one']]);
    server.store.remove('CareTeam', 'team-of-new-one');
    server.store.remove('Patient', 'new-one');
  });

  it('misses nothing that was committed late, within the overlap', async () => {
    const cache = await synced();
    const [patient = ''] = panelOf(server);
    // Dated before the last run began, and only visible now.
    time -= 90_000;
    const late = await startedEarlier(patient);
    time += 5 * MINUTE;
    await again(cache);
    expect(await cachedRecords(cache)).toContain(late);
  });

  async function startedEarlier(patient: string): Promise<string> {
    const version = server.store.put(observation(patient, 'late'));
    return `Observation/late ${version.versionId}`;
  }

  it('fetches a patient who is new on the team whole, with what is old, and the others’ changes only', async () => {
    server.store.put(newPatient('arrival'));
    server.store.put(observation('arrival', 'years-old'));
    time += 10 * DAY;
    const cache = await synced();
    time += MINUTE;
    server.store.put(team('arrival'));
    const asked = await again(cache);
    const whole = asked.filter(
      (path) => path.includes('?') && !isPanel(path) && !/_lastUpdated=ge|_since=|_elements=/.test(path),
    );
    expect(whole.length).toBeGreaterThan(10);
    for (const path of whole)
      expect(path.match(/Patient\/[^,&]+|_id=[^,&]+/g)).toEqual([expect.stringMatching(/arrival$/)]);
    expect(await cachedRecords(cache)).toContain('Observation/years-old 1');
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    expect(await cache.read.panel()).toContain('arrival');
  });

  it('does not move the cursor where it failed, so that nothing is skipped', async () => {
    const cache = await synced();
    const asOf = (await cache.read.run()).asOf;
    const [patient = ''] = panelOf(server);
    time += MINUTE;
    server.store.put(observation(patient, 'between'));
    time += 60 * MINUTE;
    server.faults.add({ kind: 'status', status: 503, match: ({ path }) => path.startsWith('/fhir/Observation') });
    expect((await run({ cache, fhir: await fhirFor(server) })).ok).toBe(false);
    server.faults.clear();
    expect((await cache.read.run()).asOf).toBe(asOf);
    await again(cache);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });
});

describe('security: who may still be seen', () => {
  it.each<[string, Partial<CareTeam>]>([
    ['the team is no longer active', { status: 'inactive' }],
    ['the team was entered in error', { status: 'entered-in-error' }],
    ['the team has ended', { period: { end: '2031-01-01' } }],
    [
      'the clinician has left the team',
      { participant: [{ member: { reference: 'Practitioner/dev-osei' }, period: { end: '2031-01-01' } }] },
    ],
  ])('security: a patient leaves the panel with the next sync where %s', async (_why, change) => {
    const cache = await openCache();
    server.store.put(newPatient('leaver'));
    server.store.put(team('leaver'));
    expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
    expect(await cache.read.panel()).toContain('leaver');
    time += MINUTE;
    server.store.put(team('leaver', change));
    await again(cache);
    expect(await cache.read.panel()).not.toContain('leaver');
    server.store.remove('CareTeam', 'team-of-leaver');
  });
});

describe('security: what was not fetched never reads as complete', () => {
  it('security: a type that was refused is fetched whole once it is permitted, not its changes only', async () => {
    const cache = await synced('user/Patient.rs user/CareTeam.rs user/Observation.rs');
    const [patient = ''] = panelOf(server);
    expect((await cache.read.chartSummary({ ...seesAll, patientId: patient }))?.allergies.state).toBe('not-permitted');
    time += DAY;
    const asked = await again(cache);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    expect((await cache.read.chartSummary({ ...seesAll, patientId: patient }))?.allergies.state).toBe('complete');
    // Types that were there already are not fetched whole a second time.
    for (const path of asked.filter((one) => one.startsWith('Observation?'))) {
      expect(path).toMatch(/_lastUpdated=ge|_elements=id,meta/);
    }
  });

  it('security: the same holds where the run in between was cut off', async () => {
    const cache = await synced('user/Patient.rs user/CareTeam.rs user/Observation.rs');
    time += DAY;
    for (const type of ['metadata', 'AllergyIntolerance', 'Condition']) {
      server.faults.add({ kind: 'dropBefore', match: ({ path }) => path.startsWith(`/fhir/${type}`) });
      expect((await run({ cache, fhir: await fhirFor(server) })).ok).toBe(false);
      server.faults.clear();
    }
    await again(cache);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('security: a type that the server could not search by patient is fetched whole once it can', async () => {
    const cache = await openCache();
    const fhir = await fhirFor(server);
    const limited = {
      ...fhir,
      async get(url: string, signal?: AbortSignal) {
        const answer = await fhir.get(url, signal);
        if (url !== 'metadata' || !answer.ok) return answer;
        const text = answer.value.text.replaceAll('"type":"AllergyIntolerance"', '"type":"Basic"');
        return { ...answer, value: { ...answer.value, text } };
      },
    };
    expect(await run({ cache, fhir: limited })).toEqual({ ok: true });
    const [patient = ''] = panelOf(server);
    expect((await cache.read.chartSummary({ ...seesAll, patientId: patient }))?.allergyStatement).toBe('not-fetched');
    time += DAY;
    await again(cache);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });
});
