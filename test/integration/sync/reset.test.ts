import type { CareTeam, Condition, Observation, Patient } from 'fhir/r4';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cache } from '../../../main/cache/client.ts';
import type { FhirClient } from '../../../main/fhir/client.ts';
import { parseScopes } from '../../../main/identity/scopes.ts';
import type { RunOptions, RunResult } from '../../../main/sync/run-options.ts';
import { acceptServer } from '../../../main/sync/server.ts';
import { runUpload } from '../../../main/sync/upload/upload.ts';
import { type DevServer, type Dialect, startServer } from '../../server/index.ts';
import { cachedRecords, changing, expectedRecords, fhirFor, openCache, panelOf, run, searches } from './support.ts';

const MINUTE = 60_000;
const RESET = { ok: false, error: { code: 'server-reset', retryAfter: null } };

let time: number;
let server: DevServer;
let uploads: number;

async function begin(dialect: Partial<Dialect> = {}): Promise<{ cache: Cache; fhir: FhirClient; patient: string }> {
  server = await startServer({ patients: 3, seed: 21, clock: () => new Date(time), dialect });
  time += 60 * MINUTE;
  const cache = await openCache();
  const fhir = await fhirFor(server);
  expect(await run({ cache, fhir })).toEqual({ ok: true });
  server.requests.length = 0;
  return { cache, fhir, patient: panelOf(server)[0] ?? '' };
}

beforeEach(() => {
  time = Date.parse('2031-03-04T05:06:07.890Z');
  uploads = 0;
});
afterEach(() => server.stop());

const upload = async (): Promise<RunResult> => {
  uploads += 1;
  return { ok: true };
};

const observation = (patient: string, id: string, text = 'Sodium'): Observation => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text },
  subject: { reference: `Patient/${patient}` },
});

/** What is known of a record, other than that it is the newest. */
const some = (type: string, patient: string) =>
  server.store.list(type).find((one) =>
    server.store
      .versions(type, one.id ?? '')
      .at(-1)
      ?.patients.includes(patient),
  )!;

