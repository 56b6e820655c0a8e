import type { Group, Observation } from 'fhir/r4';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BulkClient, createBulkClient, type Manifest } from '../../../main/fhir/bulk.ts';
import type { RawClientOptions } from '../../../main/fhir/raw.ts';
import type { Progress } from '../../../main/sync/run-options.ts';
import { type DevServer, startServer } from '../../server/index.ts';
import { seesAll } from '../cache/support.ts';
import {
  cachedRecords,
  expectedRecords,
  type Fetch,
  fhirFor,
  openCache,
  panelOf,
  type Run,
  run,
  searches,
} from './support.ts';

const policy = { panel: { group: 'panel-osei', list: null } };
let server: DevServer;
/** By how much the server's clock is ahead of the workstation's. */
let aheadMs = 0;
beforeEach(async () => {
  aheadMs = 0;
  server = await startServer({ patients: 3, seed: 41, clock: () => new Date(Date.now() + aheadMs) });
});
afterEach(() => server.stop());

async function bulkFor(
  options: { fetch?: Fetch; scope?: string; after?: RawClientOptions['after'] } = {},
): Promise<BulkClient> {
  const token = await server.issueToken('osei', options.scope);
  return createBulkClient({
    base: server.url,
    fetch: options.fetch ?? globalThis.fetch,
    accessToken: async () => ({ ok: true, value: token }),
    requestId: () => 'r',
    after: options.after ?? (() => () => undefined),
  });
}

const observation = (patient: string, id: string): Observation => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'Sodium' },
  subject: { reference: `Patient/${patient}` },
});

const asked = () => searches(server.requests);
const kickOffs = () => server.requests.filter(({ path }) => path.endsWith('/$export') || path.includes('/$export?'));
const cancels = () => server.requests.filter(({ method }) => method === 'DELETE');
const recordSearches = () => asked().filter((path) => path.includes('patient='));

/** Somebody with a record; answers how she becomes a member of the Group. */
function newMember(): () => void {
  server.store.put({ resourceType: 'Patient', id: 'new-member' });
  server.store.put(observation('new-member', 'hers'));
  return () => {
    const group = server.store.read('Group', 'panel-osei');
    if (group?.resourceType !== 'Group') throw new Error('there is no such group');
    server.store.put({ ...group, member: [...(group.member ?? []), { entity: { reference: 'Patient/new-member' } }] });
  };
}

/** Changes an answer that isn't a next link's or a page's. */
const answering = (
  matches: (url: string) => boolean,
  answer: (response: Response) => Response | Promise<Response>,
): Fetch => {
  return async (input, init) => {
    const response = await fetch(input, init);
    return matches(String(input)) ? answer(response) : response;
  };
};

