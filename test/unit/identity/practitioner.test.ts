import { describe, expect, it } from 'vitest';
import type { FhirClient } from '../../../main/fhir/client.ts';
import { claimedName, nameFromReference, practitionerName } from '../../../main/identity/practitioner.ts';

const answering = (text: string): Pick<FhirClient, 'get'> => ({
  get: async () => ({ ok: true, value: { text, status: 200, serverTime: null, etag: null, location: null } }),
});

const failing: Pick<FhirClient, 'get'> = {
  get: async () => ({
    ok: false,
    error: { code: 'forbidden', status: 403, outcome: null, retryAfter: null, serverTime: null },
  }),
};

const named = (...name: object[]) => answering(JSON.stringify({ resourceType: 'Practitioner', name }));

describe('the name that a clinician is greeted by', () => {
  it.each([
    [named({ use: 'nickname', text: 'Amy' }, { use: 'official', text: 'Dr Amara Osei' }), 'Dr Amara Osei'],
    [named({ prefix: ['Dr'], given: ['Amara', 'J'], family: 'Osei' }), 'Dr Amara J Osei'],
    [named({ family: 'Osei' }), 'Osei'],
    [named({}), null],
    [named(), null],
    [answering('{}'), null],
    [answering('<html>'), null],
    [answering('null'), null],
    [answering('{"name":"Osei"}'), null],
    [answering('{"name":[null]}'), null],
    [failing, null],
  ])('case %#', async (fhir, name) => {
    expect(await practitionerName(fhir, 'Practitioner/a')).toBe(name);
  });
});

describe('the name of whom the server does not let be read', () => {
  it.each([
    [{ name: ' Dr Amara Osei ', preferred_username: 'aosei' }, 'Dr Amara Osei'],
    [{ given_name: 'Amara', family_name: 'Osei', preferred_username: 'aosei' }, 'Amara Osei'],
    [{ name: '', preferred_username: 'aosei' }, 'aosei'],
    [{ name: 7, nickname: 'Amy' }, 'Amy'],
    [{ fhirUser: 'Practitioner/dev-osei' }, null],
    [undefined, null],
  ])('comes from the ID token, case %#', (claims, name) => {
    expect(claimedName(claims)).toBe(name);
  });

  it('is her id where the token has none, and no type of FHIR', () => {
    expect(nameFromReference('Practitioner/dev-osei')).toBe('dev-osei');
    expect(nameFromReference('Dr Osei')).toBe('Dr Osei');
  });
});
