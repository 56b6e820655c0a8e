import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Bundle, CareTeam, Encounter, Group, Observation } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from './client.ts';

const directory = mkdtempSync(join(tmpdir(), 'wardlight-data-'));
let client: Client;

const PATIENTS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const URN = 'urn:uuid:7d3aec4c-0f8f-4bde-b6c2-37fdb2c537d8';

beforeAll(async () => {
  const lines = PATIENTS.map((id) => `{"resourceType":"Patient","id":"${id}","meta":{"tag":[{"code":"kept"}]}}\n`).join(
    '',
  );
  writeFileSync(join(directory, 'Patient.ndjson.gz'), gzipSync(lines));
  const observation =
    '{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"é"},"subject":{"reference":"Patient/a"},"valueQuantity":{"value":54.990}}\n';
  writeFileSync(join(directory, 'Observation.ndjson.zst'), zstdCompressSync(observation));
  mkdirSync(join(directory, 'bundles'));
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        fullUrl: URN,
        resource: { resourceType: 'Patient', name: [{ text: 'From a bundle' }] },
        request: { method: 'POST', url: 'Patient' },
      },
      {
        fullUrl: 'urn:uuid:x-1',
        resource: { resourceType: 'Practitioner', id: 'doc', identifier: [{ system: 'urn:npi', value: '9' }] },
      },
      {
        fullUrl: 'urn:uuid:x-2',
        resource: {
          resourceType: 'Observation',
          id: 'o2',
          status: 'final',
          code: { text: 'x' },
          subject: { reference: URN },
          performer: [{ reference: 'Practitioner?identifier=urn:npi|9' }],
          valueQuantity: { value: 0.5 },
        },
      },
    ],
  };
  writeFileSync(
    join(directory, 'bundles', 'one.json'),
    JSON.stringify(bundle, undefined, 2).replace('"value": 0.5', '"value": 0.500'),
  );
  client = await createClient({ data: directory });
});

afterAll(async () => {
  await client.server.stop();
  rmSync(directory, { recursive: true });
});

describe('the loader', () => {
  it('reads NDJSON and bundles, plain and compressed, and keeps ids, metadata and literals', async () => {
    expect((await client.get<Bundle>('/Patient?_tag=kept')).body.total).toBe(PATIENTS.length);
    expect((await client.get('/Observation/o1')).text).toContain('"value":54.990');
    expect((await client.get('/Observation/o2')).text).toMatch(/"value": ?0\.500/);
    expect((await client.get('/Observation/o2')).text).not.toContain('\n');
  });

  it('resolves references within and between files', () => {
    const observation = client.server.store.read('Observation', 'o2') as Observation;
    expect(observation.subject?.reference).toBe(`Patient/${URN.slice('urn:uuid:'.length)}`);
    expect(observation.performer?.[0]?.reference).toBe('Practitioner/doc');
  });

  it('ends its version times about now', () => {
    const last = client.server.store.versions('Observation', 'o2')[0]!.lastUpdated;
    expect(Date.parse(last)).toBeLessThanOrEqual(Date.now());
    expect(Date.parse(last)).toBeGreaterThan(Date.now() - 60_000);
  });

  it('gives the patients to the development users, with one to be refused, and beds to some', () => {
    const { store, users } = client.server;
    const teams = store.list('CareTeam') as CareTeam[];
    const cared = (id: string) =>
      teams.filter((t) => t.participant?.some((p) => p.member?.reference === `Practitioner/${id}`)).length;
    expect(cared(users[0]!.practitionerId)).toBe(PATIENTS.length + 1 - 1);
    expect(cared(users[1]!.practitionerId)).toBe(4);
    expect((store.read('Group', 'panel-osei') as Group).member).toHaveLength(PATIENTS.length);
    const stays = (store.list('Encounter') as Encounter[]).filter((e) => e.status === 'in-progress');
    expect(stays.length).toBeGreaterThan(1);
    for (const stay of stays)
      expect(store.read('Location', stay.location![1]!.location.reference!.slice(9))).toBeDefined();
  });

  it('names the file that it cannot read, and refuses an empty directory', async () => {
    const bad = mkdtempSync(join(tmpdir(), 'wardlight-bad-'));
    await expect(createClient({ data: bad })).rejects.toThrow('no FHIR resources');
    writeFileSync(join(bad, 'broken.json'), '{"resourceType":');
    await expect(createClient({ data: bad })).rejects.toThrow('broken.json');
    rmSync(bad, { recursive: true });
  });
});