describe('a first sync of a Group that policy names', () => {
  it('is one bulk export, waited for as the server asks, with every record and none of others', async () => {
    const cache = await openCache();
    const waited: number[] = [];
    const timers = {
      now: () => 0,
      wait: async (ms: number) => {
        waited.push(ms);
      },
    };
    const result = await run({ cache, fhir: await fhirFor(server), bulk: await bulkFor(), policy, timers });
    expect(result).toEqual({ ok: true });
    expect(recordSearches()).toEqual([]);
    expect(asked().filter((path) => path.includes('$export?'))).toHaveLength(1);
    expect(waited).toEqual([1_000]);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    const [patient = ''] = panelOf(server);
    const chart = await cache.read.chartSummary({ ...seesAll, patientId: patient });
    expect([chart?.allergies.state, chart?.results.state]).toEqual(['complete', 'complete']);
    // What isn't needed any longer is told to the server.
    expect(server.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });

  it('is not whole where the server tells that some of it could not be exported', async () => {
    const cache = await openCache();
    const manifest = async (response: Response) => {
      if (response.status !== 200) return response;
      const said = (await response.json()) as { output: unknown[] };
      return Response.json({ ...said, error: [{ type: 'OperationOutcome', url: `${server.url}/export-errors` }] });
    };
    const bulk = await bulkFor({ fetch: answering((url) => url.includes('$export-status'), manifest) });
    expect(await run({ cache, fhir: await fhirFor(server), bulk, policy })).toEqual({ ok: true });
    expect((await cache.read.run()).whole).toBe(false);
    const [patient = ''] = panelOf(server);
    expect((await cache.read.chartSummary({ ...seesAll, patientId: patient }))?.allergies.state).toBe('partial');
  });

  it('is asked for without the types that policy leaves out of the cache', async () => {
    const cache = await openCache();
    const less = { ...policy, cache: { leaveOut: ['DocumentReference' as const] } };
    expect(await run({ cache, fhir: await fhirFor(server), bulk: await bulkFor(), policy: less })).toEqual({
      ok: true,
    });
    const [exported = ''] = asked().filter((path) => path.includes('$export'));
    expect(exported).toContain('Condition');
    expect(exported).not.toContain('DocumentReference');
    const kept = expectedRecords(server).filter((record) => !record.startsWith('DocumentReference/'));
    expect(await cachedRecords(cache)).toEqual(kept);
  });

  it('holds up nothing that a clinician writes while the server prepares it, or its files are read', async () => {
    const cache = await openCache();
    const sentAfter: string[] = [];
    const last = () => decodeURIComponent(server.requests.at(-1)?.path ?? '');
    let polls = 0;
    const waiting = async (response: Response) => {
      polls += 1;
      return polls < 4 ? new Response(null, { status: 202 }) : response;
    };
    const bulk = await bulkFor({ fetch: answering((url) => url.includes('$export-status'), waiting) });
    const result = await run({
      cache,
      fhir: await fhirFor(server),
      bulk,
      policy,
      isUploadDue: () => true,
      upload: async () => {
        sentAfter.push(`${polls} ${last()}`);
        return { ok: true };
      },
    });
    expect(result).toEqual({ ok: true });
    for (const poll of [1, 2, 3]) expect(sentAfter.some((said) => said.startsWith(`${poll} `))).toBe(true);
    expect(sentAfter.some((said) => said.includes('$export-file'))).toBe(true);
  });

  it('goes on where it was cut off: no line that is stored is stored again', async () => {
    const cache = await openCache();
    const fhir = await fhirFor(server);
    const files: string[] = [];
    for (let left = 60; ; left -= 1) {
      expect(left).toBeGreaterThan(0);
      const abort = new AbortController();
      let file = '';
      // The connection is cut in each second file that is asked for.
      const cutting = answering(
        (url) => url.includes('export-file'),
        async (response) => {
          if (file !== '') abort.abort();
          file = response.url;
          files.push(file);
          return response;
        },
      );
      const result = await run({ cache, fhir, bulk: await bulkFor({ fetch: cutting }), policy, signal: abort.signal });
      if (result.ok) break;
      expect(result.error.code).toBe('cancelled');
    }
    expect(files.length).toBeGreaterThan(20);
    expect(asked().filter((path) => path.includes('$export?'))).toHaveLength(1);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  describe('that was cut off, and is listed otherwise when it goes on', () => {
    type Change = (manifest: Manifest) => Manifest;
    const unchanged: Change = (manifest) => manifest;

    /** How many files there are, and how many are read after the export was cut off in its fourth. */
    async function cutOff({ first = unchanged, later }: { first?: Change; later: Change }) {
      const cache = await openCache();
      const fhir = await fhirFor(server);
      let listed = 0;
      const telling =
        (change: Change, begin: () => void): Fetch =>
        async (input, init) => {
          if (String(input).includes('export-file')) begin();
          const response = await fetch(input, init);
          if (!String(input).includes('export-status') || response.status !== 200) return response;
          const manifest = change((await response.json()) as Manifest);
          listed = manifest.output.length;
          return Response.json(manifest);
        };
      const abort = new AbortController();
      let begun = 0;
      const cutting = telling(first, () => {
        begun += 1;
        if (begun === 4) abort.abort();
      });
      const cut = await run({ cache, fhir, bulk: await bulkFor({ fetch: cutting }), policy, signal: abort.signal });
      expect(cut).toMatchObject({ ok: false, error: { code: 'cancelled' } });
      begun = 0;
      const going = telling(later, () => {
        begun += 1;
      });
      expect(await run({ cache, fhir, bulk: await bulkFor({ fetch: going }), policy })).toEqual({ ok: true });
      expect((await cache.read.run()).whole).toBe(true);
      expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
      return { listed, read: begun };
    }

    const turned: Change = ({ output, ...rest }) => ({ ...rest, output: output.toReversed() });
    const signed =
      (by: string): Change =>
      ({ output, ...rest }) => ({ ...rest, output: output.map((file) => ({ ...file, url: `${file.url}?by=${by}` })) });

    it('reads those files that are left, in whatever order they are listed', async () => {
      const { listed, read } = await cutOff({ later: turned });
      expect(read).toBe(listed - 3);
    });

    it('knows the files again where their addresses are signed anew', async () => {
      const { listed, read } = await cutOff({ first: signed('a'), later: signed('b') });
      expect(read).toBe(listed - 3);
    });

    it('reads all files where another one is among them', async () => {
      const { listed, read } = await cutOff({
        first: ({ output, ...rest }) => ({ ...rest, output: output.slice(1) }),
        later: turned,
      });
      expect(read).toBe(listed);
    });

    it('reads all files where they were made anew', async () => {
      const { listed, read } = await cutOff({
        later: (manifest) => ({ ...manifest, transactionTime: new Date(0).toISOString() }),
      });
      expect(read).toBe(listed);
    });
  });

  it.each([400, 403, 404, 501])('falls back to searches where the server answers %d', async (status) => {
    const cache = await openCache();
    const refusing = answering(
      (url) => url.includes('$export?'),
      () => new Response('{}', { status }),
    );
    expect(await run({ cache, fhir: await fhirFor(server), bulk: await bulkFor({ fetch: refusing }), policy })).toEqual(
      { ok: true },
    );
    expect(recordSearches().length).toBeGreaterThan(0);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('falls back to searches where the server can’t finish an export, and tells it that it isn’t needed', async () => {
    const cache = await openCache();
    const failing = answering(
      (url) => url.includes('export-status'),
      (response) => (response.status === 200 ? new Response('{}', { status: 500 }) : response),
    );
    const bulk = await bulkFor({ fetch: failing });
    expect(await run({ cache, fhir: await fhirFor(server), bulk, policy })).toEqual({ ok: true });
    expect(server.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('security: does not wait for an answer when it is locked', async () => {
    const cache = await openCache();
    const abort = new AbortController();
    const silent: Fetch = (input, init) => {
      if (!String(input).includes('export-status')) return fetch(input, init);
      abort.abort();
      return new Promise(() => undefined);
    };
    const bulk = await bulkFor({ fetch: silent });
    const result = await run({ cache, fhir: await fhirFor(server), bulk, policy, signal: abort.signal });
    expect(result).toEqual({ ok: false, error: { code: 'cancelled', retryAfter: null } });
  });

  it('security: follows no address elsewhere, and stores nothing from there', async () => {
    const cache = await openCache();
    const outside: string[] = [];
    const lying: Fetch = async (input, init) => {
      if (!String(input).startsWith(server.url)) outside.push(String(input));
      const response = await fetch(input, init);
      if (!String(input).includes('export-status') || response.status !== 200) return response;
      const text = (await response.text()).replaceAll(`${server.url}/$export-file`, 'https://evil.example/file');
      return new Response(text, { status: 200, headers: { 'content-type': 'application/json' } });
    };
    const result = await run({ cache, fhir: await fhirFor(server), bulk: await bulkFor({ fetch: lying }), policy });
    expect(result).toEqual({ ok: true });
    expect(outside).toEqual([]);
    expect(asked().filter((path) => path.includes('$export-file'))).toEqual([]);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('security: keeps nothing of patients who are not the clinician’s, nor of types that were not asked for', async () => {
    const cache = await openCache();
    const stranger =
      '{"resourceType":"Observation","id":"of-a-stranger","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/stranger"}}\n{"resourceType":"Basic","id":"a-type","code":{"text":"x"}}\n';
    const mixing = answering(
      (url) => url.includes('/Observation.ndjson'),
      async (response) => new Response(stranger + (await response.text()), { status: 200, headers: response.headers }),
    );
    expect(await run({ cache, fhir: await fhirFor(server), bulk: await bulkFor({ fetch: mixing }), policy })).toEqual({
      ok: true,
    });
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('security: an export that tells of errors, or has lines that are no records, makes no section complete', async () => {
    const broken = answering(
      (url) => url.includes('/Observation.ndjson'),
      async (response) =>
        new Response(`{"resourceType":"Obs\n${await response.text()}`, { status: 200, headers: response.headers }),
    );
    const erring: Fetch = answering(
      (url) => url.includes('export-status'),
      async (response) => {
        if (response.status !== 200) return response;
        const manifest = (await response.json()) as object;
        const error = [{ type: 'OperationOutcome', url: `${server.url}/$export-file/x/error.ndjson` }];
        return new Response(JSON.stringify({ ...manifest, error }), { status: 200 });
      },
    );
    for (const fetch of [broken, erring]) {
      const cache = await openCache();
      await run({ cache, fhir: await fhirFor(server), bulk: await bulkFor({ fetch }), policy });
      const chart = await cache.read.chartSummary({ ...seesAll, patientId: panelOf(server)[0] ?? '' });
      expect(chart?.results.state).toBe('partial');
      // The next run fetches it whole.
      server.requests.length = 0;
      expect(await run({ cache, fhir: await fhirFor(server), bulk: await bulkFor(), policy })).toEqual({ ok: true });
      expect(recordSearches().some((path) => !path.includes('_lastUpdated=ge'))).toBe(true);
      expect((await cache.read.chartSummary({ ...seesAll, patientId: panelOf(server)[0] ?? '' }))?.results.state).toBe(
        'complete',
      );
    }
  });

  it('is not whole where a file has fewer lines than the server says, though it was cut off after that and went on', async () => {
    const cache = await openCache();
    const fhir = await fhirFor(server);
    const abort = new AbortController();
    let begun = 0;
    // The file ends before its last line.
    const shortened: Fetch = answering(
      (url) => url.includes('/Observation.ndjson'),
      async (response) => new Response((await response.text()).replace(/[^\n]+\n$/, '\n'), { status: 200 }),
    );
    const cutting: Fetch = (input, init) => {
      if (String(input).includes('export-file')) begun += 1;
      if (begun === 14) abort.abort();
      return shortened(input, init);
    };
    const cut = await run({ cache, fhir, bulk: await bulkFor({ fetch: cutting }), policy, signal: abort.signal });
    expect(cut.ok).toBe(false);
    expect(await run({ cache, fhir, bulk: await bulkFor({ fetch: shortened }), policy })).toEqual({ ok: true });
    expect(asked().filter((path) => path.includes('$export?'))).toHaveLength(1);
    expect(asked().filter((path) => path.includes('/Observation.ndjson'))).toHaveLength(2);
    const results = async () =>
      (await cache.read.chartSummary({ ...seesAll, patientId: panelOf(server)[0] ?? '' }))?.results.state;
    expect([await results(), (await cache.read.run()).whole]).toEqual(['partial', false]);
    // The next run fetches what is missing.
    expect(await run({ cache, fhir, bulk: await bulkFor(), policy })).toEqual({ ok: true });
    expect([await results(), (await cache.read.run()).whole]).toEqual(['complete', true]);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('takes an export that is older than the run for what it is: changes are asked for since then', async () => {
    const cache = await openCache();
    const dated = new Date(Date.now() - 12 * 3_600_000).toISOString();
    const nightly = answering(
      (url) => url.includes('export-status'),
      async (response) => {
        if (response.status !== 200) return response;
        const manifest = (await response.json()) as object;
        return new Response(JSON.stringify({ ...manifest, transactionTime: dated }), { status: 200 });
      },
    );
    const fhir = await fhirFor(server);
    expect(await run({ cache, fhir, bulk: await bulkFor({ fetch: nightly }), policy })).toEqual({ ok: true });
    expect((await cache.read.run()).asOf).toBe(dated);
  });
});

describe('a patient who is new in the Group', () => {
  /** After a first sync by an export, with a member whose records are older than the cursor. */
  async function start(change: { fetch?: Fetch } = {}) {
    const cache = await openCache();
    const joins = newMember();
    const options = { cache, fhir: await fhirFor(server), policy };
    expect(await run({ ...options, bulk: await bulkFor() })).toEqual({ ok: true });
    expect((await cachedRecords(cache)).some((record) => record.includes('hers'))).toBe(false);
    joins();
    server.store.put(observation(panelOf(server)[0] ?? '', 'changed'));
    server.requests.length = 0;
    const bulk = await bulkFor(change);
    return { cache, again: () => run({ ...options, bulk }) };
  }

  const aboutHer = () => recordSearches().filter((path) => path.includes('new-member'));

  it('gets an export of her own, of everything, and is not searched for beside it', async () => {
    const sent: string[] = [];
    const noting: Fetch = (input, init) => {
      if (init?.method === 'POST') sent.push(String(init.body));
      return fetch(input, init);
    };
    const { cache, again } = await start({ fetch: noting });
    expect(await again()).toEqual({ ok: true });
    expect(kickOffs().map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /fhir/Group/panel-osei/$export']);
    expect(sent.map((body) => JSON.parse(body))).toMatchObject([
      {
        resourceType: 'Parameters',
        parameter: [
          { name: '_outputFormat', valueString: 'application/fhir+ndjson' },
          { name: '_type', valueString: expect.stringContaining('Patient,') },
          { name: 'patient', valueReference: { reference: 'Patient/new-member' } },
        ],
      },
    ]);
    expect(aboutHer()).toEqual([]);
    expect(await cachedRecords(cache)).toEqual(
      expect.arrayContaining(['Observation/hers 1', 'Observation/changed 1', 'Patient/new-member 1']),
    );
    const chart = await cache.read.chartSummary({ ...seesAll, patientId: 'new-member' });
    expect([chart?.results.state, chart?.allergies.state]).toEqual(['complete', 'complete']);
    // From then on she is one of those whose changes are asked for.
    server.requests.length = 0;
    server.store.put(observation('new-member', 'hers-too'));
    expect(await again()).toEqual({ ok: true });
    expect(kickOffs()).toEqual([]);
    expect(aboutHer().every((path) => path.includes('_lastUpdated=ge'))).toBe(true);
    expect(await cachedRecords(cache)).toContain('Observation/hers-too 1');
  });

  it.each([400, 405, 501])('is fetched by searches where the server answers %d', async (status) => {
    const refusing: Fetch = async (input, init) =>
      init?.method === 'POST' ? new Response('{}', { status }) : fetch(input, init);
    const { cache, again } = await start({ fetch: refusing });
    expect(await again()).toEqual({ ok: true });
    expect(aboutHer().length).toBeGreaterThan(0);
    expect(await cachedRecords(cache)).toContain('Observation/hers 1');
    expect((await cache.read.chartSummary({ ...seesAll, patientId: 'new-member' }))?.results.state).toBe('complete');
  });

  it('is all that is taken from a server that exports the whole Group all the same', async () => {
    const ignoring: Fetch = (input, init) => {
      if (init?.method !== 'POST') return fetch(input, init);
      const { body: _body, method: _method, ...rest } = init;
      return fetch(String(input), rest);
    };
    const { cache, again } = await start({ fetch: ignoring });
    const known = panelOf(server)[0] ?? '';
    const before = (await cache.read.knownSections({ ...seesAll, patientId: known }))?.length;
    expect(await again()).toEqual({ ok: true });
    expect(await cachedRecords(cache)).toEqual(expect.arrayContaining(['Observation/hers 1', 'Observation/changed 1']));
    expect((await cache.read.knownSections({ ...seesAll, patientId: known }))?.length).toBe(before);
  });
});

describe('an export that the server is silent about', () => {
  it.each([
    ['when it is begun', '$export?', () => new Promise<Response>(() => undefined)],
    [
      'amid the list of its files',
      'export-status',
      async () =>
        new Response(new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode('{"out')) })),
    ],
  ])('%s is given up when its time is over, and the run with it', async (_when, path, answer) => {
    const cache = await openCache();
    const limits: number[] = [];
    const waiting = new Set<() => void>();
    const after = (ms: number, callback: () => void) => {
      limits.push(ms);
      waiting.add(callback);
      return () => void waiting.delete(callback);
    };
    const silent: Fetch = (input, init) => {
      if (!String(input).includes(path)) return fetch(input, init);
      setTimeout(() => {
        for (const callback of waiting) callback();
      });
      return answer();
    };
    const result = await run({
      cache,
      fhir: await fhirFor(server),
      bulk: await bulkFor({ fetch: silent, after }),
      policy,
    });
    expect(result).toEqual({ ok: false, error: { code: 'server-unreachable', retryAfter: null } });
    expect(new Set(limits)).toEqual(new Set([60_000]));
  });
});

describe('an export that leads nowhere', () => {
  const isStatus = (url: string) => url.includes('$export-status');
  const isKickOff = (url: string) => url.endsWith('/$export') || url.includes('$export?');

  /** Runs of one workstation, one after the other, with an export that is answered like that. */
  async function start(fetch: Fetch) {
    const cache = await openCache();
    const again = async (options: Partial<Run> = {}) =>
      run({ cache, fhir: await fhirFor(server), bulk: await bulkFor({ fetch }), policy, ...options });
    const isAllThere = async () => {
      expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
      expect((await cache.read.run()).whole).toBe(true);
    };
    return { cache, again, isAllThere };
  }

  const movedTo = (elsewhere: () => string) => async (response: Response) => {
    const { status, headers } = response;
    const location = headers.get('content-location');
    const moved = (text: string) => text.replaceAll(`${server.url}/$`, `${elsewhere()}/$`);
    return new Response(moved(await response.text()), {
      status,
      headers: { ...(location !== null && { 'content-location': moved(location) }) },
    });
  };
  const beside = () => server.url.replace(/\/fhir$/, '/bulk');

  it.each([
    ['the status beside the base', isKickOff, beside, 0],
    ['the status on another host', isKickOff, () => 'https://evil.example', 0],
    ['the files beside the base', isStatus, beside, 1],
    ['the files on another host', isStatus, () => 'https://evil.example', 1],
  ])('is given up at once for %s, where no token may go', async (_where, matches, elsewhere, cancelled) => {
    const outside: string[] = [];
    const moving = answering(matches, movedTo(elsewhere));
    const { again, isAllThere } = await start((input, init) => {
      if (!String(input).startsWith(`${server.url}/`)) outside.push(String(input));
      return moving(input, init);
    });
    expect(await again()).toEqual({ ok: true });
    expect([kickOffs().length, cancels().length, outside]).toEqual([1, cancelled, []]);
    await isAllThere();
  });

  it.each([
    ['its kick-off', '$export?'],
    ['its status', '$export-status'],
    ['its files', '$export-file'],
  ])('is given up where %s can’t be had for the third time in a row', async (_what, path) => {
    const redirected: Fetch = async (input, init) => {
      if (!String(input).includes(path) || init?.method === 'DELETE') return fetch(input, init);
      throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
    };
    const failing = answering(
      (url) => url.includes(path),
      () => new Response('{}', { status: path === '$export-status' ? 503 : 500 }),
    );
    const codes = { redirected: 'server-unreachable', failing: 'server-error' };
    for (const [how, answer] of Object.entries({ redirected, failing })) {
      const { again, isAllThere } = await start(answer);
      const failure = { ok: false, error: { code: codes[how as keyof typeof codes], retryAfter: null } };
      expect([await again(), await again(), recordSearches()]).toEqual([failure, failure, []]);
      expect(await again()).toEqual({ ok: true });
      await isAllThere();
      server.requests.length = 0;
    }
  });

  it('is not given up while it gets on, though it is cut off again and again', async () => {
    let begun = 0;
    const { again, isAllThere } = await start(
      answering(
        (url) => url.includes('$export-file'),
        (response) => {
          begun += 1;
          return begun % 2 === 0 ? new Response('{}', { status: 500 }) : response;
        },
      ),
    );
    let failed = 0;
    while (!(await again()).ok) failed += 1;
    expect(failed).toBeGreaterThan(10);
    expect([kickOffs().length, recordSearches()]).toEqual([1, []]);
    await isAllThere();
  });

  it('is not given up while it gets on within one file', async () => {
    const [patient = ''] = panelOf(server);
    for (let at = 0; at < 2_500; at += 1) server.store.put(observation(patient, `many-${at}`));
    let asked = 0;
    const cutting = answering(
      (url) => url.includes('/Observation.ndjson'),
      async (response) => {
        asked += 1;
        const lines = (await response.text()).split('\n').slice(0, asked * 510);
        const body = new ReadableStream({
          pull(controller) {
            const line = lines.shift();
            if (line !== undefined) controller.enqueue(new TextEncoder().encode(`${line}\n`));
            else if (asked > 5) controller.close();
            else controller.error(new TypeError('terminated'));
          },
        });
        return new Response(body);
      },
    );
    const { again, isAllThere } = await start(cutting);
    let failed = 0;
    while (!(await again()).ok) failed += 1;
    expect([failed, kickOffs().length, recordSearches()]).toEqual([5, 1, []]);
    await isAllThere();
  });

  describe('as it is never ready', () => {
    const never = (headers?: Record<string, string>) =>
      answering(isStatus, () => new Response(null, { status: 202, ...(headers && { headers }) }));
    /** A clock that only waiting moves. */
    const clock = () => {
      const timers = {
        ms: 0,
        now: () => timers.ms,
        wait: async (ms: number) => {
          timers.ms += ms;
        },
      };
      return timers;
    };
    const minute = 60_000;

    it('is given up after half an hour, and is shown as not done until then', async () => {
      const { again, isAllThere } = await start(never());
      const timers = clock();
      const shown: Progress[] = [];
      expect(await again({ timers, onProgress: (progress) => shown.push(progress) })).toEqual({ ok: true });
      expect(timers.ms).toBeGreaterThan(28 * minute);
      expect(timers.ms).toBeLessThanOrEqual(30 * minute);
      expect(cancels()).toHaveLength(1);
      await isAllThere();
      const exporting = shown.filter(({ label }) => label === 'All records');
      expect(exporting.map(({ done, remainingMs }) => [done, remainingMs])).toEqual([[0, null]]);
      const [first] = shown.slice(shown.lastIndexOf(exporting[0]!) + 1);
      expect(first).toMatchObject({ phase: 'safety', done: 0 });
      expect(first?.total).toBeGreaterThan(1);
    });

    it('is given up after half an hour in all, over several runs', async () => {
      const { again, isAllThere } = await start(never());
      for (const part of [1, 2]) {
        const timers = clock();
        const abort = new AbortController();
        const wait = async (ms: number) => {
          await timers.wait(ms);
          if (timers.ms > 12 * minute) abort.abort();
        };
        expect((await again({ timers: { ...timers, wait }, signal: abort.signal })).ok, `part ${part}`).toBe(false);
      }
      const timers = clock();
      expect(await again({ timers })).toEqual({ ok: true });
      expect(timers.ms).toBeLessThan(7 * minute);
      expect(kickOffs()).toHaveLength(1);
      await isAllThere();
    });

    it('is given up at once where the server asks to wait for longer than that', async () => {
      const { again, isAllThere } = await start(never({ 'retry-after': '3000000' }));
      const timers = clock();
      expect(await again({ timers })).toEqual({ ok: true });
      expect(timers.ms).toBe(0);
      await isAllThere();
    });

    it('is not begun again for a day, by the server’s clock', async () => {
      const joins = newMember();
      const { cache, again, isAllThere } = await start(never());
      const hers = async () => (await cachedRecords(cache)).includes('Observation/hers 1');
      expect(await again()).toEqual({ ok: true });
      await isAllThere();
      expect([kickOffs().length, await hers()]).toEqual([1, false]);
      joins();
      aheadMs = 23 * 60 * minute;
      expect(await again()).toEqual({ ok: true });
      expect([kickOffs().length, await hers()]).toEqual([1, true]);
      server.store.put({ resourceType: 'Patient', id: 'another' });
      const group = server.store.read('Group', 'panel-osei') as Group;
      server.store.put({ ...group, member: [...(group.member ?? []), { entity: { reference: 'Patient/another' } }] });
      aheadMs = 25 * 60 * minute;
      expect(await again()).toEqual({ ok: true });
      expect(kickOffs()).toHaveLength(2);
    });
  });
});

describe('an export with a token that the server refuses early', () => {
  it('goes on with a new one', async () => {
    const cache = await openCache();
    const good = await server.issueToken('osei');
    const refused: (string | undefined)[] = [];
    const bulk = createBulkClient({
      base: server.url,
      fetch: globalThis.fetch,
      async accessToken(token) {
        refused.push(token);
        return { ok: true, value: token === undefined && refused.length === 1 ? 'withdrawn' : good };
      },
      requestId: () => 'r',
      after: () => () => undefined,
    });
    expect(await run({ cache, fhir: await fhirFor(server), bulk, policy })).toEqual({ ok: true });
    expect(refused.filter((token) => token !== undefined)).toEqual(['withdrawn']);
    expect(recordSearches()).toEqual([]);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });
});
