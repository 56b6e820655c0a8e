import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type GeneralJWE, generalDecrypt, importJWK } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Progress } from '../../../../build/keys/bulk.ts';
import { rewrapAll } from '../../../../build/keys/rewrap.ts';
import { teamsOf } from '../../../../build/keys/team.ts';
import { searchableTypes } from '../../../../build/keys/types.ts';
import { byToken } from '../../../../build/keys/unwrap.ts';
import { carriersOf, jweIn } from '../../../../main/documents/fields/carriers.ts';
import { exposureOf } from '../../../../main/documents/keys/exposure.ts';
import { pseudonymOf } from '../../../../main/documents/keys/pseudonym.ts';
import { createFhirClient, type FhirClient } from '../../../../main/fhir/client.ts';
import { certified, observation, sealedRecord } from './sealed.ts';
import { must, openSite, type Site, sharedPairs } from './support.ts';

let site: Site;
/** Of the nurse on the care team. */
let pair: JsonWebKey;
let hers: string;
const TYPES = ['Condition', 'Observation', 'Patient', 'QuestionnaireResponse'];

beforeAll(async () => {
  site = await openSite('softhsm');
  pair = sharedPairs(0)();
  hers = certified(site, pair);
});
afterAll(() => site.stop());
beforeEach(() => rmSync(join(site.folder, 'state.json'), { force: true }));
afterEach(() => {
  for (const [type, id] of sealed.splice(0)) site.server.store.remove(type, id);
  site.server.store.put({ resourceType: 'Patient', id: 'p1' } as never);
});

const sealed: [string, string][] = [];
const named = (value: string) => pseudonymOf(site.keys.organisation.contextKey(), 'record', value);

async function seal(record: { resourceType: string; id: string }, path: string) {
  site.server.store.put(await sealedRecord(site, record, path));
  if (record.id !== 'p1') sealed.push([record.resourceType, record.id]);
}

const subject = { reference: 'Patient/p1' };

/** One record of each kind of way in which a record says whose it is. */
async function sealAll() {
  await seal(observation('o1', { text: { status: 'generated', div: '<div>CANARY</div>' } }), 'value');
  await seal({ resourceType: 'Condition', id: 'c1', subject, note: [{ text: 'CANARY c1' }] } as never, 'note.text');
  await seal({ resourceType: 'Patient', id: 'p1', birthDate: '1970-01-01' } as never, 'birthDate');
}

const record = (type: string, id: string) => site.server.store.read(type, id) as unknown as Record<string, unknown>;
const jwesOf = (type: string, id: string) => carriersOf(record(type, id)).map(jweIn);
const kidsOf = (jwe: string) =>
  (JSON.parse(jwe) as GeneralJWE).recipients.map(({ header }) => String(header?.['kid'])).sort();

async function client(wrapped: (fhir: FhirClient) => Partial<FhirClient> = () => ({})): Promise<FhirClient> {
  const token = await site.server.issueToken('osei');
  const accessToken = async () => ({ ok: true as const, value: token });
  const fhir = createFhirClient({ base: site.server.url, fetch, accessToken, requestId: () => 'r' });
  return { ...fhir, ...wrapped(fhir) };
}

async function rewrap(fhir?: FhirClient, types: readonly string[] = TYPES, seen?: (done: Progress) => void) {
  const known = fhir ?? (await client());
  const keys = site.keys.organisation;
  return rewrapAll({
    fhir: known,
    keys,
    unwrap: byToken(keys),
    teams: teamsOf(known, keys, site.now),
    types,
    state: join(site.folder, 'state.json'),
    onProgress: (done) => seen?.(done),
  });
}

test('wraps the sealed fields of every type anew, which jose alone opens with the new recipient’s key', async () => {
  await sealAll();
  const rest = JSON.stringify(record('Observation', 'o1')['code']);
  const all = await searchableTypes(await client());
  expect(all).toEqual(expect.arrayContaining([...TYPES, 'DocumentReference']));
  const steps: number[] = [];
  expect(await rewrap(undefined, TYPES, ({ changed }) => steps.push(changed))).toMatchObject({
    examined: 3,
    changed: 3,
    failed: [],
    refused: [],
  });
  expect(steps).toEqual([0, 1, 2, 3, 3]);
  const key = await importJWK(pair as never, 'RSA-OAEP-256');
  const texts: string[] = [];
  for (const [type, id] of [...sealed, ['Patient', 'p1']] as const) {
    for (const jwe of jwesOf(type, id)) {
      expect(kidsOf(jwe)).toEqual([site.keys.organisation.wrapping()[0]?.thumbprint, hers].sort());
      texts.push(Buffer.from((await generalDecrypt(JSON.parse(jwe), key)).plaintext).toString());
    }
  }
  expect(texts.filter((text) => text.includes('CANARY') || text.includes('1970'))).toHaveLength(4);
  expect(JSON.stringify(record('Observation', 'o1')['code'])).toBe(rest);
  expect(await rewrap()).toMatchObject({ changed: 0, unchanged: 3 });
});

