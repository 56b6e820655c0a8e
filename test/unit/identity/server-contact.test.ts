import { describe, expect, it } from 'vitest';
import type { FhirAnswer, FhirClient, FhirResult } from '../../../main/fhir/client.ts';
import type { FhirErrorCode } from '../../../main/fhir/errors.ts';
import { askServer, withContacts } from '../../../main/identity/server-contact.ts';

const time = '2026-11-01T08:00:00.000Z';
const answered = (serverTime: string | null): FhirResult<FhirAnswer> => ({
  ok: true,
  value: { text: '{}', status: 200, serverTime, etag: null, location: null },
});
const refused = (code: FhirErrorCode): FhirResult<FhirAnswer> => ({
  ok: false,
  error: { code, status: null, outcome: null, retryAfter: null, serverTime: time },
});
const client = (answer: FhirResult<FhirAnswer>): FhirClient => ({
  base: 'https://s/',
  get: async () => answer,
  send: async () => answer,
});

describe('security: a contact with the server', () => {
  it.each([
    ['its answer', answered(time), { serverTime: Date.parse(time) }],
    ['an answer without a time', answered(null), 'lease-expired'],
    ['a refused token', refused('unauthorized'), 'lease-sign-in'],
    ['a refused clinician', refused('forbidden'), 'lease-expired'],
    ['an error of the server', refused('server-error'), 'lease-expired'],
    ['no network', refused('offline'), 'lease-expired'],
  ] as const)('security: of a closed profile is judged by %s', async (_what, answer, expected) => {
    expect(await askServer(client(answer), 'Practitioner/a')).toEqual(expected);
  });

  it('security: is each good answer that only a token gets, and no other', async () => {
    const told: number[] = [];
    const ask = (answer: FhirResult<FhirAnswer>) => withContacts(client(answer), (at) => told.push(at));
    await ask(answered(time)).get('metadata');
    await ask(answered(null)).get('Patient');
    await ask(refused('forbidden')).get('Patient');
    await ask(refused('conflict')).send({ method: 'PUT', url: 'Patient/1' });
    expect(told).toEqual([]);
    await ask(answered(time)).get('Patient');
    await ask(answered(time)).send({ method: 'PUT', url: 'Patient/1' });
    expect(told).toEqual([Date.parse(time), Date.parse(time)]);
  });
});
