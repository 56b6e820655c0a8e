import type { Questionnaire } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../../main/managed/policy.ts';
import { type DevServer, startServer } from '../../server/index.ts';
import { seesAll } from '../cache/support.ts';
import { fhirFor, openCache, run } from '../sync/support.ts';

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

  it('are said to be not permitted where the sign-in doesn’t cover them', async () => {
    const cache = await openCache();
    const fhir = await fhirFor(server, { scope: 'user/Patient.rs user/CareTeam.rs user/PractitionerRole.rs' });
    await run({ cache, fhir });
    expect(await cache.read.formList({ ...seesAll, urls: null })).toMatchObject({ items: [], state: 'not-permitted' });
  });
});
