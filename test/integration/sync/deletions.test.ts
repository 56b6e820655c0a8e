import type { CareTeam, Group, Observation, Patient, PractitionerRole, Reference } from 'fhir/r4';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Cache } from '../../../main/cache/client.ts';
import { CodedError } from '../../../main/cache/store-error.ts';
import { parseScopes } from '../../../main/identity/scopes.ts';
import { type DevServer, type Dialect, startServer } from '../../server/index.ts';
import { seesAll } from '../cache/support.ts';
import {
  cachedRecords,
  changing,
  expectedRecords,
  type Fetch,
  fhirFor,
  openCache,
  panelOf,
  run,
  searches,
} from './support.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
let time = Date.parse('2031-03-04T05:06:07.890Z');

/** The kinds of server that tell of deletions differently. */
const kinds: [string, Partial<Dialect>][] = [
  ['that tells the history of a type', {}],
  ['that tells it without times', { historyTimes: false }],
  ['that does not', { typeHistory: false }],
  ['without any history, which answers 404 for what was deleted', { history: false, typeHistory: false }],
];

function observation(patient: string, id: string): Observation {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: 'Sodium' },
    subject: { reference: `Patient/${patient}` },
  };
}

const NOTHING_FOUND = '{"resourceType":"Bundle","type":"searchset"}';

const newPatient = (id: string): Patient => ({ resourceType: 'Patient', id, name: [{ family: 'New', given: [id] }] });

function team(patient: string, member: string, change: Partial<CareTeam> = {}): CareTeam {
  return {
    resourceType: 'CareTeam',
    id: `team-of-${patient}`,
    status: 'active',
    subject: { reference: `Patient/${patient}` },
    participant: [{ member: { reference: member } }],
    ...change,
  };
}

