import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FhirClient } from '../../../main/fhir/client.ts';
import type { Progress } from '../../../main/sync/run-options.ts';
import { type DevServer, startServer } from '../../server/index.ts';
import { seesAll } from '../cache/support.ts';
import { cachedRecords, expectedRecords, type Fetch, fhirFor, openCache, panelOf, run, searches } from './support.ts';

/** Everything was written an hour before the first sync: what is written meanwhile is compared at its end. */
let age = 3_600_000;
let server: DevServer;
beforeAll(async () => {
  server = await startServer({ patients: 4, seed: 31, clock: () => new Date(Date.now() - age) });
  age = 0;
});
afterEach(() => {
  server.faults.clear();
  server.requests.length = 0;
});
afterAll(() => server.stop());

const smallPages = (size: number): Fetch => {
  return (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    const sized = url.replace(/_count=(\d+)/, (_all, count) => `_count=${Math.min(Number(count), size)}`);
    return fetch(sized, input instanceof Request ? { headers: input.headers, ...init } : init);
  };
};

/** Aborts `abort` before the first request that matches is answered. */
function abortingAt(fhir: FhirClient, matches: (url: string) => boolean, abort: AbortController): FhirClient {
  return {
    ...fhir,
    get(url, signal, conditions) {
      if (matches(url)) abort.abort();
      return fhir.get(url, signal, conditions);
    },
  };
}

