import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseScopes } from '../../../main/identity/scopes.ts';
import { type DevServer, startServer } from '../../server/index.ts';
import { seesAll } from '../cache/support.ts';
import { type Fetch, fhirFor, openCache, panelOf, run } from './support.ts';

let server: DevServer;
beforeAll(async () => {
  server = await startServer({ patients: 4, seed: 5, now: '2026-11-01T08:00:00Z' });
});
afterAll(() => server.stop());
beforeEach(() => {
  server.requests.length = 0;
});

const NARROW = 'user/Patient.rs user/CareTeam.rs user/Condition.rs user/Practitioner.read';
/** Types that were asked for, whether searched, read or compared. */
const asked = () =>
  new Set(server.requests.flatMap(({ path }) => /^\/fhir\/([A-Z][A-Za-z]+)/.exec(path)?.[1] ?? [])) as Set<string>;

describe('a sign-in that covers less than was asked for', () => {
  it('asks for nothing that it does not cover, and each section says "not permitted"', async () => {
    const cache = await openCache();
    const fhir = await fhirFor(server, { scope: NARROW });
    expect(await run({ cache, fhir, scopes: parseScopes(NARROW) })).toEqual({ ok: true });
    expect([...asked()].sort()).toEqual(['CareTeam', 'Condition', 'Patient', 'Practitioner']);
    const [patientId = ''] = panelOf(server);
    const chart = await cache.read.chartSummary({ ...seesAll, patientId });
    expect(chart?.problems.state).toBe('complete');
    for (const section of ['allergies', 'medications', 'results', 'notes', 'encounters'] as const) {
      expect([section, chart?.[section].state]).toEqual([section, 'not-permitted']);
    }
    expect(chart?.allergyStatement).toBe('not-permitted');
  });

  it('says so at once, before the records that it does cover have come', async () => {
    const cache = await openCache();
    const fhir = await fhirFor(server, { scope: NARROW });
    const stop = new AbortController();
    const [patientId = ''] = panelOf(server);
    const states: (string | undefined)[] = [];
    await run({
      cache,
      fhir: {
        ...fhir,
        async get(url, ...rest) {
          if (url.startsWith('Condition?')) {
            const sections = (await cache.read.knownSections({ ...seesAll, patientId })) ?? [];
            states.push(sections.find(({ resourceType }) => resourceType === 'DocumentReference')?.state);
            stop.abort();
          }
          return fhir.get(url, ...rest);
        },
      },
      scopes: parseScopes(NARROW),
      signal: stop.signal,
      concurrency: 1,
    });
    expect(states[0]).toBe('not-permitted');
  });

  it('is fetched whole once a later sign-in covers it, and compared no more than it covers', async () => {
    const cache = await openCache();
    const narrow = await fhirFor(server, { scope: NARROW });
    await run({ cache, fhir: narrow, scopes: parseScopes(NARROW) });
    server.requests.length = 0;
    // Long after, so that a comparison is due.
    const later = { sweepHours: 0 };
    expect(await run({ cache, fhir: narrow, scopes: parseScopes(NARROW), policy: later })).toEqual({ ok: true });
    expect([...asked()].sort()).toEqual(['CareTeam', 'Condition', 'Patient', 'Practitioner']);
    const wide = await fhirFor(server);
    expect(await run({ cache, fhir: wide, scopes: parseScopes('user/*.cruds') })).toEqual({ ok: true });
    const [patientId = ''] = panelOf(server);
    expect((await cache.read.chartSummary({ ...seesAll, patientId }))?.notes.state).toBe('complete');
  });
});

describe('a server that forbids a search', () => {
  /** Forbids the searches for allergies that are about any of these patients. */
  const forbidding = (patients: readonly string[]): Fetch => {
    return (input, init) => {
      const url = decodeURIComponent(String(input instanceof Request ? input.url : input));
      const isForbidden = url.includes('/AllergyIntolerance?') && patients.some((id) => url.includes(`Patient/${id}`));
      if (!isForbidden) return fetch(input, init);
      refused += 1;
      const headers = { date: new Date().toUTCString() };
      return Promise.resolve(Response.json({ resourceType: 'OperationOutcome' }, { status: 403, headers }));
    };
  };
  let refused = 0;
  beforeEach(() => {
    refused = 0;
  });

  it('for one of its patients does not keep the others’ allergies away', async () => {
    const cache = await openCache();
    const [hidden = '', ...others] = panelOf(server);
    expect(others.length).toBeGreaterThan(1);
    const fhir = await fhirFor(server, { fetch: forbidding([hidden]) });
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    const stateOf = async (patientId: string) =>
      (await cache.read.chartSummary({ ...seesAll, patientId }))?.allergies.state;
    expect(await stateOf(hidden)).toBe('not-permitted');
    for (const id of others) expect([id, await stateOf(id)]).toEqual([id, 'complete']);
    // From now on it is asked for by itself.
    refused = 0;
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    expect(refused).toBe(1);
  });

  it('for all of them is asked few times more', async () => {
    const cache = await openCache();
    const panel = panelOf(server);
    const fhir = await fhirFor(server, { fetch: forbidding(panel) });
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    expect(refused).toBeLessThan(2 * panel.length);
    const states = panel.map(async (patientId) => {
      const chart = await cache.read.chartSummary({ ...seesAll, patientId });
      return chart?.allergies.state;
    });
    expect(new Set(await Promise.all(states))).toEqual(new Set(['not-permitted']));
  });
});

it('security: a run asks first whether it is revoked, and neither sends nor fetches where it is', async () => {
  const cache = await openCache();
  const fhir = await fhirFor(server);
  const stopped = { ok: false, error: { code: 'cancelled', retryAfter: null } } as const;
  let sent = 0;
  const upload = async () => {
    sent += 1;
    return { ok: true } as const;
  };
  expect(await run({ cache, fhir, upload, contact: async () => stopped })).toEqual(stopped);
  expect([server.requests.length, sent]).toEqual([0, 0]);
});
