import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createReads } from '../../../main/access/reads.ts';
import type { FaultRule } from '../../server/index.ts';
import { type DevServer, startServer } from '../../server/index.ts';
import { accessTo } from '../../unit/access/support.ts';
import { listsAll, seesAll } from '../cache/support.ts';
import { cachedRecords, changing, expectedRecords, fhirFor, openCache, panelOf, run, searches } from './support.ts';

let server: DevServer;
beforeAll(async () => {
  server = await startServer({ patients: 4, seed: 3 });
});
afterEach(() => {
  server.faults.clear();
  server.requests.length = 0;
});
afterAll(() => server.stop());

/** Smaller pages than the client asks for, as servers may choose, so that there are many. */
const smallPages = (size: number): typeof globalThis.fetch => {
  return (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    return fetch(
      url.replace(/_count=\d+/, `_count=${size}`),
      input instanceof Request ? { headers: input.headers, ...init } : init,
    );
  };
};

describe('the first sync', () => {
  it('ends with every record of the clinician’s patients, in the server’s versions, and nothing else', async () => {
    const cache = await openCache();
    const expected = expectedRecords(server, 'lindqvist');
    // Some of the server's patients are not hers: otherwise this would prove nothing.
    expect(panelOf(server, 'lindqvist').length).toBeGreaterThan(0);
    expect(panelOf(server, 'lindqvist').length).toBeLessThan(server.store.count('Patient'));
    const progress: number[] = [];
    const ended = await run({
      cache,
      fhir: await fhirFor(server, { user: 'lindqvist' }),
      user: 'lindqvist',
      onProgress: ({ done, total, resources }) => {
        expect(done).toBeLessThan(total);
        progress.push(resources);
      },
    });
    expect(ended).toEqual({ ok: true });
    expect(await cachedRecords(cache)).toEqual(expected);
    expect(await cache.read.panel()).toEqual(panelOf(server, 'lindqvist'));
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    const { items, total, complete } = await cache.read.patientList({
      ...listsAll,
      query: '',
      sort: 'name',
      descending: false,
      offset: 0,
      limit: 500,
    });
    expect(items.map(({ id }) => id).sort()).toEqual(panelOf(server, 'lindqvist'));
    expect({ total, complete }).toEqual({ total: items.length, complete: true });
  });

  it('fetches the names and places that the records refer to', async () => {
    const cache = await openCache();
    await run({ cache, fhir: await fhirFor(server) });
    expect(
      await cache.read.missingReferences({ types: ['Location', 'Practitioner', 'Organization', 'Medication'] }),
    ).toEqual([]);
    expect((await cache.read.versions()).some(({ type }) => type === 'Location')).toBe(true);
  });

  it('keeps each resource as the server wrote it, digit for digit', async () => {
    const patient = panelOf(server)[0] ?? '';
    const values = ['1.50', '0.0', '-0.0', '1e2', '12345678901234567890', '3.1400'];
    const put = values.map((value, at) =>
      server.store.put(
        `{"resourceType":"Observation","id":"digits-${at}","status":"final","code":{"text":"digits"},"subject":{"reference":"Patient/${patient}"},"valueQuantity":{"value":${value}}}`,
      ),
    );
    const cache = await openCache();
    await run({ cache, fhir: await fhirFor(server) });
    for (const [at, version] of put.entries()) {
      const text = await cache.read.resource({ type: 'Observation', id: `digits-${at}` });
      expect(text).toBe(version.text);
      expect(text).toContain(`"value":${values[at]}`);
    }
    for (const { id } of put) server.store.remove('Observation', id);
  });

  it('is complete, and stays so, for a clinician without patients', async () => {
    const cache = await openCache();
    expect(await run({ cache, fhir: await fhirFor(server, { user: 'locum' }), user: 'locum' })).toEqual({ ok: true });
    expect(await cache.read.panel()).toEqual([]);
    expect((await cache.read.run()).asOf).not.toBeNull();
    expect(searches(server.requests).some((path) => path.includes('patient='))).toBe(false);
    expect(searches(server.requests).length).toBeLessThan(10);
  });

  it('security: only what was asked for can be read, and the note of another patient cannot', async () => {
    const cache = await openCache();
    await run({ cache, fhir: await fhirFor(server, { user: 'lindqvist' }), user: 'lindqvist' });
    const reads = createReads({
      access: accessTo(cache),
      audit: { record: async () => ({ ok: true, value: undefined }) },
      cache,
      practitioner: 'Practitioner/dev-lindqvist',
      server: server.url,
      now: Date.now,
      newId: () => 'request',
    });
    const panel = panelOf(server, 'lindqvist');
    const foreign = server.store.list('Patient').find(({ id }) => !panel.includes(id ?? ''))?.id ?? '';
    expect(await reads.chart(foreign)).toEqual({ ok: false, error: { code: 'not-permitted' } });
    const notes = (await cache.read.versions()).filter(({ type }) => type === 'DocumentReference');
    const owner = (id: string) => server.store.versions('DocumentReference', id).at(-1)?.patients[0];
    const [mine] = notes;
    const other = notes.find(({ id }) => owner(id) !== owner(mine!.id));
    expect((await reads.note(owner(mine!.id) ?? '', mine!.id)).ok).toBe(true);
    expect(await reads.note(owner(mine!.id) ?? '', other!.id)).toEqual({ ok: false, error: { code: 'not-found' } });
  });
});

