import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseHeader, withKeys } from '../../../../main/documents/format/header.ts';
import { decryption } from '../../../../main/documents/format/streams.ts';
import { unwrapDataKey } from '../../../../main/documents/format/wrapping.ts';
import { pseudonymOf } from '../../../../main/documents/keys/pseudonym.ts';
import { readPem } from '../../../../main/documents/keys/public-keys.ts';
import type { Recipient, WrappedKey } from '../../../../main/documents/types.ts';
import {
  encrypt,
  must,
  openSite,
  openWorkstation,
  privateKeysOf,
  type Site,
  sharedPairs,
  through,
  type Workstation,
} from './support.ts';

let site: Site;
let forOrganisation: Recipient;

beforeAll(async () => {
  site = await openSite();
  const { thumbprint = '', publicKey = '' } = site.keys.organisation.wrapping()[0] ?? {};
  forOrganisation = { kind: 'rsa', thumbprint, publicKey };
});
afterAll(() => site.stop());

const patientOf = (id: string) => pseudonymOf(site.keys.organisation.contextKey(), 'patient', `Patient/${id}`);
const messageOf = (patient: string, recipients = [forOrganisation]) =>
  encrypt(recipients, { v: '1', document: 'd', patient: patientOf(patient) });
const ready = async (user: string, start: number) => {
  const one = await openWorkstation(site, user, { pairs: sharedPairs(start) });
  expect(await one.keys.refresh()).toEqual({ ok: true, value: null });
  return one;
};
const last = () => site.keys.decisions.at(-1);

