import type { Observation } from 'fhir/r4';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DevServer, startServer } from '../../server/index.ts';
import { fhirFor, openCache, panelOf, run } from './support.ts';

const MINUTE = 60_000;
let time = Date.parse('2031-03-04T05:06:07.890Z');
let server: DevServer;
beforeAll(async () => {
  server = await startServer({ patients: 2, seed: 3, clock: () => new Date(time) });
});
afterAll(() => server.stop());

it('a newer version of a record that was changed here is told to the page as soon as the download sees it', async () => {
  const patient = panelOf(server)[0] ?? '';
  const record: Observation = {
    resourceType: 'Observation',
    id: 'changed-by-two',
    status: 'final',
    code: { text: 'Sodium' },
    subject: { reference: `Patient/${patient}` },
    valueQuantity: { value: 140 },
  };
  server.store.put(record);
  time += 10 * MINUTE;
  const cache = await openCache();
  let told = 0;
  const sync = async () => {
    told = 0;
    const onChanges = () => {
      told += 1;
    };
    expect(await run({ cache, fhir: await fhirFor(server), onChanges })).toEqual({ ok: true });
    return told;
  };
  await sync();
  const added = await cache.outbox.add({
    patientId: patient,
    type: 'Observation',
    resourceId: 'changed-by-two',
    action: 'update',
    baseVersionId: await cache.read.version({ type: 'Observation', id: 'changed-by-two' }),
    body: JSON.stringify({ ...record, valueQuantity: { value: 150 } }),
    title: 'Sodium',
    author: 'Practitioner/dev-osei',
    changedAt: new Date(time).toISOString(),
  });
  expect(added.ok).toBe(true);
  time += 10 * MINUTE;
  expect(await sync()).toBe(0);
  time += 10 * MINUTE;
  server.store.put({ ...record, valueQuantity: { value: 160 } });
  time += 10 * MINUTE;
  expect(await sync()).toBe(1);
  expect(await cache.outbox.counts()).toEqual({ waiting: 0, conflicts: 1, parked: 0 });
  time += 10 * MINUTE;
  expect(await sync()).toBe(0);
});