test('finds them page by page, and where the server knows no search by label', async () => {
  for (let at = 0; at < 45; at += 1) site.server.store.put(observation(`plain-${at}`) as never);
  for (let at = 0; at < 25; at += 1) await seal(observation(`many-${at}`), 'value');
  const unlabelled = await client(({ get }) => ({
    get: (url, signal) => get(url.replace(/_security=[^&]*&/, ''), signal),
  }));
  expect(await rewrap(unlabelled, ['Observation'])).toMatchObject({ examined: 25, changed: 25, failed: [] });
  rmSync(join(site.folder, 'state.json'));
  expect(await rewrap(undefined, ['Observation'])).toMatchObject({ examined: 25, unchanged: 25 });
  const { fields } = must(await exposureOf(unlabelled, hers, { types: ['Observation'] }));
  expect(fields).toMatchObject({ examined: 25, unknown: [] });
  expect(fields.records).toHaveLength(25);
  for (let at = 0; at < 45; at += 1) site.server.store.remove('Observation', `plain-${at}`);
});

test('says which types the server lets nobody search, and does the others', async () => {
  await seal(observation('searched'), 'value');
  const error = { code: 'forbidden', status: 403, outcome: null, retryAfter: null, serverTime: null } as const;
  const strict = await client(({ get }) => ({
    get: async (url, signal) => (url.startsWith('Condition?') ? { ok: false, error } : get(url, signal)),
  }));
  expect(await rewrap(strict)).toMatchObject({ changed: 1, refused: [{ pass: 'Condition', code: 'forbidden' }] });
  const found = must(await exposureOf(strict, hers, { types: TYPES }));
  expect(found.fields).toMatchObject({ refused: ['Condition'], records: [{ id: 'searched' }] });
});

test('ends where the server forgets its pages again and again', async () => {
  for (let at = 0; at < 25; at += 1) await seal(observation(`many-${at}`), 'value');
  const error = { code: 'gone', status: 410, outcome: null, retryAfter: null, serverTime: null } as const;
  let forgotten = 0;
  const forgetful = await client(({ get }) => ({
    async get(url, signal) {
      const isFirst = url.startsWith('Observation/') || url.includes('_security=');
      const isPage = !isFirst || url.startsWith('http');
      if (!isPage || /^(CareTeam|Basic|metadata|DocumentReference)/.test(url)) return get(url, signal);
      forgotten += 1;
      if (forgotten > 20) throw new Error('never ends');
      return { ok: false, error };
    },
  }));
  await expect(rewrap(forgetful, ['Observation'])).rejects.toMatchObject({ code: 'gone' });
  // Once it remembers them, all of it is done.
  expect(await rewrap(undefined, ['Observation'])).toMatchObject({ failed: [] });
  expect(kidsOf(jwesOf('Observation', 'many-24')[0]!)).toContain(hers);
});

test('security: replaces nothing that somebody has changed meanwhile, and wraps the newer version', async () => {
  await seal(observation('o1'), 'value');
  let times = 1;
  const busy = await client(({ send }) => ({
    async send(write, signal) {
      if (times-- > 0) site.server.store.put({ ...record('Observation', 'o1'), status: 'amended' } as never);
      return send(write, signal);
    },
  }));
  expect(await rewrap(busy)).toMatchObject({ changed: 1, failed: [] });
  expect(record('Observation', 'o1')['status']).toBe('amended');
  expect(kidsOf(jwesOf('Observation', 'o1')[0]!)).toContain(hers);
  // Where it never rests it is told of, and left.
  site.keys.organisation.rotate();
  times = 9;
  rmSync(join(site.folder, 'state.json'));
  expect((await rewrap(busy)).failed).toEqual([{ type: 'Observation', id: 'o1', code: 'conflict' }]);
});