/** Asks the service itself, as anybody can. */
async function ask(path: string, body: unknown, { user = 'osei', token = '' } = {}) {
  const bearer = token || (await site.server.issueToken(user));
  const answer = await fetch(`${site.policy.keyService}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {
    status: answer.status,
    ...((await answer.json().catch(() => ({}))) as { code?: string; wrapped?: WrappedKey }),
  };
}

const certificateOf = (one: Workstation) => one.cache.read.deviceKeys()[0]?.certificate ?? '';

test('who is on the patient’s care team opens a file that was not encrypted for her, by the token’s key', async () => {
  const lindqvist = await ready('lindqvist', 3);
  const { header, message } = await messageOf('p1');
  const wrapped = must(await lindqvist.keys.rewrap(header.toString('base64')));
  const parsed = must(parseHeader(message));
  const keys = privateKeysOf(lindqvist);
  expect(unwrapDataKey(parsed, [], keys)).toEqual({ ok: false, error: { code: 'not-a-recipient' } });
  expect(
    (
      await through(
        decryption(parsed, must(unwrapDataKey(parsed, [wrapped], keys)), () => []),
        message,
      )
    ).toString(),
  ).toBe('a synthetic wound');
  expect(last()).toMatchObject({ request: 'rewrap', practitioner: 'Practitioner/dev-lindqvist', decision: 'granted' });
});

test('security: who is on no care team of the patient gets no key, and every decision is logged by pseudonym', async () => {
  const [lindqvist, locum] = [await ready('lindqvist', 3), await ready('locum', 4)];
  const { header } = await messageOf('p2');
  for (const one of [lindqvist, locum]) {
    expect(await one.keys.rewrap(header.toString('base64'))).toEqual({
      ok: false,
      error: { code: 'key-service-refused' },
    });
    expect(last()).toMatchObject({ decision: 'not-on-care-team', document: 'd', patient: patientOf('p2') });
  }
  expect(JSON.stringify(site.keys.decisions)).not.toMatch(/Patient\/|"p[12]"/);
});

test('an emergency that somebody has declared opens what is not her patient’s, and stands out in the log', async () => {
  const locum = await ready('locum', 4);
  const { header } = await messageOf('p2');
  expect((await locum.keys.rewrap(header.toString('base64'), { emergency: true })).ok).toBe(true);
  expect(last()).toMatchObject({ decision: 'granted-in-emergency', practitioner: 'Practitioner/dev-locum' });
  const lindqvist = await ready('lindqvist', 3);
  const own = await messageOf('p1');
  await lindqvist.keys.rewrap(own.header.toString('base64'), { emergency: true });
  expect(last()).toMatchObject({ decision: 'granted' });
});

test('security: a care team that has ended, or a role that has, opens nothing', async () => {
  const lindqvist = await ready('lindqvist', 3);
  const { header } = await messageOf('p1');
  const { store } = site.server;
  const role = store.read('PractitionerRole', 'ward-nurse') as object;
  const team = store.read('CareTeam', 't1') as object;
  for (const [ended, before] of [
    [{ ...role, active: false }, role],
    [{ ...role, period: { end: '2020-01-01' } }, role],
    [{ ...team, status: 'inactive' }, team],
    [{ ...team, period: { end: '2020-01-01T10:00:00Z' } }, team],
  ] as const) {
    store.put(ended as never);
    expect(await lindqvist.keys.rewrap(header.toString('base64'))).toEqual({
      ok: false,
      error: { code: 'key-service-refused' },
    });
    store.put(before as never);
  }
  expect((await lindqvist.keys.rewrap(header.toString('base64'))).ok).toBe(true);
});

test('security: a header whose context or recipients were changed opens nothing', async () => {
  const osei = await ready('osei', 0);
  const certificate = certificateOf(osei);
  const { header } = await messageOf('p2');
  const other = Buffer.from(header);
  const at = other.indexOf(patientOf('p2'));
  other.write(patientOf('p1'), at);
  const asked = async (bytes: Buffer) => (await ask('rewrap', { header: bytes.toString('base64'), certificate })).code;
  expect(await asked(other)).toBe('header-not-genuine');
  const parsed = must(parseHeader(header));
  const added = withKeys(parsed, [...parsed.keys, ...parsed.keys], Buffer.alloc(32));
  expect(await asked(Buffer.concat([added.raw, parsed.authentication]))).toBe('header-not-genuine');
  const flipped = Buffer.from(header);
  flipped[flipped.length - 1]! ^= 1;
  expect(await asked(flipped)).toBe('header-not-genuine');
  expect(await asked(Buffer.concat([header, Buffer.from('x')]))).toBe('header-invalid');
  expect(await asked(header.subarray(0, -1))).toBe('header-invalid');
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 3_072 });
  const foreign = readPem(publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const elsewhere = await messageOf('p2', [{ kind: 'rsa', ...must({ ok: true, value: foreign! }) }]);
  expect(await asked(elsewhere.header)).toBe('not-a-recipient');
  // For the organisation's key by its name, but of another key.
  const named = await messageOf('p2', [forOrganisation]);
  const { keys, ...rest } = must(parseHeader(named.header));
  const swapped = withKeys(
    { keys, ...rest },
    [{ ...keys[0]!, ciphertext: must(parseHeader(elsewhere.header)).keys[0]!.ciphertext }],
    Buffer.alloc(32),
  );
  expect(await asked(Buffer.concat([swapped.raw, swapped.authentication]))).toBe('not-a-recipient');
});

test('security: a certificate counts for its own person, while it is current and not revoked', async () => {
  const [osei, locum] = [await ready('osei', 0), await ready('locum', 4)];
  const header = (await messageOf('p1')).header.toString('base64');
  const asked = async (certificate: string, user = 'osei') =>
    (await ask('rewrap', { header, certificate }, { user })).code;
  expect(await asked(certificateOf(locum))).toBe('certificate-of-another');
  expect(await asked(`${certificateOf(osei).slice(0, -4)}AAAA`)).toBe('certificate-invalid');
  expect((await ask('revoke', { certificate: certificateOf(osei), reason: 'x' }, { user: 'locum' })).code).toBe(
    'certificate-of-another',
  );
  expect((await ask('revoke', { certificate: certificateOf(osei), reason: 'lost' })).status).toBe(200);
  expect(await asked(certificateOf(osei))).toBe('key-revoked');
  expect(await osei.keys.rewrap(header)).toEqual({ ok: false, error: { code: 'key-revoked' } });
  expect(JSON.stringify(site.server.store.read('Basic', 'wardlight-key-revocations'))).toContain('key-revocations');
  // Nor is that key certified again, for whomever.
  const again = await openWorkstation(site, 'osei', { pairs: sharedPairs(0) });
  expect(await again.keys.refresh()).toEqual({ ok: false, error: { code: 'key-revoked' } });
});

test('security: without a living token nothing is answered but that', async () => {
  for (const path of ['challenge', 'certify', 'rewrap', 'revoke', 'elsewhere']) {
    expect((await ask(path, {}, { token: 'nonsense' })).status).toBe(401);
  }
  expect((await ask('rewrap', '{"header":')).code).toBe('request-invalid');
  expect((await ask('rewrap', { header: 'x'.repeat(3 * 1024 * 1024), certificate: '' })).status).toBe(413);
});

test('security: a certificate takes the private key, and each challenge answers once', async () => {
  const { n = '', e = '' } = sharedPairs(5)();
  const request = { jwk: { kty: 'RSA', n, e }, device: 'd' };
  expect((await ask('certify', { ...request, proof: 'A'.repeat(43) })).code).toBe('proof-wrong');
  expect((await ask('challenge', request)).status).toBe(200);
  expect((await ask('certify', { ...request, proof: 'A'.repeat(43) })).code).toBe('proof-wrong');
  const short = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey.export({ format: 'jwk' });
  expect((await ask('challenge', { jwk: { kty: 'RSA', n: short.n, e: short.e }, device: 'd' })).code).toBe(
    'key-invalid',
  );
});

test('an older key of the organisation opens what was encrypted for it', async () => {
  const lindqvist = await ready('lindqvist', 3);
  const { header } = await messageOf('p1');
  const fresh = site.keys.organisation.rotate();
  expect(site.keys.organisation.wrapping().map(({ thumbprint }) => thumbprint)).toEqual([
    fresh.thumbprint,
    forOrganisation.kind === 'rsa' && forOrganisation.thumbprint,
  ]);
  expect((await lindqvist.keys.rewrap(header.toString('base64'))).ok).toBe(true);
  const newer = await messageOf('p1', [{ kind: 'rsa', ...fresh }]);
  expect((await lindqvist.keys.rewrap(newer.header.toString('base64'))).ok).toBe(true);
});