describe('a first sync', () => {
  it('has everybody’s safety data before any results, and the last twelve months of all before what is older', async () => {
    await run({ cache: await openCache(), fhir: await fhirFor(server, { fetch: smallPages(50) }) });
    const asked = searches(server.requests);
    const last = (matches: RegExp) => asked.findLastIndex((path) => matches.test(path));
    const first = (matches: RegExp) => asked.findIndex((path) => matches.test(path));
    const safety = /^(Patient|AllergyIntolerance|MedicationRequest|MedicationStatement|Condition|Flag)\?/;
    expect(last(safety)).toBeLessThan(first(/^(Observation|Encounter|DocumentReference)\?/));
    expect(last(/date=ge/)).toBeLessThan(first(/date=lt|:missing/));
    expect(first(/date=ge/)).toBeGreaterThan(-1);
  });

  it('makes no section complete before all of it is there, and says as of when it knows what it has', async () => {
    const cache = await openCache();
    const abort = new AbortController();
    const fhir = await fhirFor(server);
    const [patient = ''] = panelOf(server);
    const cutAt = (matches: (url: string) => boolean) =>
      run({ cache, fhir: abortingAt(fhir, matches, abort), signal: abort.signal });
    expect((await cutAt((url) => url.includes('date=lt'))).ok).toBe(false);
    const chart = await cache.read.chartSummary({ ...seesAll, patientId: patient });
    const { startedAt } = await cache.read.run();
    expect(chart?.allergies).toMatchObject({ state: 'complete', asOf: startedAt });
    expect(chart?.results).toMatchObject({ state: 'partial', asOf: startedAt });
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    const after = await cache.read.chartSummary({ ...seesAll, patientId: patient });
    expect(after?.results.state).toBe('complete');
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('has what has no date, and falls back to the whole search where the server doesn’t know how to ask for it', async () => {
    const [patient = ''] = panelOf(server);
    server.store.put({
      resourceType: 'Observation',
      id: 'dateless',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: `Patient/${patient}` },
    });
    const cache = await openCache();
    expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    const strict = await openCache();
    const fhir = await fhirFor(server);
    const unknowing: FhirClient = {
      ...fhir,
      get: (url, signal, conditions) =>
        url.includes(':missing')
          ? Promise.resolve({
              ok: false,
              error: { code: 'rejected', status: 400, outcome: null, retryAfter: null, serverTime: null },
            })
          : fhir.get(url, signal, conditions),
    };
    expect(await run({ cache: strict, fhir: unknowing })).toEqual({ ok: true });
    expect(await cachedRecords(strict)).toEqual(expectedRecords(server));
    server.store.remove('Observation', 'dateless');
  });

  it('tells its progress by phase: never more done than there is, and how long it still takes once it has a pace', async () => {
    const told: Progress[] = [];
    let now = 0;
    await run({
      cache: await openCache(),
      fhir: await fhirFor(server, { fetch: smallPages(50) }),
      timers: {
        now: () => {
          now += 10;
          return now;
        },
        wait: async () => undefined,
      },
      onProgress: (progress) => told.push({ ...progress }),
    });
    const phases = [...new Set(told.map(({ phase }) => phase))];
    expect(phases).toEqual(['panel', 'safety', 'recent', 'rest']);
    for (const { done, total, remainingMs } of told) {
      expect(done).toBeLessThan(total);
      if (done === 0) expect(remainingMs).toBeNull();
      expect(remainingMs ?? 1).toBeGreaterThan(0);
    }
    expect(told.filter(({ remainingMs }) => remainingMs !== null).length).toBeGreaterThan(20);
    expect(told.map(({ resources }) => resources)).toEqual(
      told.map(({ resources }) => resources).sort((a, b) => a - b),
    );
  });

  it('stores the pages that are under way when it is cancelled, so that nothing is asked for twice', async () => {
    const whole = await openCache();
    const fetch = smallPages(50);
    await run({ cache: whole, fhir: await fhirFor(server, { fetch }) });
    const pages = new Set(searches(server.requests).filter((path) => path.includes('patient=')));
    server.requests.length = 0;
    const cache = await openCache();
    const fhir = await fhirFor(server, { fetch });
    for (let left = 40, ended = false; !ended; left -= 1) {
      expect(left).toBeGreaterThan(0);
      const stopper = new AbortController();
      let asked = 0;
      const stopping: FhirClient = {
        ...fhir,
        get(url, signal, conditions) {
          if (url.includes('patient=')) asked += 1;
          if (asked === 9) stopper.abort();
          return fhir.get(url, signal, conditions);
        },
      };
      const result = await run({ cache, fhir: stopping, stopping: stopper.signal });
      if (!result.ok) expect(result.error.code).toBe('cancelled');
      ended = result.ok;
    }
    const again = searches(server.requests).filter((path) => path.includes('patient='));
    expect(again.length).toBe(pages.size);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('that goes on days later asks again whose patients these are, and does not fetch for those who left', async () => {
    const cache = await openCache();
    const abort = new AbortController();
    const fhir = await fhirFor(server);
    await run({ cache, fhir: abortingAt(fhir, (url) => url.startsWith('Observation?'), abort), signal: abort.signal });
    const [gone = '', ...stayed] = panelOf(server);
    const teams = server.store.list('CareTeam').filter((one) => one.resourceType === 'CareTeam');
    const mine = teams.filter(({ subject }) => subject?.reference === `Patient/${gone}`);
    for (const team of mine) server.store.put({ ...team, status: 'inactive' });
    server.requests.length = 0;
    const inTwoDays: FhirClient = {
      ...fhir,
      async get(url, signal, conditions) {
        const answer = await fhir.get(url, signal, conditions);
        const serverTime = new Date(Date.now() + 2 * 86_400_000).toISOString();
        return answer.ok ? { ...answer, value: { ...answer.value, serverTime } } : answer;
      },
    };
    expect(await run({ cache, fhir: inTwoDays })).toEqual({ ok: true });
    expect(await cache.read.panel()).toEqual(stayed);
    for (const path of searches(server.requests).filter((one) => one.includes('patient=')))
      expect(path).not.toContain(gone);
    for (const team of mine) server.store.put(team);
  });
});

describe('the manners of a sync', () => {
  it('asks for smaller pages where the server can’t make large ones, and for larger ones again later', async () => {
    const cache = await openCache();
    const fhir = await fhirFor(server);
    const sizes: number[] = [];
    const weak: FhirClient = {
      ...fhir,
      get(url, signal, conditions) {
        const count = Number(/_count=(\d+)/.exec(url)?.[1] ?? 0);
        // Pages of forms are small ones always.
        if (count > 0 && !url.startsWith('Questionnaire')) sizes.push(count);
        return url.startsWith('Observation') && count > 130
          ? Promise.resolve({
              ok: false,
              error: { code: 'rejected', status: 413, outcome: null, retryAfter: null, serverTime: null },
            })
          : fhir.get(url, signal, conditions);
      },
    };
    expect(await run({ cache, fhir: weak })).toEqual({ ok: true });
    expect(Math.min(...sizes)).toBe(125);
    expect(sizes.slice(sizes.indexOf(125))).toContain(250);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('waits as long as the server asks for, within the run where that is short, with fewer requests at once', async () => {
    const cache = await openCache();
    const waited: number[] = [];
    let now = 0;
    server.faults.add({
      kind: 'status',
      status: 503,
      retryAfter: 7,
      times: 2,
      match: ({ path }) => path.includes('Flag'),
    });
    const timers = {
      now: () => now,
      wait: async (ms: number) => {
        waited.push(ms);
        now += ms;
      },
    };
    expect(await run({ cache, fhir: await fhirFor(server), timers })).toEqual({ ok: true });
    expect(waited).toEqual([7_000, 7_000]);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('has three requests under way at first, and six where the server answers well', async () => {
    const fhir = await fhirFor(server);
    let under = 0;
    const most = { atFirst: 0, ever: 0 };
    let answers = 0;
    const counting: FhirClient = {
      ...fhir,
      async get(url, signal, conditions) {
        under += 1;
        most.ever = Math.max(most.ever, under);
        if (answers < 8) most.atFirst = most.ever;
        const answer = await fhir.get(url, signal, conditions);
        under -= 1;
        answers += 1;
        return answer;
      },
    };
    await run({ cache: await openCache(), fhir: counting });
    expect(most).toEqual({ atFirst: 3, ever: 6 });
  });

  it('asks whether the capability statement has changed, not for the whole of it', async () => {
    const cache = await openCache();
    const fhir = await fhirFor(server);
    await run({ cache, fhir });
    const conditions: unknown[] = [];
    const asking: FhirClient = {
      ...fhir,
      async get(url, signal, given) {
        if (url !== 'metadata') return fhir.get(url, signal, given);
        conditions.push(given);
        return {
          ok: true,
          value: { text: '', status: 304, serverTime: new Date().toISOString(), etag: '"s1"', location: null },
        };
      },
    };
    // Only a statement that came with an entity tag can be asked for so.
    const tagged: FhirClient = {
      ...fhir,
      async get(url, signal, given) {
        const answer = await fhir.get(url, signal, given);
        return url === 'metadata' && answer.ok ? { ...answer, value: { ...answer.value, etag: '"s1"' } } : answer;
      },
    };
    await run({ cache, fhir: tagged });
    expect(await run({ cache, fhir: asking })).toEqual({ ok: true });
    expect(conditions).toEqual([{ ifNoneMatch: '"s1"' }]);
  });
});
