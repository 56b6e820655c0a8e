import type { FhirResource } from 'fhir/r4';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DevServer, startServer } from '../../server/index.ts';
import { seesAll } from '../cache/support.ts';
import { cachedRecords, expectedRecords, type Fetch, fhirFor, openCache, run, searches } from './support.ts';

const HOUR = 3_600_000;

/** Pages of ten, counted from the beginning of what is there when each is asked for. */
const COUNTING = { offsetLimit: 100_000, maxCount: 10 };

let time = Date.parse('2031-03-04T05:06:07Z');
let server: DevServer;
beforeAll(async () => {
  server = await startServer({ patients: 3, seed: 5, clock: () => new Date(time), dialect: COUNTING });
  time += HOUR;
});
afterAll(() => server.stop());

/** Does something to the oldest result, which stands on the first page, when the second page is asked for. */
function meanwhile(act: (oldest: FhirResource) => void): Fetch {
  let isDone = false;
  return (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    if (!isDone && /\/Observation\?.*_offset=10\b/.test(url)) {
      isDone = true;
      const [oldest] = server.store.list('Observation').sort((one, other) => timeOf(one) - timeOf(other));
      time += 1_000;
      act(oldest!);
    }
    return fetch(input, init);
  };
}

const timeOf = ({ meta }: FhirResource) => Date.parse(meta?.lastUpdated ?? '');
const comparisons = () => searches(server.requests).filter((path) => path.includes('_elements=id,meta'));

it.each([
  ['corrected', (oldest: FhirResource) => server.store.put({ ...oldest, language: 'en' })],
  ['deleted', ({ resourceType, id }: FhirResource) => server.store.remove(resourceType, id!)],
])('compares at once where a record was %s while the pages were read, and misses none', async (_what, act) => {
  server.requests.length = 0;
  const cache = await openCache();
  expect(await run({ cache, fhir: await fhirFor(server, { fetch: meanwhile(act) }) })).toEqual({ ok: true });
  expect(comparisons().length).toBeGreaterThan(0);
  expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  time += HOUR;
  server.requests.length = 0;
  expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
  expect(comparisons()).toEqual([]);
});

it('claims nothing of a type that it could not compare, and makes good for it with the next run', async () => {
  const cache = await openCache();
  const fetching = meanwhile(({ resourceType, id }) => server.store.remove(resourceType, id!));
  const mend = server.faults.add({
    kind: 'status',
    status: 500,
    match: ({ path }) => /Observation\?.*_elements=/.test(path),
  });
  expect((await run({ cache, fhir: await fhirFor(server, { fetch: fetching }) })).ok).toBe(false);
  for (const patientId of await cache.read.panel()) {
    const sections = (await cache.read.knownSections({ ...seesAll, patientId })) ?? [];
    const stateOf = (type: string) => sections.find(({ resourceType }) => resourceType === type)?.state;
    expect([stateOf('Observation'), stateOf('Condition')]).toEqual(['partial', 'complete']);
  }
  mend();
  time += 60_000;
  expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
  expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
});

it('compares nothing after a first sync in which nothing has changed', async () => {
  server.requests.length = 0;
  time += HOUR;
  const cache = await openCache();
  expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
  expect(comparisons()).toEqual([]);
});