describe.each(kinds)('with a server %s', (_kind, dialect) => {
  let server: DevServer;
  beforeAll(async () => {
    server = await startServer({ patients: 3, seed: 11, clock: () => new Date(time), dialect });
  });
  beforeEach(() => {
    time += DAY;
    server.requests.length = 0;
  });
  afterAll(() => server.stop());

  async function synced(): Promise<Cache> {
    const cache = await openCache();
    expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
    server.requests.length = 0;
    return cache;
  }

  const again = async (cache: Cache, fetch?: Fetch) =>
    expect(await run({ cache, fhir: await fhirFor(server, fetch ? { fetch } : {}) })).toEqual({ ok: true });

  it('removes what was deleted there: at once where the history tells it, within a day where it does not', async () => {
    const [patient = ''] = panelOf(server);
    server.store.put(observation(patient, 'wrong'));
    const cache = await synced();
    time += MINUTE;
    server.store.remove('Observation', 'wrong');
    time += MINUTE;
    await again(cache);
    const tells = dialect.typeHistory !== false;
    expect(await cache.read.resource({ type: 'Observation', id: 'wrong' })).toEqual(tells ? null : expect.any(String));
    time += DAY;
    await again(cache);
    expect(await cache.read.resource({ type: 'Observation', id: 'wrong' })).toBeNull();
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('removes a name or place that was deleted, within a day at the latest', async () => {
    const [patient = ''] = panelOf(server);
    server.store.put({ resourceType: 'Location', id: 'closed', name: 'Old wing' });
    server.store.put({
      resourceType: 'Encounter',
      id: 'there',
      status: 'finished',
      class: { code: 'IMP' },
      subject: { reference: `Patient/${patient}` },
      location: [{ location: { reference: 'Location/closed' } }],
    });
    const cache = await synced();
    expect(await cache.read.resource({ type: 'Location', id: 'closed' })).not.toBeNull();
    server.store.remove('Location', 'closed');
    time += DAY;
    await again(cache);
    expect(await cache.read.resource({ type: 'Location', id: 'closed' })).toBeNull();
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('keeps what a search does not return any longer, while a read by its id does', async () => {
    const [patient = ''] = panelOf(server);
    server.store.put(observation(patient, 'hidden'));
    const cache = await synced();
    const hiding = changing((url, text) => {
      if (!url.pathname.endsWith('/Observation')) return text;
      const bundle = JSON.parse(text) as { entry?: { resource: { id: string } }[] };
      return JSON.stringify({ ...bundle, entry: bundle.entry?.filter(({ resource }) => resource.id !== 'hidden') });
    });
    time += DAY;
    await again(cache, hiding);
    expect(searches(server.requests)).toContain('Observation/hidden');
    expect(await cache.read.resource({ type: 'Observation', id: 'hidden' })).not.toBeNull();
    server.store.remove('Observation', 'hidden');
    time += DAY;
    await again(cache);
  });

  it('finds what no search for changes has brought: by the comparison of ids and versions', async () => {
    const [patient = ''] = panelOf(server);
    const cache = await synced();
    time += MINUTE;
    server.store.put(observation(patient, 'unnoticed'));
    time += 10 * MINUTE;
    // The search for changes misses it, and the next one asks from a later time.
    const missing = changing((url, text) => (url.searchParams.has('_lastUpdated') ? NOTHING_FOUND : text));
    await again(cache, missing);
    time += 10 * MINUTE;
    await again(cache);
    expect(await cache.read.resource({ type: 'Observation', id: 'unnoticed' })).toBeNull();
    time += DAY;
    await again(cache);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('has what was deleted and written again', async () => {
    const [patient = ''] = panelOf(server);
    server.store.put(observation(patient, 'twice'));
    const cache = await synced();
    for (const pause of [10, MINUTE, DAY]) {
      time += pause;
      server.store.remove('Observation', 'twice');
      time += 10;
      server.store.put(observation(patient, 'twice'));
      await again(cache);
      expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
      time += pause;
      server.store.remove('Observation', 'twice');
      await again(cache);
      time += MINUTE;
      server.store.put(observation(patient, 'twice'));
      time += MINUTE;
      await again(cache);
      expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    }
    server.store.remove('Observation', 'twice');
  });

  describe('security: a patient is lost with the next sync', () => {
    beforeEach(() => {
      server.store.put(newPatient('lost'));
    });

    it.each<[string, () => void]>([
      ['when the clinician is struck from the team', () => server.store.put(team('lost', 'Practitioner/someone-else'))],
      ['when the team is deleted', () => server.store.remove('CareTeam', 'team-of-lost')],
    ])('security: %s', async (_how, change) => {
      server.store.put(team('lost', 'Practitioner/dev-osei'));
      const cache = await synced();
      expect(await cache.read.panel()).toContain('lost');
      time += MINUTE;
      change();
      const told: string[] = [];
      await run({ cache, fhir: await fhirFor(server), onChanged: (patients) => told.push(...patients) });
      expect(await cache.read.panel()).not.toContain('lost');
      // The page that shows the patient is told, so that it asks again and is denied.
      expect(told).toContain('lost');
      server.store.remove('CareTeam', 'team-of-lost');
    });

    it.each(['has ended', 'was deleted'])(
      'security: when the role by which the clinician was on the team %s',
      async (how) => {
        const role = (active: boolean): PractitionerRole => ({
          resourceType: 'PractitionerRole',
          id: 'role-of-osei',
          active,
          practitioner: { reference: 'Practitioner/dev-osei' },
        });
        server.store.put(role(true));
        server.store.put(team('lost', 'PractitionerRole/role-of-osei'));
        const cache = await synced();
        expect(await cache.read.panel()).toContain('lost');
        time += MINUTE;
        if (how === 'has ended') server.store.put(role(false));
        else server.store.remove('PractitionerRole', 'role-of-osei');
        await again(cache);
        expect(await cache.read.panel()).not.toContain('lost');
        server.store.remove('CareTeam', 'team-of-lost');
        server.store.remove('PractitionerRole', 'role-of-osei');
      },
    );

    it('security: a team that the server only fails to name in its search is still a team', async () => {
      server.store.put(team('lost', 'Practitioner/dev-osei'));
      const cache = await synced();
      time += MINUTE;
      await again(
        cache,
        changing((url, text) =>
          url.pathname.endsWith('/CareTeam') ? '{"resourceType":"Bundle","type":"searchset"}' : text,
        ),
      );
      expect(await cache.read.panel()).toEqual(panelOf(server));
      server.store.remove('CareTeam', 'team-of-lost');
    });
  });
});

/** The Group that policy names, and who is in it no longer. */
function ward(...left: readonly Reference[]): Group {
  const members = [
    { entity: { reference: 'Patient/in-group' } },
    ...left.map((entity) => ({ entity, inactive: true })),
  ];
  return { resourceType: 'Group', id: 'ward', active: true, type: 'person', actual: true, member: members };
}

describe('a Group or List that policy names', () => {
  let server: DevServer;
  beforeAll(async () => {
    server = await startServer({ patients: 3, seed: 12, clock: () => new Date(time) });
    for (const id of ['in-group', 'in-list', 'inactive', 'struck', 'nowhere']) server.store.put(newPatient(id));
    server.store.put(ward({ reference: 'Patient/inactive' }));
    server.store.put({
      resourceType: 'List',
      id: 'round',
      status: 'current',
      mode: 'changes',
      entry: [{ item: { reference: 'Patient/in-list' } }, { item: { reference: 'Patient/struck' }, deleted: true }],
    });
  });
  afterAll(() => server.stop());

  it('adds its patients to the clinician’s, and takes them away with them', async () => {
    const cache = await openCache();
    const policy = { panel: { group: 'ward', list: 'round' } };
    const fhir = await fhirFor(server);
    expect(await run({ cache, fhir, policy })).toEqual({ ok: true });
    const added = ['in-group', 'in-list'];
    expect(await cache.read.panel()).toEqual([...panelOf(server), ...added].sort());
    expect(await cache.read.resource({ type: 'Patient', id: 'in-group' })).not.toBeNull();
    time += MINUTE;
    server.store.put({ resourceType: 'List', id: 'round', status: 'current', mode: 'changes', entry: [] });
    expect(await run({ cache, fhir, policy })).toEqual({ ok: true });
    expect(await cache.read.panel()).toEqual([...panelOf(server), 'in-group'].sort());
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    expect(await cache.read.panel()).toEqual(panelOf(server));
  });
});

describe('who is on the panel, where the server does not tell it', () => {
  let server: DevServer;
  const both = { panel: { group: 'ward', list: null }, retentionDays: 0 };
  const WITHOUT_TEAMS = 'user/Group.rs user/Patient.rs user/Observation.rs';
  const WITHOUT_GROUP = 'user/CareTeam.rs user/Patient.rs user/Observation.rs';
  beforeEach(async () => {
    time += DAY;
    server = await startServer({ patients: 3, seed: 12, clock: () => new Date(time) });
    server.store.put(newPatient('in-group'));
    server.store.put(ward());
    time += MINUTE;
    // By the newest record a server is known.
    server.store.put(observation(panelOf(server)[0] ?? '', 'newest'));
    onTestFinished(() => server.stop());
  });

  /** A cache with the patients of the teams and of the Group. */
  async function synced(): Promise<Cache> {
    const cache = await openCache();
    expect(await run({ cache, fhir: await fhirFor(server), policy: both })).toEqual({ ok: true });
    time += 10 * MINUTE;
    return cache;
  }

  async function keepsAll(cache: Cache) {
    expect(await cache.read.panel()).toEqual([...panelOf(server), 'in-group'].sort());
    expect(await cachedRecords(cache)).toEqual(expect.arrayContaining(expectedRecords(server)));
    expect(await cache.read.resource({ type: 'Patient', id: 'in-group' })).not.toBeNull();
  }

  it.each<[string, string, (server: DevServer) => void, string?]>([
    ['refuses the Group', 'server-refused', () => refuse('/fhir/Group')],
    ['refuses the care teams', 'server-refused', () => refuse('/fhir/CareTeam')],
    ['has the Group no longer', 'panel-missing', ({ store }) => void store.remove('Group', 'ward')],
    ['has forgotten the Group', 'panel-missing', () => refuse('/fhir/Group', 404)],
    ['may not be asked for the Group any longer', 'server-refused', () => undefined, WITHOUT_GROUP],
    ['may not be asked for care teams any longer', 'server-refused', () => undefined, WITHOUT_TEAMS],
  ])('stays what it was, where the server %s, and nobody is purged', async (_how, code, change, scope) => {
    const cache = await synced();
    change(server);
    const fhir = await fhirFor(server, scope === undefined ? {} : { scope });
    const scopes = scope === undefined ? undefined : parseScopes(scope);
    for (let runs = 0; runs < 2; runs += 1) {
      expect(await run({ cache, fhir, scopes, policy: both })).toMatchObject({ ok: false, error: { code } });
      await keepsAll(cache);
    }
    server.faults.clear();
    if (code === 'panel-missing' && !server.store.read('Group', 'ward')) return;
    // As soon as it tells it again, however short a time later.
    expect(await run({ cache, fhir: await fhirFor(server), policy: both })).toEqual({ ok: true });
    await keepsAll(cache);
  });

  function refuse(path: string, status: 403 | 404 = 403) {
    server.faults.add({ kind: 'status', status, match: (request) => request.path.startsWith(path) });
  }

  it('stays what it was, where the server refuses the role by which the clinician is on a team', async () => {
    const role: PractitionerRole = {
      resourceType: 'PractitionerRole',
      id: 'role-of-osei',
      active: true,
      practitioner: { reference: 'Practitioner/dev-osei' },
    };
    server.store.put(role);
    server.store.put(newPatient('by-role'));
    server.store.put(team('by-role', 'PractitionerRole/role-of-osei'));
    const cache = await synced();
    expect(await cache.read.panel()).toContain('by-role');
    refuse('/fhir/PractitionerRole');
    expect(await run({ cache, fhir: await fhirFor(server), policy: both })).toMatchObject({
      ok: false,
      error: { code: 'server-refused' },
    });
    expect(await cache.read.panel()).toContain('by-role');
  });

  it.each([
    ['care teams', WITHOUT_TEAMS, ['in-group']],
    ['the Group', WITHOUT_GROUP, null],
  ])('comes from the other source, where the sign-in never covered %s', async (_what, scope, panel) => {
    const cache = await openCache();
    const fhir = await fhirFor(server, { scope });
    for (let runs = 0; runs < 2; runs += 1) {
      expect(await run({ cache, fhir, scopes: parseScopes(scope), policy: both })).toEqual({ ok: true });
      expect(await cache.read.panel()).toEqual(panel ?? panelOf(server));
      time += 10 * MINUTE;
    }
  });

  it('is not taken for empty, where the sign-in covers no source of it', async () => {
    const cache = await openCache();
    const scope = 'user/Patient.rs user/Observation.rs';
    const fhir = await fhirFor(server, { scope });
    expect(await run({ cache, fhir, scopes: parseScopes(scope), policy: both })).toMatchObject({
      ok: false,
      error: { code: 'server-refused' },
    });
  });
});

describe('a record that cannot be used', () => {
  let server: DevServer;
  let cache: Cache;
  beforeEach(async () => {
    server = await startServer({ patients: 2, seed: 11, clock: () => new Date(time) });
    onTestFinished(() => server.stop());
    cache = await openCache();
    expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
    time += MINUTE;
    const [patient = ''] = panelOf(server);
    server.store.put(observation(patient, 'broken'));
    server.store.put(observation(patient, 'sound'));
    time += 10 * MINUTE;
    await again((url, text) => (url.searchParams.has('_lastUpdated') ? NOTHING_FOUND : text));
    time += DAY;
  });

  const INVALID = { ok: false, error: { code: 'server-answer-invalid', retryAfter: null } };

  async function again(change: (url: URL, text: string) => string, result: object = { ok: true }) {
    server.requests.length = 0;
    expect(await run({ cache, fhir: await fhirFor(server, { fetch: changing(change) }) })).toEqual(result);
  }

  const isHere = async (id: string) => (await cache.read.resource({ type: 'Observation', id })) !== null;
  const isRead = (url: URL) => url.pathname.endsWith('/Observation/broken');
  const breaking = (text: string) => text.replace('"id":"broken"', '"id":"broken","x":01');
  const leaf = (text: string, id: string) => text.replace('"id":"broken"', `"id":"${id}"`);

  it.each<[string, object, (url: URL, text: string) => string]>([
    ['that is no JSON, in a comparison', { ok: true }, (_url, text) => breaking(text)],
    ['that is no JSON, where it is read by its id', INVALID, (url, text) => (isRead(url) ? breaking(text) : text)],
    ['in whose place another one is answered', INVALID, (url, text) => (isRead(url) ? leaf(text, 'survivor') : text)],
  ])(
    '%s, keeps no other from being fetched, and nothing from being known as not whole',
    async (_what, result, change) => {
      for (let runs = 0; runs < 3; runs += 1) {
        await again(change, result);
        expect([await isHere('sound'), await isHere('broken'), await isHere('survivor')]).toEqual([true, false, false]);
        expect((await cache.read.run()).whole).toBe(false);
        time += 10 * MINUTE;
      }
    },
  );

  it('is asked for again with each run, until it can be read', async () => {
    const change = (url: URL, text: string) => (isRead(url) ? breaking(text) : text);
    await again(change, INVALID);
    time += 10 * MINUTE;
    await again(change, INVALID);
    expect(searches(server.requests).filter((path) => path === 'Observation/broken')).toHaveLength(1);
    expect((await cache.read.run()).whole).toBe(false);
    time += 10 * MINUTE;
    await again((_url, text) => text);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    expect((await cache.read.run()).whole).toBe(true);
    time += 10 * MINUTE;
    await again((_url, text) => text);
    expect(searches(server.requests)).not.toContain('Observation/broken');
  });

  it('among the care teams takes nobody off the panel', async () => {
    const broken = `{"resourceType":"CareTeam","id":"team","x":01}`;
    await again((url, text) =>
      url.pathname.endsWith('/CareTeam')
        ? `{"resourceType":"Bundle","type":"searchset","entry":[{"resource":${broken}}]}`
        : text,
    );
    expect(await cache.read.panel()).toEqual(panelOf(server));
  });
});

describe('a record of somebody else’s patient', () => {
  let server: DevServer;
  let cache: Cache;
  beforeEach(() => begin());

  async function begin(dialect: Partial<Dialect> = {}) {
    time += DAY;
    server = await startServer({ patients: 2, seed: 11, clock: () => new Date(time), dialect });
    onTestFinished(() => server.stop());
    cache = await openCache();
    server.store.put(newPatient('stranger'));
    server.store.put(observation(panelOf(server)[0] ?? '', 'misfiled'));
  }

  const synced = async (fetch?: Fetch) =>
    expect(await run({ cache, fhir: await fhirFor(server, fetch ? { fetch } : {}) })).toEqual({ ok: true });
  const held = () => cache.read.resource({ type: 'Observation', id: 'misfiled' });

  it('security: does not stay where it was filed on the wrong patient, and is corrected', async () => {
    await synced();
    expect(await held()).not.toBeNull();
    time += MINUTE;
    server.store.put(observation('stranger', 'misfiled'));
    time += DAY;
    await synced();
    expect(await held()).toBeNull();
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    // It comes back with the next correction.
    server.store.put(observation(panelOf(server)[0] ?? '', 'misfiled'));
    time += DAY;
    await synced();
    expect(await held()).not.toBeNull();
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it.each([
    ['filed elsewhere', true, false],
    ['filed elsewhere', false, false],
    ['filed elsewhere', true, true],
    ['deleted', true, false],
    ['deleted', false, false],
    ['deleted', false, true],
  ])(
    'security: that was %s goes with the next run where a history tells of it (times: %s), before the section says to be whole (it was: %s)',
    async (what, historyTimes, isGap) => {
      await begin({ historyTimes });
      const [patient = ''] = panelOf(server);
      await synced();
      if (isGap) {
        // It is fetched whole again, in several searches.
        time += 10 * MINUTE;
        server.faults.add({ kind: 'status', status: 500, match: ({ path }) => path.includes('/Observation?') });
        expect((await run({ cache, fhir: await fhirFor(server) })).ok).toBe(false);
        server.faults.clear();
      }
      time += 10 * MINUTE;
      if (what === 'deleted') server.store.remove('Observation', 'misfiled');
      else server.store.put(observation('stranger', 'misfiled'));
      time += 10 * MINUTE;
      const fhir = await fhirFor(server);
      const { asOf } = await cache.read.run();
      const claims = new Set<string | null | undefined>();
      const get: typeof fhir.get = async (...asked) => {
        const sections = (await cache.read.knownSections({ ...seesAll, patientId: patient })) ?? [];
        const section = sections.find(({ resourceType }) => resourceType === 'Observation');
        if ((await held()) && section?.state === 'complete') claims.add(section.asOf);
        return fhir.get(...asked);
      };
      server.requests.length = 0;
      expect(await run({ cache, fhir: { ...fhir, get } })).toEqual({ ok: true });
      expect([...claims]).toEqual(isGap ? [] : [asOf]);
      expect(await held()).toBeNull();
      expect(searches(server.requests).filter((path) => path.includes('_elements='))).toEqual([]);
      const sections = (await cache.read.knownSections({ ...seesAll, patientId: patient })) ?? [];
      const { asOf: now } = await cache.read.run();
      expect(new Set(sections.map((section) => section.asOf))).toEqual(new Set([now]));
      // What a search has brought is not asked for a second time.
      if (what === 'deleted') return;
      server.store.put(observation(patient, 'misfiled'));
      time += 10 * MINUTE;
      server.requests.length = 0;
      await synced();
      expect(searches(server.requests)).not.toContain('Observation/misfiled');
      expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    },
  );

  it('security: puts what the clinician has changed of it meanwhile in doubt with the next run', async () => {
    const [patientId = ''] = panelOf(server);
    await synced();
    const added = await cache.outbox.add({
      ...{ patientId, type: 'Observation', resourceId: 'misfiled', action: 'update' },
      baseVersionId: await cache.read.version({ type: 'Observation', id: 'misfiled' }),
      body: JSON.stringify({ ...observation(patientId, 'misfiled'), status: 'amended' }),
      ...{ title: 'Sodium', author: 'Practitioner/dev-osei', changedAt: new Date(time).toISOString() },
    });
    expect(added.ok).toBe(true);
    time += 10 * MINUTE;
    server.store.put(observation('stranger', 'misfiled'));
    time += 10 * MINUTE;
    await synced();
    expect(await cache.outbox.counts()).toMatchObject({ waiting: 0, conflicts: 1 });
  });

  it('security: that a search brought all the same goes once policy’s days are over', async () => {
    const resource = observation('stranger', 'leaked');
    await synced(
      changing((url, text) => {
        if (!url.pathname.endsWith('/Observation')) return text;
        const bundle = JSON.parse(text) as { entry?: object[] };
        return JSON.stringify({ ...bundle, entry: [...(bundle.entry ?? []), { resource }] });
      }),
    );
    const isHere = async () => (await cache.read.resource({ type: 'Observation', id: 'leaked' })) !== null;
    expect(await isHere()).toBe(true);
    time += 31 * DAY;
    await synced();
    expect(await isHere()).toBe(false);
  });
});

describe('hundreds of records that only a comparison finds', () => {
  const ids = Array.from({ length: 450 }, (_, at) => `unnoticed-${at}`);

  /** A cache whose next run compares, and then asks for each of them. */
  async function start() {
    const server = await startServer({ patients: 1, seed: 11, clock: () => new Date(time) });
    onTestFinished(() => server.stop());
    const cache = await openCache();
    const again = async (fetch?: Fetch) =>
      expect(await run({ cache, fhir: await fhirFor(server, fetch ? { fetch } : {}) })).toEqual({ ok: true });
    await again();
    time += MINUTE;
    for (const id of ids) server.store.put(observation(panelOf(server)[0] ?? '', id));
    time += 10 * MINUTE;
    await again(changing((url, text) => (url.searchParams.has('_lastUpdated') ? NOTHING_FOUND : text)));
    time += DAY;
    server.requests.length = 0;
    return { server, cache, again };
  }

  it('are asked for once each', async () => {
    const { server, cache, again } = await start();
    await again();
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    const asked = server.requests.flatMap(({ path }) => /Observation\/(unnoticed-\d+)$/.exec(path)?.[1] ?? []);
    expect(asked.toSorted()).toEqual(ids.toSorted());
  });

  it('leave nothing under way where the cache stops telling of them: the run ends with its last request', async () => {
    const { server, cache, again } = await start();
    const fhir = await fhirFor(server);
    let underWay = 0;
    const counting: typeof fhir = {
      ...fhir,
      async get(...asked) {
        underWay += 1;
        return fhir.get(...asked).finally(() => {
          underWay -= 1;
        });
      },
    };
    const failing: Cache = {
      ...cache,
      read: {
        ...cache.read,
        async tasks(filter) {
          if (filter.phase === 'check' && (filter.after ?? -1) >= 0) throw new CodedError('reader-ended');
          return cache.read.tasks(filter);
        },
      },
    };
    await expect(run({ cache: failing, fhir: counting })).rejects.toMatchObject({ code: 'reader-ended' });
    expect(underWay).toBe(0);
    // The next run goes on where this one ended.
    await again();
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });
});

describe('a patient who has left the panel', () => {
  let server: DevServer;
  beforeAll(async () => {
    server = await startServer({ patients: 3, seed: 13, clock: () => new Date(time) });
  });
  afterAll(() => server.stop());

  async function left(): Promise<Cache> {
    time += DAY;
    server.store.put(newPatient('leaver'));
    server.store.put(observation('leaver', 'of-leaver'));
    server.store.put(team('leaver', 'Practitioner/dev-osei'));
    const cache = await openCache();
    expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
    time += MINUTE;
    server.store.put(team('leaver', 'Practitioner/someone-else'));
    expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
    return cache;
  }

  const later = async (cache: Cache, days: number) => {
    time += days * DAY;
    expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
  };

  const isHere = async (cache: Cache) => (await cache.read.resource({ type: 'Observation', id: 'of-leaver' })) !== null;

  it('security: is purged with everything once policy’s days are over by the server’s clock, and not before', async () => {
    const cache = await left();
    await later(cache, 29);
    expect(await isHere(cache)).toBe(true);
    await later(cache, 1);
    expect(await isHere(cache)).toBe(false);
    const types = ['Patient', 'Observation', 'CareTeam'];
    const left2 = (await cache.read.versions()).filter(({ type, id }) => types.includes(type) && id.includes('leaver'));
    expect(left2).toEqual([]);
    expect(await cache.read.chartSummary({ ...seesAll, patientId: 'leaver' })).toBeNull();
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('security: is asked for no more, not by the ids of her records either, and spoils nobody else’s', async () => {
    const cache = await left();
    // One of hers could not be read while she was on the panel, and another is changed.
    server.store.put({ ...observation('leaver', 'of-leaver'), status: 'amended' });
    time += 10 * MINUTE;
    server.requests.length = 0;
    expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
    expect(searches(server.requests)).not.toContain('Observation/of-leaver');
  });

  it('security: leaves with what could not be read of her', async () => {
    time += DAY;
    server.store.put(newPatient('leaver'));
    server.store.put(observation('leaver', 'of-leaver'));
    server.store.put(team('leaver', 'Practitioner/dev-osei'));
    const cache = await openCache();
    const fhir = await fhirFor(server);
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    time += 10 * MINUTE;
    server.store.put({ ...observation('leaver', 'of-leaver'), status: 'amended' });
    const hiding = changing((url, text) => (url.searchParams.has('_lastUpdated') ? NOTHING_FOUND : text));
    server.faults.add({ kind: 'status', status: 500, match: ({ path }) => path.endsWith('/Observation/of-leaver') });
    expect((await run({ cache, fhir: await fhirFor(server, { fetch: hiding }) })).ok).toBe(false);
    server.store.put(team('leaver', 'Practitioner/someone-else'));
    // Purged in the run in which she leaves.
    const policy = { retentionDays: 0 };
    for (let runs = 0; runs < 2; runs += 1) {
      time += 10 * MINUTE;
      expect(await run({ cache, fhir, policy })).toEqual({ ok: true });
      expect((await cache.read.run()).whole).toBe(true);
    }
    server.faults.clear();
  });

  it('security: is not brought back by a care team of hers that is over', async () => {
    const cache = await left();
    server.store.put({ ...team('leaver', 'Practitioner/dev-osei'), status: 'inactive' });
    await later(cache, 31);
    await later(cache, 1);
    await later(cache, 1);
    expect((await cache.read.versions()).filter(({ id }) => id.includes('leaver'))).toEqual([]);
    // Nor by one of which the time is over, or has not come.
    const period = { end: new Date(time - DAY).toISOString() };
    server.store.put({ ...team('leaver', 'Practitioner/dev-osei'), period });
    await later(cache, 1);
    expect((await cache.read.versions()).filter(({ id }) => id.includes('leaver'))).toEqual([]);
    const start = new Date(time + 1.5 * DAY).toISOString();
    server.store.put({ ...team('leaver', 'Practitioner/dev-osei'), period: { start } });
    await later(cache, 1);
    expect(await cache.read.panel()).not.toContain('leaver');
    await later(cache, 1);
    expect(await cache.read.panel()).toContain('leaver');
    server.store.remove('CareTeam', 'team-of-leaver');
  });

  it('is not purged while a change of the clinician’s is unsent', async () => {
    const cache = await left();
    const added = await cache.outbox.add({
      patientId: 'leaver',
      type: 'Observation',
      resourceId: 'of-leaver',
      action: 'update',
      baseVersionId: (await cache.read.version({ type: 'Observation', id: 'of-leaver' })) ?? '',
      body: JSON.stringify({ ...observation('leaver', 'of-leaver'), status: 'amended' }),
      title: 'Sodium',
      author: 'Practitioner/dev-osei',
      changedAt: new Date(time).toISOString(),
    });
    expect(added.ok).toBe(true);
    await later(cache, 40);
    expect(await isHere(cache)).toBe(true);
  });

  it('and returns is fetched whole, without what was deleted meanwhile', async () => {
    server.store.put(observation('leaver', 'deleted-meanwhile'));
    const cache = await left();
    expect(await cache.read.resource({ type: 'Observation', id: 'deleted-meanwhile' })).not.toBeNull();
    time += MINUTE;
    server.store.put(observation('leaver', 'written-meanwhile'));
    server.store.remove('Observation', 'deleted-meanwhile');
    await later(cache, 10);
    server.store.put(team('leaver', 'Practitioner/dev-osei'));
    await later(cache, 10);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    expect(await cachedRecords(cache)).toContain('Observation/written-meanwhile 1');
  });
});

describe('a kind of record whose deletions the server does not tell', () => {
  const silent = { history: false, typeHistory: false };
  /** A server that lets no ids be compared of a type. */
  const refusing =
    (type: string): Fetch =>
    (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      const isRefused = url.includes(`/${type}?`) && url.includes('_elements=');
      return isRefused ? Promise.resolve(dated(400)) : fetch(input, init);
    };
  const dated = (status: number) =>
    new Response('{}', { status, headers: { date: new Date(time).toUTCString(), 'content-type': 'application/json' } });

  async function start(dialect: Partial<Dialect>) {
    time += DAY;
    const server = await startServer({ patients: 3, seed: 11, clock: () => new Date(time), dialect });
    onTestFinished(() => server.stop());
    const [patient = ''] = panelOf(server);
    server.store.put(observation(patient, 'wrong'));
    const cache = await openCache();
    const again = async (fetch?: Fetch) => run({ cache, fhir: await fhirFor(server, fetch ? { fetch } : {}) });
    expect(await again()).toEqual({ ok: true });
    const unknown = async () => {
      const sections = (await cache.read.knownSections({ ...seesAll, patientId: patient })) ?? [];
      return sections.filter(({ deletionsUnknown }) => deletionsUnknown).map(({ resourceType }) => resourceType);
    };
    /** What a card of the chart says. */
    const card = async () =>
      (await cache.read.chartSummary({ ...seesAll, patientId: patient }))?.results.deletionsUnknown;
    return { server, cache, again, unknown, card };
  }

  it('says so from the first comparison on that is refused, and until one is made', async () => {
    const { server, cache, again, unknown, card } = await start(silent);
    expect(await unknown()).toEqual([]);
    expect(await card()).toBe(false);
    server.store.remove('Observation', 'wrong');
    time += DAY;
    // Everything else is fetched and compared as ever.
    expect(await again(refusing('Observation'))).toEqual({ ok: true });
    expect(await unknown()).toEqual(['Observation']);
    expect((await cache.read.run()).deletionsKnown).toBe(false);
    expect(await card()).toBe(true);
    time += MINUTE;
    // Changes that are fetched tell nothing of what is gone.
    expect(await again(refusing('Observation'))).toEqual({ ok: true });
    expect(await unknown()).toEqual(['Observation']);
    expect(await cache.read.resource({ type: 'Observation', id: 'wrong' })).not.toBeNull();
    time += DAY;
    expect(await again()).toEqual({ ok: true });
    expect(await unknown()).toEqual([]);
    expect((await cache.read.run()).deletionsKnown).toBe(true);
    expect(await card()).toBe(false);
    expect(await cache.read.resource({ type: 'Observation', id: 'wrong' })).toBeNull();
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('says so of one patient only, where a comparison is refused for her', async () => {
    const { server, cache, again } = await start(silent);
    const [, ...others] = panelOf(server);
    const hidden = others.at(-1) ?? '';
    server.store.remove('Observation', 'wrong');
    time += DAY;
    const refusingOne: Fetch = (input, init) => {
      const url = decodeURIComponent(input instanceof Request ? input.url : String(input));
      const isRefused =
        url.includes('/Observation?') && url.includes('_elements=') && url.includes(`Patient/${hidden}`);
      return isRefused ? Promise.resolve(dated(403)) : fetch(input, init);
    };
    expect(await again(refusingOne)).toEqual({ ok: true });
    expect(await cache.read.resource({ type: 'Observation', id: 'wrong' })).toBeNull();
    const unknownOf = async (patientId: string) =>
      (await cache.read.chartSummary({ ...seesAll, patientId }))?.results.deletionsUnknown;
    for (const id of panelOf(server)) expect([id, await unknownOf(id)]).toEqual([id, id === hidden]);
  });

  it('says so until the next run only, where the server fails at the comparison once', async () => {
    const { server, cache, again, unknown } = await start(silent);
    server.store.remove('Observation', 'wrong');
    time += DAY;
    server.faults.add({
      kind: 'status',
      status: 500,
      match: ({ path }) => path.includes('/Observation?') && path.includes('_elements='),
    });
    expect(await again()).toMatchObject({ ok: false, error: { code: 'server-error' } });
    expect(await unknown()).toEqual(['Observation']);
    server.faults.clear();
    const compared = async () => {
      time += 10 * MINUTE;
      server.requests.length = 0;
      expect(await again()).toEqual({ ok: true });
      const paths = searches(server.requests).filter((path) => path.includes('_elements='));
      return [...new Set(paths.map((path) => path.slice(0, path.indexOf('?'))))];
    };
    expect(await compared()).toEqual(['Observation']);
    expect(await unknown()).toEqual([]);
    expect((await cache.read.run()).deletionsKnown).toBe(true);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    expect(await compared()).toEqual([]);
    // All others are compared when they would have been.
    time += DAY - 30 * MINUTE;
    expect((await compared()).length).toBeGreaterThan(10);
  });

  it('is asked for once more only where the server fails at it each time', async () => {
    const { server, again } = await start(silent);
    const [patient = ''] = panelOf(server);
    time += DAY;
    const isCompared = (path: string) => path.includes('Observation?') && path.includes('_elements=');
    server.faults.add({ kind: 'status', status: 500, match: ({ path }) => isCompared(path) && path.includes(patient) });
    const compared: boolean[] = [];
    for (let runs = 0; runs < 4; runs += 1) {
      server.requests.length = 0;
      await again();
      compared.push(searches(server.requests).some(isCompared));
      time += 10 * MINUTE;
    }
    expect(compared).toEqual([true, true, false, false]);
  });

  it('has nothing to say where the history of the type tells it', async () => {
    const { server, cache, again, unknown } = await start({});
    server.store.remove('Observation', 'wrong');
    time += DAY;
    expect(await again(refusing('Observation'))).toEqual({ ok: true });
    expect(await unknown()).toEqual([]);
    expect(await cache.read.resource({ type: 'Observation', id: 'wrong' })).toBeNull();
  });
});
