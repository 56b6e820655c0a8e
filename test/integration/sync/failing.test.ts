import type { AllergyIntolerance, Observation } from 'fhir/r4';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Cache } from '../../../main/cache/client.ts';
import type { FhirClient } from '../../../main/fhir/client.ts';
import { parseScopes } from '../../../main/identity/scopes.ts';
import { type DevServer, startServer } from '../../server/index.ts';
import { seesAll } from '../cache/support.ts';
import { cachedRecords, changing, expectedRecords, fhirFor, openCache, panelOf, run, searches } from './support.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NOTHING_FOUND = '{"resourceType":"Bundle","type":"searchset"}';
const FAILED = { ok: false, error: { code: 'server-error', retryAfter: null } };

let time = Date.parse('2031-03-04T05:06:07.890Z');
let server: DevServer;
let cache: Cache;
let fhir: FhirClient;
let patient: string;

beforeEach(async () => {
  time += DAY;
  server = await startServer({ patients: 3, seed: 21, clock: () => new Date(time) });
  onTestFinished(() => server.stop());
  cache = await openCache();
  fhir = await fhirFor(server);
  [patient = ''] = panelOf(server);
});

/** The server answers with a status from now on, where an address is such a one. */
const fails = (address: RegExp, status: 500 | 501 = 500) =>
  server.faults.add({ kind: 'status', status, match: ({ path }) => address.test(decodeURIComponent(path)) });

const observation = (id: string): Observation => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'Sodium' },
  subject: { reference: `Patient/${patient}` },
});

const allergy = (id: string): AllergyIntolerance => ({
  resourceType: 'AllergyIntolerance',
  id,
  patient: { reference: `Patient/${patient}` },
});

async function stateOf(resourceType: string) {
  const sections = (await cache.read.knownSections({ ...seesAll, patientId: patient })) ?? [];
  return sections.find((section) => section.resourceType === resourceType)?.state;
}

/** The next run finds a record by its comparison, and can't read it. */
async function failAtOne() {
  expect(await run({ cache, fhir })).toEqual({ ok: true });
  time += MINUTE;
  server.store.put(observation('failing'));
  time += 10 * MINUTE;
  const hiding = changing((url, text) => (url.searchParams.has('_lastUpdated') ? NOTHING_FOUND : text));
  await run({ cache, fhir: await fhirFor(server, { fetch: hiding }) });
  time += DAY;
  fails(/Observation\/failing$/);
}

