import type { Questionnaire } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../../main/managed/policy.ts';
import { type DevServer, startServer } from '../../server/index.ts';
import { seesAll } from '../cache/support.ts';
import { changing, fhirFor, openCache, run } from '../sync/support.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * 60_000;
let time = Date.parse('2031-03-04T05:06:07Z');
let server: DevServer;
beforeAll(async () => {
  server = await startServer({ patients: 1, seed: 5, clock: () => new Date(time) });
});
afterAll(() => server.stop());

const form = (id: string, status: Questionnaire['status'] = 'active'): Questionnaire => ({
  ...{ resourceType: 'Questionnaire', id, url: `https://hospital.example/${id}`, title: id, status },
});

/** The address of a page that there always is. */
function nextOf(url: URL): string {
  const next = new URL(url);
  next.searchParams.set('page', String(Number(url.searchParams.get('page')) + 1));
  return next.href;
}

describe('forms on a workstation', () => {
  it('are those in use on the server, and follow what becomes of them', async () => {
    const cache = await openCache();
    const fhir = await fhirFor(server);
    const titles = async () => {
      time += DAY;
      expect(await run({ cache, fhir })).toEqual({ ok: true });
      const { items, state } = await cache.read.formList({ ...seesAll, urls: null });
      expect(state).toBe('complete');
      return items.map(({ title }) => title);
    };
    const generated = ['Nursing admission check', 'Pain and weight', 'Skin risk check'];
    server.store.put(form('unready', 'draft'));
    expect(await titles()).toEqual(generated);
    server.store.put(form('fresh'));
    expect(await titles()).toEqual(['fresh', ...generated]);
    server.store.put(form('fresh', 'retired'));
    expect(await titles()).toEqual(generated);
  });

  it('are those alone that policy offers', async () => {
    const cache = await openCache();
    const urls = ['https://hospital.example/fhir/Questionnaire/skin-risk'];
    server.requests.length = 0;
    await run({ cache, fhir: await fhirFor(server), policy: { forms: { ...defaultPolicy.forms, urls } } });
    const { items } = await cache.read.formList({ ...seesAll, urls });
    expect(items.map(({ id }) => id)).toEqual(['skin-risk']);
    expect((await cache.read.formList({ ...seesAll, urls: null })).items).toHaveLength(1);
  });

  it('are none where policy offers none, and nothing is asked', async () => {
    server.requests.length = 0;
    const forms = { ...defaultPolicy.forms, urls: [] };
    await run({ cache: await openCache(), fhir: await fhirFor(server), policy: { forms } });
    expect(server.requests.filter(({ path }) => path.includes('Questionnaire?status'))).toEqual([]);
  });

  it('are those that policy adds later, too', async () => {
    const cache = await openCache();
    const fhir = await fhirFor(server);
    const offer = (names: string[]) => {
      time += 10 * MINUTE;
      const urls = names.map((name) => `https://hospital.example/fhir/Questionnaire/${name}`);
      return { urls, ended: run({ cache, fhir, policy: { forms: { ...defaultPolicy.forms, urls } } }) };
    };
    expect(await offer(['skin-risk']).ended).toEqual({ ok: true });
    const { urls, ended } = offer(['skin-risk', 'pain-and-weight']);
    expect(await cache.read.formList({ ...seesAll, urls })).toMatchObject({ items: { length: 1 }, state: 'partial' });
    expect(await ended).toEqual({ ok: true });
    expect(await cache.read.formList({ ...seesAll, urls })).toMatchObject({ items: { length: 2 }, state: 'complete' });
    server.requests.length = 0;
    await offer(['skin-risk', 'pain-and-weight']).ended;
    const asked = server.requests.filter(({ path }) => path.includes('Questionnaire?status'));
    expect(asked).toEqual([expect.objectContaining({ path: expect.stringContaining('_lastUpdated=ge') })]);
  });

  it.each([403, 500] as const)(
    'are fetched from the beginning after the server answered %d at first',
    async (status) => {
      const cache = await openCache();
      const fhir = await fhirFor(server);
      const list = () => cache.read.formList({ ...seesAll, urls: null });
      server.faults.add({ kind: 'status', status, match: ({ path }) => path.startsWith('/fhir/Questionnaire?status') });
      for (let runs = 0; runs < 2; runs += 1) {
        await run({ cache, fhir });
        expect(await list()).toMatchObject({ items: [], state: status === 403 ? 'not-permitted' : 'partial' });
        time += 10 * MINUTE;
      }
      server.faults.clear();
      expect(await run({ cache, fhir })).toEqual({ ok: true });
      expect(await list()).toMatchObject({ items: { length: 3 }, state: 'complete' });
    },
  );

  it('are asked for from the beginning once a day, where there are more than are fetched', async () => {
    const cache = await openCache();
    const endless = changing((url, text) =>
      url.searchParams.get('status') === 'active'
        ? JSON.stringify({ ...JSON.parse(text), link: [{ relation: 'next', url: nextOf(url) }] })
        : text,
    );
    const fhir = await fhirFor(server, { fetch: endless });
    const asked: number[] = [];
    for (const pause of [10 * MINUTE, 10 * MINUTE, DAY]) {
      server.requests.length = 0;
      expect(await run({ cache, fhir })).toEqual({ ok: true });
      expect((await cache.read.formList({ ...seesAll, urls: null })).state).toBe('partial');
      const forms = server.requests.filter(({ path }) => path.includes('status=active'));
      asked.push(forms.filter(({ path }) => !path.includes('_lastUpdated=ge')).length);
      time += pause;
    }
    server.requests.length = 0;
    await run({ cache, fhir });
    asked.push(server.requests.filter(({ path }) => /status=active(?!.*_lastUpdated=ge)/.test(path)).length);
    expect(asked).toEqual([10, 0, 0, 10]);
  });

  it('are said to be not permitted where the sign-in doesn’t cover them', async () => {
    const cache = await openCache();
    const fhir = await fhirFor(server, { scope: 'user/Patient.rs user/CareTeam.rs user/PractitionerRole.rs' });
    await run({ cache, fhir });
    expect(await cache.read.formList({ ...seesAll, urls: null })).toMatchObject({ items: [], state: 'not-permitted' });
  });
});
