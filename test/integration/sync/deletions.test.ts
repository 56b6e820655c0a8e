import type { CareTeam, Observation, Patient, PractitionerRole } from 'fhir/r4';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Cache } from '../../../main/cache/client.ts';
import { CodedError } from '../../../main/cache/store-error.ts';
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

describe('a Group or List that policy names', () => {
  let server: DevServer;
  beforeAll(async () => {
    server = await startServer({ patients: 3, seed: 12, clock: () => new Date(time) });
    for (const id of ['in-group', 'in-list', 'inactive', 'struck', 'nowhere']) server.store.put(newPatient(id));
    server.store.put({
      resourceType: 'Group',
      id: 'ward',
      active: true,
      type: 'person',
      actual: true,
      member: [
        { entity: { reference: 'Patient/in-group' } },
        { entity: { reference: 'Patient/inactive' }, inactive: true },
      ],
    });
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
    server.store.remove('List', 'round');
    await run({ cache, fhir, policy });
    expect(await cache.read.panel()).toEqual([...panelOf(server), 'in-group'].sort());
    await run({ cache, fhir });
    expect(await cache.read.panel()).toEqual(panelOf(server));
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

  it('has nothing to say where the history of the type tells it', async () => {
    const { server, cache, again, unknown } = await start({});
    server.store.remove('Observation', 'wrong');
    time += DAY;
    expect(await again(refusing('Observation'))).toEqual({ ok: true });
    expect(await unknown()).toEqual([]);
    expect(await cache.read.resource({ type: 'Observation', id: 'wrong' })).toBeNull();
  });
});