test('security: a record that was put under another patient brings nobody in, whatever its type', async () => {
  await seal(observation('moved', { subject: { reference: 'Patient/p2' } }), 'value');
  await seal(observation('nobody', { subject: undefined }), 'value');
  const codes = (await rewrap()).failed.map(({ id, code }) => `${id}: ${code}`);
  expect(codes.sort()).toEqual(['moved: context-mismatch', 'nobody: context-mismatch']);
  expect(kidsOf(jwesOf('Observation', 'moved')[0]!)).not.toContain(hers);
});

test('killed at any of its requests, before or after it was done, it goes on and writes each record once', async () => {
  await sealAll();
  const versions = () =>
    [...sealed, ['Patient', 'p1'] as const].map(([type, id]) => site.server.store.versions(type, id).length);
  const before = versions();
  let requests = 0;
  const count = <Value>(value: Value): Value => {
    requests += 1;
    return value;
  };
  const counting = await client(({ get, send }) => ({
    get: (...args) => count(get(...args)),
    send: (...args) => count(send(...args)),
  }));
  await rewrap(counting);
  const points = requests;
  expect(points).toBeGreaterThan(12);
  const [first] = versions();
  expect(first).toBe((before[0] ?? 0) + 1);
  for (let point = 1; point <= points; point += 1) {
    for (const isDone of [false, true]) {
      const start = versions();
      reseal();
      const sealedAgain = versions();
      let at = 0;
      const die = async <Value>(ask: () => Promise<Value>): Promise<Value> => {
        at += 1;
        if (at < point) return ask();
        if (at === point && isDone) await ask();
        throw new Error('killed');
      };
      const dying = await client(({ get, send }) => ({
        get: (...args) => die(() => get(...args)),
        send: (...args) => die(() => send(...args)),
      }));
      await rewrap(dying).catch((error: unknown) => expect(String(error)).toContain('killed'));
      expect(await rewrap()).toMatchObject({ failed: [] });
      expect(versions()).toEqual(sealedAgain.map((count) => count + 1));
      expect(sealedAgain).toEqual(start.map((count) => count + 1));
    }
  }
});

/** Takes the nurse out again, so that there is something to do. */
function reseal(): void {
  for (const [type, id] of [...sealed, ['Patient', 'p1'] as const]) {
    const text = JSON.parse(JSON.stringify(record(type, id))) as Record<string, unknown>;
    for (const { extension, ...carrier } of carriersOf(text)) {
      const jwe = JSON.parse(jweIn({ extension, ...carrier })) as GeneralJWE;
      const recipients = jwe.recipients.filter(({ header }) => header?.['kid'] !== hers);
      extension['valueBase64Binary'] = Buffer.from(JSON.stringify({ ...jwe, recipients })).toString('base64');
    }
    site.server.store.put(text as never);
  }
  rmSync(join(site.folder, 'state.json'), { force: true });
}

test('a lost key’s fields are told of: those that it opens, has opened, and was granted', async () => {
  await seal(observation('now'), 'value');
  await rewrap();
  await seal(observation('before'), 'value');
  await rewrap();
  await seal(observation('before'), 'value');
  await seal(observation('never'), 'value');
  await seal({ resourceType: 'Condition', id: 'granted', subject, note: [{ text: 'x' }] } as never, 'note.text');
  site.server.store.put({ ...observation('odd'), meta: labelled, extension: [null, { url: SEALED, ...odd }] } as never);
  sealed.push(['Observation', 'odd']);
  const granted = new Set([named('Condition/granted')]);
  const { fields } = must(await exposureOf(await client(), hers, { types: TYPES, granted }));
  const patient = 'Patient/p1';
  const value = { type: 'Observation', patient, paths: ['valueString'], isWhole: true };
  expect(fields.records).toEqual(
    expect.arrayContaining([
      { ...value, id: 'now', current: true },
      { ...value, id: 'before', current: false },
      { type: 'Condition', id: 'granted', patient, paths: ['note.text'], current: false, isWhole: true },
    ]),
  );
  expect(fields.records.map(({ id }) => id)).not.toContain('never');
  expect(fields.unknown).toEqual(['Observation/odd']);
  // An organisation's key opens what is for it.
  const key = site.keys.organisation.wrapping()[0]!.thumbprint;
  const all = must(await exposureOf(await client(), key, { types: ['Observation'] }));
  expect(all.fields.records.map(({ id }) => id)).toEqual(expect.arrayContaining(['now', 'before', 'never']));
});

const SEALED = 'https://wardlight.org/fhir/StructureDefinition/sealed';
const odd = { valueBase64Binary: Buffer.from('{"recipients":[null]}').toString('base64') };
const labelled = {
  security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'MASKED' }],
};