describe('a sync that is cut off', () => {
  it('goes on after any page, repeats at most that one, and ends equal to the server', async () => {
    const expected = expectedRecords(server);
    const whole = await openCache();
    const fetch = smallPages(150);
    await run({ cache: whole, fhir: await fhirFor(server, { fetch }) });
    const isPage = (path: string) => path.includes('?');
    const pages = searches(server.requests).filter(isPage).length;
    expect(pages).toBeGreaterThan(20);

    const cache = await openCache();
    const fhir = await fhirFor(server, { fetch });
    server.requests.length = 0;
    let runs = 0;
    // Each run is aborted as soon as it has asked for its second page: while that is under way.
    for (let ended = await interrupted(2); !ended; ended = await interrupted(2)) expect(runs).toBeLessThan(3 * pages);
    async function interrupted(after: number): Promise<boolean> {
      runs += 1;
      const abort = new AbortController();
      let asked = 0;
      const counting = {
        base: fhir.base,
        get(url: string, signal?: AbortSignal) {
          if (isPage(url)) asked += 1;
          if (asked === after) abort.abort();
          return fhir.get(url, signal);
        },
      };
      const result = await run({ cache, fhir: { ...fhir, ...counting }, signal: abort.signal, concurrency: 1 });
      if (!result.ok) expect(result.error.code).toBe('cancelled');
      return result.ok;
    }
    expect(runs).toBeGreaterThan(10);
    expect(await cachedRecords(cache)).toEqual(expected);
    expect(searches(server.requests).filter(isPage).length).toBeLessThanOrEqual(pages + runs);
  });

  it.each([400, 404, 410])('begins a search anew where the server has forgotten its next link (%d)', async (status) => {
    const cache = await openCache();
    const abort = new AbortController();
    const fhir = await fhirFor(server, { fetch: smallPages(150) });
    const stopping = {
      ...fhir,
      get(url: string, signal?: AbortSignal) {
        if (url.includes('/Observation?')) abort.abort();
        return fhir.get(url, signal);
      },
    };
    await run({ cache, fhir: stopping, signal: abort.signal });
    const left = (await cache.read.tasks({})).find(({ state, next }) => state === 'pending' && next !== null)?.next;
    expect(left).toContain('/Observation?');
    let struck = 0;
    const forgetful: typeof globalThis.fetch = async (input, init) => {
      const url = String(input instanceof Request ? input.url : input);
      if (struck > 0 || url !== left) return fetch(input, init);
      struck += 1;
      return new Response('{}', { status });
    };
    expect(await run({ cache, fhir: await fhirFor(server, { fetch: forgetful }) })).toEqual({ ok: true });
    expect(struck).toBe(1);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });
});