describe('a server that fails at one kind of record, each time', () => {
  it('is asked for all others: the section says that it is not whole, and the run that it failed', async () => {
    fails(/Goal\?/);
    expect(await run({ cache, fhir })).toEqual(FAILED);
    expect([await stateOf('Goal'), await stateOf('AllergyIntolerance')]).toEqual(['partial', 'complete']);
    const expected = expectedRecords(server).filter((record) => !record.startsWith('Goal/'));
    expect(await cachedRecords(cache)).toEqual(expected);
  });

  it('keeps no other change from coming, however long it does', async () => {
    fails(/Goal\?/, 501);
    await run({ cache, fhir });
    for (let days = 0; days < 5; days += 1) {
      time += DAY;
      const id = `allergy-${days}`;
      server.store.put(allergy(id));
      expect(await run({ cache, fhir })).toEqual(FAILED);
      expect(await cache.read.resource({ type: 'AllergyIntolerance', id })).not.toBeNull();
      expect(await stateOf('Goal')).toBe('partial');
    }
  });

  it('is asked for it whole with the next run, and what came meanwhile is not missed', async () => {
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    time += MINUTE;
    server.store.put(observation('between'));
    time += 60 * MINUTE;
    fails(/Observation\?/);
    expect(await run({ cache, fhir })).toEqual(FAILED);
    expect(await stateOf('Observation')).toBe('partial');
    server.faults.clear();
    time += 60 * MINUTE;
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    expect(await stateOf('Observation')).toBe('complete');
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('is told at the end of a run that was cut off after it, though the rest of it goes well', async () => {
    fails(/AllergyIntolerance\?/);
    const cut = new AbortController();
    const cutting = changing((url, text) => {
      if (url.pathname.endsWith('/AllergyIntolerance')) cut.abort();
      return text;
    });
    expect(await run({ cache, fhir: await fhirFor(server, { fetch: cutting }), stopping: cut.signal })).toEqual({
      ok: false,
      error: { code: 'cancelled', retryAfter: null },
    });
    server.faults.clear();
    server.requests.length = 0;
    expect(await run({ cache, fhir })).toEqual(FAILED);
    expect(searches(server.requests).filter((path) => path.startsWith('AllergyIntolerance?'))).toEqual([]);
    expect([await stateOf('AllergyIntolerance'), await stateOf('Goal')]).toEqual(['partial', 'complete']);
    time += MINUTE;
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('is compared where it fails to tell what was deleted', async () => {
    server.store.put(observation('wrong'));
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    time += 10 * MINUTE;
    server.store.remove('Observation', 'wrong');
    fails(/Observation\/_history/);
    expect(await run({ cache, fhir })).toEqual(FAILED);
    expect(await cache.read.resource({ type: 'Observation', id: 'wrong' })).toBeNull();
  });

  it('is asked again for one record that it fails to give, with each run', async () => {
    await failAtOne();
    for (let runs = 0; runs < 2; runs += 1) {
      server.requests.length = 0;
      expect(await run({ cache, fhir })).toEqual(FAILED);
      expect(searches(server.requests).filter((path) => path === 'Observation/failing')).toHaveLength(1);
      expect([await stateOf('Observation'), await stateOf('Condition')]).toEqual(['partial', 'complete']);
      expect((await cache.read.run()).whole).toBe(false);
      time += 10 * MINUTE;
    }
    // Nor is it claimed while the next run has not come to ask for it.
    server.faults.clear();
    const states = new Set<string | undefined>();
    const get: FhirClient['get'] = async (...asked) => {
      states.add(await stateOf('Observation'));
      return fhir.get(...asked);
    };
    expect(await run({ cache, fhir: { ...fhir, get } })).toEqual({ ok: true });
    expect([...states]).toEqual(['partial']);
    expect(await stateOf('Observation')).toBe('complete');
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('is asked again for that record though a run between was given up before it came to that', async () => {
    await failAtOne();
    expect(await run({ cache, fhir })).toEqual(FAILED);
    time += 10 * MINUTE;
    const cut = new AbortController();
    const cutting = changing((url, text) => {
      if (url.pathname.endsWith('/CareTeam')) cut.abort();
      return text;
    });
    await run({ cache, fhir: await fhirFor(server, { fetch: cutting }), stopping: cut.signal });
    // Policy leaves out a type from now on: another plan takes the place of the one that was cut off.
    const policy = { cache: { leaveOut: ['FamilyMemberHistory' as const] } };
    server.requests.length = 0;
    expect(await run({ cache, fhir, policy })).toEqual(FAILED);
    expect(searches(server.requests).filter((path) => path === 'Observation/failing')).toHaveLength(1);
    expect(await stateOf('Observation')).toBe('partial');
  });
});

describe('a server that refuses to tell what was deleted of one kind of record', () => {
  const refuses = () =>
    server.faults.add({ kind: 'status', status: 403, match: ({ path }) => path.includes('Observation/_history') });
  const isHere = async (id: string) => (await cache.read.resource({ type: 'Observation', id })) !== null;
  const compared = () => searches(server.requests).filter((path) => path.includes('_elements=')).length;

  async function again() {
    time += 10 * MINUTE;
    server.requests.length = 0;
    expect(await run({ cache, fhir })).toEqual({ ok: true });
  }

  beforeEach(async () => {
    for (const id of ['first', 'second', 'third']) server.store.put(observation(id));
    expect(await run({ cache, fhir })).toEqual({ ok: true });
  });

  it('is compared at once where that begins, so that no section says more than is known, and later once a day', async () => {
    refuses();
    server.store.remove('Observation', 'first');
    await again();
    expect([await isHere('first'), await stateOf('Observation')]).toEqual([false, 'complete']);
    server.store.remove('Observation', 'second');
    await again();
    expect([compared(), await isHere('second')]).toEqual([0, true]);
    time += DAY;
    await again();
    expect([compared() > 0, await isHere('second')]).toEqual([true, false]);
    await again();
    expect(compared()).toBe(0);
  });

  it('is asked for what it did not tell also where the sign-in did not cover it meanwhile', async () => {
    const narrow = 'user/Patient.rs user/CareTeam.rs user/Condition.rs';
    const [scopes, all] = [parseScopes(narrow), parseScopes('user/*.cruds')];
    time += 10 * MINUTE;
    expect(await run({ cache, fhir: await fhirFor(server, { scope: narrow }), scopes })).toEqual({ ok: true });
    server.store.remove('Observation', 'second');
    time += 60 * MINUTE;
    expect(await run({ cache, fhir: await fhirFor(server, { scope: narrow }), scopes })).toEqual({ ok: true });
    time += 10 * MINUTE;
    server.requests.length = 0;
    expect(await run({ cache, fhir, scopes: all })).toEqual({ ok: true });
    expect([compared(), await isHere('second')]).toEqual([0, false]);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('is asked for all that it did not tell as soon as it tells it again', async () => {
    refuses();
    await again();
    server.store.remove('Observation', 'second');
    await again();
    time += 60 * MINUTE;
    await again();
    expect(await isHere('second')).toBe(true);
    server.faults.clear();
    await again();
    expect([compared(), await isHere('second')]).toEqual([0, false]);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    // And then only for what is new.
    server.store.remove('Observation', 'third');
    await again();
    expect([compared(), await isHere('third')]).toEqual([0, false]);
    const since = searches(server.requests).find((path) => path.startsWith('Observation/_history'));
    expect(since).toContain(`_since=${new Date(time - 12 * MINUTE).toISOString().slice(0, 19)}`);
  });
});

describe('a history that was too long', () => {
  it('is not read again from so far back, though not all could be compared in its place', async () => {
    server = await startServer({ patients: 3, seed: 21, clock: () => new Date(time), dialect: { maxCount: 3 } });
    onTestFinished(() => server.stop());
    fhir = await fhirFor(server);
    const forbidden = ({ path }: { path: string }) =>
      path.includes('/Observation?') && path.includes('_elements=') && decodeURIComponent(path).includes(patient);
    server.faults.add({ kind: 'status', status: 403, match: forbidden });
    const policy = { historyPages: 2 };
    expect(await run({ cache, fhir, policy })).toEqual({ ok: true });
    time += 10 * MINUTE;
    for (let at = 0; at < 9; at += 1) server.store.put(observation(`many-${at}`));
    const compared: boolean[] = [];
    for (let runs = 0; runs < 3; runs += 1) {
      time += 10 * MINUTE;
      server.requests.length = 0;
      expect(await run({ cache, fhir, policy })).toEqual({ ok: true });
      compared.push(searches(server.requests).some((path) => path.includes('_elements=')));
    }
    expect(compared).toEqual([true, false, false]);
  });
});

describe('a server that fails at everything but telling what it can do', () => {
  it('is not asked for whose patients these are and then for what is theirs', async () => {
    fails(/\?/);
    expect(await run({ cache, fhir })).toEqual(FAILED);
    expect(await cache.read.run()).toMatchObject({ complete: false, planned: false });
    expect(searches(server.requests).length).toBeLessThan(20);
  });

  it('is left alone after a few requests, also where it told whose patients these are', async () => {
    fails(/(?:patient=|_id=|_history|status=active)/);
    expect(await run({ cache, fhir })).toEqual(FAILED);
    expect((await cache.read.run()).complete).toBe(false);
    expect(searches(server.requests).length).toBeLessThan(30);
    server.faults.clear();
    // It goes on with the plan, of which something was left out; the next run fetches that.
    expect(await run({ cache, fhir })).toEqual(FAILED);
    time += 10 * MINUTE;
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });
});
