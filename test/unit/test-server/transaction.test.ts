import type { Bundle, BundleEntry, FhirResource, Observation, Patient } from 'fhir/r4';
import { describe, expect, it } from 'vitest';
import { issueOf, withClient } from './client.ts';

const client = withClient();
const post = (type: 'batch' | 'transaction', entry: BundleEntry<FhirResource>[], headers = {}) =>
  client.send<Bundle>('POST', '', { resourceType: 'Bundle', type, entry }, headers);

const URN = 'urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9';
const patient: Patient = { resourceType: 'Patient', gender: 'female' };
const observation: Observation = {
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'K' },
  subject: { reference: URN },
  extension: [{ url: 'urn:x', extension: [{ url: 'nested', valueReference: { reference: URN } }] }],
};

describe('transaction', () => {
  it('rewrites references at any depth, keeps literals, and answers in the order asked', async () => {
    const text = JSON.stringify({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { request: { method: 'GET', url: 'Patient?gender=female' } },
        {
          resource: { ...observation, valueQuantity: { value: 0.5 } },
          request: { method: 'POST', url: 'Observation' },
        },
        { fullUrl: URN, resource: patient, request: { method: 'POST', url: 'Patient' } },
      ],
    }).replace('"value":0.5', '"value":0.50');
    const { status, body, text: answer } = await client.send<Bundle>('POST', '', text);
    const [search, made, subject] = body.entry!;
    expect(status).toBe(200);
    expect([made?.response?.status, subject?.response?.status]).toEqual(['201 Created', '201 Created']);
    const key = `Patient/${subject?.resource?.id}`;
    const stored = made?.resource as Observation;
    expect(stored.subject?.reference).toBe(key);
    expect(stored.extension?.[0]?.extension?.[0]?.valueReference?.reference).toBe(key);
    expect(answer).toContain('"value":0.50');
    // GET comes last, whatever its place: it sees the new patient.
    expect(search?.resource).toMatchObject({ resourceType: 'Bundle', total: 1 });
  });

  it('leaves nothing behind when one entry fails', async () => {
    await client.send('PUT', '/Patient/kept', { ...patient, id: 'kept' });
    const before = client.server.store.count();
    const answer = await post('transaction', [
      { resource: patient, request: { method: 'POST', url: 'Patient' } },
      { resource: { ...patient, id: 'kept', active: true }, request: { method: 'PUT', url: 'Patient/kept' } },
      { request: { method: 'DELETE', url: 'Patient/other' } },
      { resource: { ...patient, id: 'late' }, request: { method: 'PUT', url: 'Patient/late', ifMatch: 'W/"9"' } },
    ]);
    expect(answer.status).toBe(412);
    expect(issueOf(answer)?.expression).toEqual(['Bundle.entry[3]']);
    expect(client.server.store.count()).toBe(before);
    expect(client.server.store.versions('Patient', 'kept')).toHaveLength(1);
    const { body } = await client.get<Bundle>('/Patient/_history');
    expect(body.entry?.some((entry) => entry.resource?.id === 'late')).toBe(false);
    expect((await client.get<Bundle>('/Patient?active=true')).body.total).toBe(0);
  });

  it('finds instead of creating under ifNoneExist, and points references there', async () => {
    await client.send('PUT', '/Patient/existing', {
      ...patient,
      id: 'existing',
      identifier: [{ system: 'urn:s', value: '1' }],
    });
    const entry: BundleEntry<FhirResource>[] = [
      {
        fullUrl: URN,
        resource: patient,
        request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=urn:s|1' },
      },
      { resource: observation, request: { method: 'POST', url: 'Observation' } },
    ];
    const { body } = await post('transaction', entry);
    expect(body.entry?.[0]?.response?.status).toBe('200 OK');
    expect(body.entry?.[1]?.resource).toMatchObject({ subject: { reference: 'Patient/existing' } });
  });

  it('resolves conditional references, or refuses the whole', async () => {
    const refer = (reference: string) =>
      post('transaction', [
        { resource: { ...observation, subject: { reference } }, request: { method: 'POST', url: 'Observation' } },
      ]);
    const { body } = await refer('Patient?identifier=urn:s|1');
    expect(body.entry?.[0]?.resource).toMatchObject({ subject: { reference: 'Patient/existing' } });
    expect((await refer('Patient?identifier=urn:s|none')).status).toBe(412);
  });

  it('deletes first, so that an id can be taken again, but never writes one resource twice', async () => {
    const twice = await post('transaction', [
      { resource: { ...patient, id: 'kept' }, request: { method: 'PUT', url: 'Patient/kept' } },
      { request: { method: 'DELETE', url: 'Patient/kept' } },
    ]);
    expect(twice.status).toBe(400);
  });

  it('patches and honours ifMatch', async () => {
    const data = Buffer.from('[{"op":"add","path":"/active","value":true}]').toString('base64');
    const resource = { resourceType: 'Binary' as const, contentType: 'application/json-patch+json', data };
    const { body } = await post('transaction', [
      { resource, request: { method: 'PATCH', url: 'Patient/kept', ifMatch: 'W/"1"' } },
    ]);
    expect(body.entry?.[0]?.resource).toMatchObject({ id: 'kept', active: true });
  });
});

describe('batch', () => {
  it('lets each entry stand for itself', async () => {
    const { status, body } = await post('batch', [
      { resource: { ...patient, id: 'b1' }, request: { method: 'PUT', url: 'Patient/b1' } },
      { resource: { ...patient, id: 'b1' }, request: { method: 'PUT', url: 'Patient/b1', ifMatch: 'W/"5"' } },
      { request: { method: 'GET', url: 'Patient/nope' } },
      { request: { method: 'GET', url: 'Patient/b1' } },
    ]);
    expect(status).toBe(200);
    expect(body.entry?.map((entry) => entry.response?.status.slice(0, 3))).toEqual(['201', '412', '404', '200']);
    expect(body.entry?.[1]?.response?.outcome).toMatchObject({ resourceType: 'OperationOutcome' });
  });

  it('refuses a Bundle of another type', async () => {
    expect((await client.send('POST', '', { resourceType: 'Bundle', type: 'collection' })).status).toBe(400);
  });
});