describe.each<[string, Partial<Dialect>]>([
  ['with versions that can be read', {}],
  ['with UUIDs for version ids', { versionIds: 'uuid' }],
])('security: a server %s', (_kind, dialect) => {
  it.each<[string, (patient: string) => void]>([
    ['an update', (patient) => server.store.put({ ...some('Condition', patient), language: 'en' })],
    ['a new record', (patient) => server.store.put(observation(patient, 'forgotten'))],
  ])('security: that was restored to before %s is not sent anything, nor fetched from', async (_what, change) => {
    const { cache, fhir, patient } = await begin(dialect);
    const backup = server.store.snapshot();
    time += MINUTE;
    change(patient);
    expect(await run({ cache, fhir, upload })).toEqual({ ok: true });
    const before = await cachedRecords(cache);
    server.store.restore(backup);
    time += 10 * MINUTE;
    uploads = 0;
    server.requests.length = 0;
    expect(await run({ cache, fhir, upload })).toEqual(RESET);
    expect(searches(server.requests).filter((path) => path.includes('?'))).toEqual([]);
    // It stays so, without asking again, until a person has looked.
    server.requests.length = 0;
    expect(await run({ cache, fhir, upload })).toEqual(RESET);
    expect(server.requests).toEqual([]);
    expect(uploads).toBe(0);
    expect(await cachedRecords(cache)).toEqual(before);
  });

  it('security: whose version ids are given out again for something else is noticed by the time of the version', async () => {
    const { cache, fhir, patient } = await begin(dialect);
    const backup = server.store.snapshot();
    time += MINUTE;
    const condition = some('Condition', patient);
    server.store.put({ ...condition, language: 'en' });
    expect(await run({ cache, fhir, upload })).toEqual({ ok: true });
    server.store.restore(backup);
    time += 10 * MINUTE;
    server.store.put({ ...condition, language: 'de' });
    time += MINUTE;
    expect(await run({ cache, fhir, upload })).toEqual(RESET);
  });

  it('security: that has deleted since what it was restored to, and tells a long history by pages, is noticed', async () => {
    const { cache, fhir, patient } = await begin({ ...dialect, maxCount: 3 });
    const condition = some('Condition', patient);
    for (const language of ['en', 'de', 'fr']) server.store.put({ ...condition, language });
    const backup = server.store.snapshot();
    time += MINUTE;
    server.store.put({ ...condition, language: 'es' });
    expect(await run({ cache, fhir, upload })).toEqual({ ok: true });
    server.store.restore(backup);
    time += 10 * MINUTE;
    server.store.remove('Condition', condition.id ?? '');
    uploads = 0;
    expect(await run({ cache, fhir, upload })).toEqual(RESET);
    expect(uploads).toBe(0);
  });

  it('security: whose version ids are given out again for a deletion is noticed', async () => {
    const { cache, fhir, patient } = await begin(dialect);
    const backup = server.store.snapshot();
    time += MINUTE;
    const condition = some('Condition', patient);
    server.store.put({ ...condition, language: 'en' });
    expect(await run({ cache, fhir, upload })).toEqual({ ok: true });
    server.store.restore(backup);
    time += 10 * MINUTE;
    server.store.remove('Condition', condition.id ?? '');
    time += MINUTE;
    uploads = 0;
    expect(await run({ cache, fhir, upload })).toEqual(RESET);
    expect(uploads).toBe(0);
  });

  it('security: that forgot what only an unsent change has heard of is noticed', async () => {
    const { cache, fhir, patient } = await begin(dialect);
    const condition = some('Condition', patient);
    const body = JSON.parse(
      (await cache.read.resource({ type: 'Condition', id: condition.id ?? '' })) ?? '{}',
    ) as Condition;
    const added = await cache.outbox.add({
      patientId: patient,
      type: 'Condition',
      resourceId: condition.id ?? '',
      action: 'update',
      baseVersionId: body.meta?.versionId ?? null,
      body: JSON.stringify({ ...body, language: 'en' }),
      title: 'Sepsis',
      author: 'Practitioner/dev-osei',
      changedAt: '2031-03-04T05:06:07Z',
    });
    if (!added.ok) throw new Error(added.error.code);
    const backup = server.store.snapshot();
    time += MINUTE;
    server.store.put({ ...condition, language: 'de' } as Condition);
    const send: RunOptions['upload'] = (facts, signal) =>
      runUpload({ cache, fhir, capabilities: facts.statement, signal });
    expect(await run({ cache, fhir, upload: send })).toEqual({ ok: true });
    expect(await cache.outbox.counts()).toMatchObject({ conflicts: 1 });
    server.store.restore(backup);
    time += 10 * MINUTE;
    expect(await run({ cache, fhir, upload })).toEqual(RESET);
    expect(uploads).toBe(0);
  });

  it('that lags behind by a moment is asked again, and is not sent anything meanwhile', async () => {
    const { cache, fhir, patient } = await begin(dialect);
    const backup = server.store.snapshot();
    time += MINUTE;
    const newest = server.store.put(observation(patient, 'late'));
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    const ahead = server.store.snapshot();
    server.store.restore(backup);
    time += 10_000;
    expect(await run({ cache, fhir, upload })).toMatchObject({ ok: false, error: { code: 'server-error' } });
    expect(uploads).toBe(0);
    server.store.restore(ahead);
    expect(await run({ cache, fhir, upload })).toEqual({ ok: true });
    expect(await cachedRecords(cache)).toContain(`Observation/late ${newest.versionId}`);
  });

  it('that has deleted or changed the newest record is the same server', async () => {
    const { cache, fhir, patient } = await begin(dialect);
    time += MINUTE;
    server.store.put(observation(patient, 'newest'));
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    time += 10 * MINUTE;
    server.store.put(observation(patient, 'newest', 'Potassium'));
    expect(await run({ cache, fhir, upload })).toEqual({ ok: true });
    time += 10 * MINUTE;
    server.store.remove('Observation', 'newest');
    expect(await run({ cache, fhir, upload })).toEqual({ ok: true });
    expect(uploads).toBe(2);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('is taken as it is once IT has accepted it: everything is fetched anew, and only then sent', async () => {
    const { cache, fhir, patient } = await begin(dialect);
    const backup = server.store.snapshot();
    time += MINUTE;
    const condition = some('Condition', patient);
    server.store.put({ ...condition, language: 'en' });
    server.store.put(observation(patient, 'forgotten'));
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    server.store.restore(backup);
    time += 10 * MINUTE;
    // The same version id again, for another text.
    server.store.put({ ...condition, language: 'de' });
    expect(await run({ cache, fhir })).toEqual(RESET);
    await acceptServer(cache);
    expect((await cache.read.run()).asOf).toBeNull();
    server.faults.add({ kind: 'dropBefore', match: ({ path }) => path.startsWith('/fhir/Goal') });
    expect((await run({ cache, fhir, upload })).ok).toBe(false);
    server.faults.clear();
    expect(await run({ cache, fhir, upload })).toEqual({ ok: true });
    expect(uploads).toBe(0);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
    expect(await cache.read.resource({ type: 'Condition', id: condition.id ?? '' })).toContain('"de"');
    expect(await run({ cache, fhir, upload })).toEqual({ ok: true });
    expect(uploads).toBe(1);
  });
});

describe('security: a server without versions that can be read', () => {
  const dialect = { history: false, typeHistory: false };

  it('security: is known by its newest records not being older than they were', async () => {
    const { cache, fhir, patient } = await begin(dialect);
    const backup = server.store.snapshot();
    time += MINUTE;
    server.store.put({ ...some('Condition', patient), language: 'en' });
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    server.store.restore(backup);
    time += 10 * MINUTE;
    expect(await run({ cache, fhir, upload })).toEqual(RESET);
  });

  it('security: is asked for another patient’s record where the newest was changed again since', async () => {
    const { cache, fhir } = await begin(dialect);
    const [first = '', second = ''] = panelOf(server);
    const backup = server.store.snapshot();
    for (const patient of [second, first]) {
      time += MINUTE;
      server.store.put({ ...some('Condition', patient), language: 'en' });
    }
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    server.store.restore(backup);
    time += 10 * MINUTE;
    for (const language of ['de', 'fr']) server.store.put({ ...some('Condition', first), language });
    time += MINUTE;
    expect(await run({ cache, fhir, upload })).toEqual(RESET);
    expect(uploads).toBe(0);
  });

  it('that does not tell deleted from unknown is the same server when one record is gone', async () => {
    const { cache, fhir, patient } = await begin(dialect);
    time += MINUTE;
    server.store.put(observation(patient, 'gone'));
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    server.store.remove('Observation', 'gone');
    time += 10 * MINUTE;
    expect(await run({ cache, fhir, upload })).toEqual({ ok: true });
    expect(uploads).toBe(1);
  });
});

describe('security: a server that tells an older version of a care team than the one that is here', () => {
  /** The clinician is no longer on a team; the server told its earlier version in the search, and tells it by its id. */
  async function removed() {
    const { cache, fhir, patient } = await begin({ history: false, typeHistory: false });
    const other = panelOf(server).find((id) => id !== patient) ?? '';
    const team = server.store
      .list('CareTeam')
      .find((one) => one.resourceType === 'CareTeam' && one.subject?.reference === `Patient/${patient}`)!;
    const texts = new Map<string, string>();
    const about = ({ pathname, search }: URL) =>
      pathname.endsWith('/CareTeam') ? search : pathname.endsWith(`/CareTeam/${team.id}`) ? 'read' : '';
    const keeping = changing((url, text) => {
      texts.set(about(url), text);
      return text;
    });
    expect(await run({ cache, fhir: await fhirFor(server, { fetch: keeping }) })).toEqual({ ok: true });
    texts.set('read', server.store.versions('CareTeam', team.id ?? '').at(-1)?.text ?? '');
    texts.delete('');
    time += MINUTE;
    server.store.put({ ...team, participant: [] } as CareTeam);
    time += 1_000;
    // What is newer is remembered: by that alone it would be the same server.
    server.store.put(observation(other, 'newest'));
    time += 1_000;
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    expect(await cache.read.panel()).not.toContain(patient);
    const back = (isLate: boolean) =>
      fhirFor(server, {
        fetch: changing((url, text) => (isLate && about(url) === 'read' ? text : (texts.get(about(url)) ?? text))),
      });
    return { cache, fhir, patient, back };
  }

  it('security: has gone back: nobody could see who is on the panel now', async () => {
    const { cache, patient, back } = await removed();
    time += 10 * MINUTE;
    server.requests.length = 0;
    expect(await run({ cache, fhir: await back(false) })).toEqual(RESET);
    expect(searches(server.requests).filter((path) => path.includes('patient='))).toEqual([]);
    await acceptServer(cache);
    expect(await run({ cache, fhir: await back(false) })).toEqual({ ok: true });
    expect(await cache.read.panel()).toContain(patient);
  });

  it('may be late by a moment, and is asked again', async () => {
    const { cache, fhir, patient, back } = await removed();
    expect(await run({ cache, fhir: await back(false) })).toMatchObject({ ok: false, error: { code: 'server-error' } });
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    expect(await cache.read.panel()).not.toContain(patient);
  });

  it('is the same one where only its search is late', async () => {
    const { cache, patient, back } = await removed();
    time += 10 * MINUTE;
    expect(await run({ cache, fhir: await back(true) })).toEqual({ ok: true });
    expect(await cache.read.panel()).not.toContain(patient);
  });
});

describe('security: a server that is another one', () => {
  it('security: by its own name and address', async () => {
    const { cache, fhir } = await begin();
    const other: FhirClient = {
      ...fhir,
      async get(url, signal) {
        const answer = await fhir.get(url, signal);
        if (url !== 'metadata' || !answer.ok) return answer;
        return {
          ok: true,
          value: {
            ...answer.value,
            text: answer.value.text.replace(/"software":\{"name":"[^"]+"/, '"software":{"name":"Test copy"'),
          },
        };
      },
    };
    time += 10 * MINUTE;
    expect(await run({ cache, fhir: other, upload })).toEqual(RESET);
    expect(uploads).toBe(0);
  });

  it('security: by a clock that is behind what was fetched from it', async () => {
    const { cache, fhir } = await begin();
    time -= 20 * MINUTE;
    expect(await run({ cache, fhir, upload })).toEqual(RESET);
    expect(uploads).toBe(0);
  });

  it('and not by a clock that was set back a little', async () => {
    const { cache, fhir } = await begin();
    time -= 2 * MINUTE;
    expect(await run({ cache, fhir, upload })).toEqual({ ok: true });
  });

  it('security: by most of the records being gone, which deletes nothing', async () => {
    const { cache, fhir } = await begin();
    const before = await cachedRecords(cache);
    time += 25 * 60 * MINUTE;
    // Emptied behind its own back: nothing of it is in a history, and the newest records of all patients are still there.
    const emptied: FhirClient = {
      ...fhir,
      get: (url, signal, conditions) =>
        url.includes('_elements=')
          ? Promise.resolve({
              ok: true,
              value: {
                text: '{"resourceType":"Bundle","type":"searchset"}',
                status: 200,
                serverTime: new Date(time).toISOString(),
                etag: null,
                location: null,
              },
            })
          : fhir.get(url, signal, conditions),
    };
    expect(await run({ cache, fhir: emptied })).toEqual(RESET);
    expect(await cachedRecords(cache)).toEqual(before);
  });

  it('and not by a refusal to show its newest record', async () => {
    const { cache, fhir, patient } = await begin();
    time += MINUTE;
    server.store.put(observation(patient, 'restricted'));
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    time += 10 * MINUTE;
    server.faults.add({
      kind: 'status',
      status: 403,
      match: ({ path }) => path.startsWith('/fhir/Observation/restricted'),
    });
    expect(await run({ cache, fhir, upload })).toEqual({ ok: true });
    expect(uploads).toBe(1);
  });

  it('and not by a sign-in that covers its newest record no longer, of which it isn’t asked', async () => {
    const { cache, fhir, patient } = await begin();
    time += MINUTE;
    server.store.put(observation(patient, 'out-of-scope'));
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    time += 10 * MINUTE;
    const scope = 'user/Patient.rs user/CareTeam.rs user/Practitioner.rs user/Condition.rs';
    server.requests.length = 0;
    const narrow = await fhirFor(server, { scope });
    expect(await run({ cache, fhir: narrow, scopes: parseScopes(scope), upload })).toEqual({ ok: true });
    expect(searches(server.requests).filter((path) => path.startsWith('Observation/'))).toEqual([]);
    expect(uploads).toBe(1);
  });

  it('security: although its newest record may not be read, by that of another patient', async () => {
    const { cache, fhir } = await begin();
    const [first = '', second = ''] = panelOf(server);
    const backup = server.store.snapshot();
    time += MINUTE;
    server.store.put(observation(second, 'forgotten'));
    time += MINUTE;
    server.store.put(observation(first, 'restricted'));
    expect(await run({ cache, fhir })).toEqual({ ok: true });
    server.store.restore(backup);
    time += 10 * MINUTE;
    server.faults.add({
      kind: 'status',
      status: 403,
      match: ({ path }) => path.startsWith('/fhir/Observation/restricted'),
    });
    expect(await run({ cache, fhir, upload })).toEqual(RESET);
    expect(uploads).toBe(0);
  });

  it('and not by the records of patients who are out of reach', async () => {
    const { cache, fhir } = await begin();
    time += 10 * MINUTE;
    const patient: Patient = { resourceType: 'Patient', id: 'mine-now' };
    server.store.put(patient);
    // Whatever belongs to a patient is hidden from a clinician who isn't on the team any longer, as if it didn't exist.
    const hiding: FhirClient = {
      ...fhir,
      get: (url, signal, conditions) =>
        /^(Patient|Observation|Condition|Encounter|DocumentReference|DiagnosticReport|CareTeam|MedicationRequest|Procedure|ServiceRequest|Goal|CarePlan|Flag|Immunization|AllergyIntolerance|MedicationStatement|FamilyMemberHistory)\//.test(
          url,
        )
          ? Promise.resolve({
              ok: false,
              error: {
                code: 'not-found',
                status: 404,
                outcome: null,
                retryAfter: null,
                serverTime: new Date(time).toISOString(),
              },
            })
          : fhir.get(url, signal, conditions),
    };
    expect(await run({ cache, fhir: hiding, upload })).toEqual({ ok: true });
    expect(uploads).toBe(1);
  });
});