describe('a server that fails', () => {
  const observations = ({ path }: { path: string }) => path.startsWith('/fhir/Observation');
  it.each<[string, FaultRule, string, number | null]>([
    ['503', { kind: 'status', status: 503, retryAfter: 30 }, 'server-error', 30],
    ['429', { kind: 'status', status: 429, retryAfter: 7 }, 'server-error', 7],
    ['a dropped request', { kind: 'dropBefore' }, 'server-unreachable', null],
    ['a dropped answer', { kind: 'dropAfter' }, 'server-unreachable', null],
    ['an answer that is cut short', { kind: 'truncate' }, 'server-unreachable', null],
  ])('by %s is told by its code, and the next run ends equal to it', async (_what, fault, code, retryAfter) => {
    const cache = await openCache();
    const fhir = await fhirFor(server);
    server.faults.add({ ...fault, match: observations });
    expect(await run({ cache, fhir })).toEqual({ ok: false, error: { code, retryAfter } });
    expect((await cache.read.run()).complete).toBe(false);
    server.faults.clear();
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('is only waited for where it is slow', async () => {
    const cache = await openCache();
    server.faults.add({ kind: 'latency', ms: 5 });
    expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it.each<[string, FaultRule, string]>([
    ['500', { kind: 'status', status: 500 }, 'server-error'],
    ['dropping', { kind: 'dropBefore' }, 'server-unreachable'],
  ])('to tell what it can do, by %s, is told by that code', async (_what, fault, code) => {
    const cache = await openCache();
    server.faults.add({ ...fault, match: ({ path }) => path.startsWith('/fhir/metadata') });
    expect(await run({ cache, fhir: await fhirFor(server) })).toMatchObject({ ok: false, error: { code } });
  });

  it('needs a sign-in when its token is no longer taken in the middle of a run', async () => {
    const cache = await openCache();
    const fhir = await fhirFor(server);
    for (const type of ['metadata', 'Observation']) {
      const revoked = {
        ...fhir,
        get: async (url: string, signal?: AbortSignal) =>
          url.startsWith(type)
            ? ({
                ok: false,
                error: { code: 'unauthorized', status: 401, outcome: null, retryAfter: null, serverTime: null },
              } as const)
            : fhir.get(url, signal),
      };
      expect(await run({ cache, fhir: revoked })).toMatchObject({ ok: false, error: { code: 'sign-in-needed' } });
    }
    expect(await run({ cache, fhir })).toEqual({ ok: true });
  });

  it('tells a type that the token does not permit, and fetches the others', async () => {
    const scope = 'user/Patient.rs user/CareTeam.rs user/Observation.rs user/Practitioner.rs';
    const cache = await openCache();
    expect(await run({ cache, fhir: await fhirFor(server, { scope }) })).toEqual({ ok: true });
    const types = new Set((await cache.read.versions()).map(({ type }) => type));
    expect(types).toContain('Observation');
    expect(types).not.toContain('AllergyIntolerance');
    const chart = await cache.read.chartSummary({ ...seesAll, patientId: panelOf(server)[0] ?? '' });
    expect(chart?.allergies.state).toBe('not-permitted');
    expect(chart?.allergyStatement).toBe('not-permitted');
    expect(chart?.results.state).not.toBe('not-permitted');
  });
});

describe('security: a server that lies', () => {
  const nextLink = (next: (url: URL) => string) =>
    changing((url, text) => {
      if (!url.pathname.endsWith('/Observation')) return text;
      const bundle = JSON.parse(text) as { link: { relation: string; url: string }[] };
      return JSON.stringify({ ...bundle, link: [{ relation: 'next', url: next(url) }] });
    });

  it.each(['https://evil.example/fhir/Observation', '/admin', '../oauth/token', 'file:///etc/passwd'])(
    'security: a next link to %s is not followed, and the cursor is not moved behind it',
    async (link) => {
      const cache = await openCache();
      const asked: string[] = [];
      const lying = nextLink(() => link);
      const fhir = await fhirFor(server, {
        fetch: (input, init) => {
          asked.push(String(input instanceof Request ? input.url : input));
          return lying(input, init);
        },
      });
      expect(await run({ cache, fhir })).toMatchObject({ ok: false, error: { code: 'server-answer-invalid' } });
      for (const url of asked) expect(url.startsWith(`${server.url}/`)).toBe(true);
      const cursors = (await cache.read.tasks({})).flatMap(({ next }) => next ?? []);
      for (const cursor of cursors) expect(cursor.startsWith(`${server.url}/`)).toBe(true);
      // An honest server helps out of it.
      expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
      expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    },
  );

  it.each([
    ['the same next link forever', (url: URL) => `${url.origin}${url.pathname}?loop=1`],
    [
      'next links in a circle',
      (url: URL) => `${url.origin}${url.pathname}?loop=${(Number(url.searchParams.get('loop')) + 1) % 3}`,
    ],
  ])('security: one that gives %s is stopped', async (_what, next) => {
    const cache = await openCache();
    const fhir = await fhirFor(server, { fetch: nextLink(next) });
    expect(await run({ cache, fhir })).toMatchObject({ ok: false, error: { code: 'server-answer-invalid' } });
    expect(server.requests.length).toBeLessThan(60);
  });

  it.each([
    ['no Bundle', () => '{"resourceType":"Patient","id":"x"}'],
    ['half a Bundle', (text: string) => text.slice(0, text.length / 2)],
    ['a page of a proxy', () => '<html>sign in to the hotel</html>'],
    ['nothing', () => ''],
  ])('security: one that answers %s stops the run, and nothing of the page is kept', async (_what, lie) => {
    const cache = await openCache();
    const fetch = changing((url, text) => (url.pathname.endsWith('/Condition') ? lie(text) : text));
    expect(await run({ cache, fhir: await fhirFor(server, { fetch }) })).toMatchObject({
      ok: false,
      error: { code: 'server-answer-invalid' },
    });
    expect((await cachedRecords(cache)).some((record) => record.startsWith('Condition/'))).toBe(false);
  });

  it('security: one that does not tell its time gets no cursor', async () => {
    const cache = await openCache();
    const timeless: typeof globalThis.fetch = async (input, init) => {
      const response = await fetch(input, init);
      const headers = new Headers(response.headers);
      headers.delete('date');
      return new Response(await response.text(), { status: response.status, headers });
    };
    expect(await run({ cache, fhir: await fhirFor(server, { fetch: timeless }) })).toMatchObject({
      ok: false,
      error: { code: 'server-answer-invalid' },
    });
    expect((await cache.read.run()).startedAt).toBeNull();
  });
});
