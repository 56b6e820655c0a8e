import type { FhirResource } from 'fhir/r4';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DevServer, startServer } from '../../server/index.ts';
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

/** Corrects the oldest result, which stands on the first page, when the second page is asked for. */
function correcting(): Fetch {
  let isCorrected = false;
  return (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    if (!isCorrected && /\/Observation\?.*_offset=10\b/.test(url)) {
      isCorrected = true;
      const [oldest] = server.store.list('Observation').sort((one, other) => timeOf(one) - timeOf(other));
      time += 1_000;
      server.store.put({ ...oldest!, language: 'en' });
    }
    return fetch(input, init);
  };
}

const timeOf = ({ meta }: FhirResource) => Date.parse(meta?.lastUpdated ?? '');
const comparisons = () => searches(server.requests).filter((path) => path.includes('_elements=id,meta'));

it('compares at once where the pages have moved while they were read, and misses no record', async () => {
  const cache = await openCache();
  expect(await run({ cache, fhir: await fhirFor(server, { fetch: correcting() }) })).toEqual({ ok: true });
  expect(comparisons().length).toBeGreaterThan(0);
  expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  time += HOUR;
  server.requests.length = 0;
  expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
  expect(comparisons()).toEqual([]);
});

it('compares nothing after a first sync in which nothing has changed', async () => {
  server.requests.length = 0;
  time += HOUR;
  const cache = await openCache();
  expect(await run({ cache, fhir: await fhirFor(server) })).toEqual({ ok: true });
  expect(comparisons()).toEqual([]);
});
