import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { CompactEncrypt, importJWK } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CERTIFICATE_TYP, REVOCATIONS_TYP } from '../../../../main/documents/keys/certificates.ts';
import { CONTEXT_KEY_TYP, SIGNED_CONTEXT_KEY_TYP } from '../../../../main/documents/keys/device.ts';
import { certificateResource, revocationsResource } from '../../../../main/documents/keys/directory.ts';
import { type PublicKey, readJwk } from '../../../../main/documents/keys/public-keys.ts';
import type { Recipient } from '../../../../main/documents/types.ts';
import { must, openSite, openWorkstation, type Site, sharedPairs, type Workstation } from './support.ts';

let site: Site;
let organisation: string;
/** A key of nobody. */
let stranger: PublicKey;

const done = { ok: true, value: null };
const failing = (code: string) => ({ ok: false, error: { code } });
const names = (recipients: readonly Recipient[]) =>
  recipients.map((one) => (one.kind === 'aws-kms' ? one.arn : one.thumbprint));
const recipientsOf = async (one: Workstation, patient: string) => names(must(await one.keys.recipientsFor(patient)));
const thumbprintOf = async (one: Workstation) => must(await one.keys.ready()).thumbprint;
const QUARTER_MS = 16 * 60_000;

beforeAll(async () => {
  site = await openSite();
  organisation = site.keys.organisation.wrapping()[0]?.thumbprint ?? '';
  const { n, e } = sharedPairs(6)();
  stranger = readJwk({ kty: 'RSA', n, e }) as PublicKey;
});
afterAll(() => site.stop());

async function openTwo(differences: Parameters<typeof openWorkstation>[2] = {}) {
  const lindqvist = await openWorkstation(site, 'lindqvist', { pairs: sharedPairs(3) });
  expect(await lindqvist.keys.refresh()).toEqual(done);
  const osei = await openWorkstation(site, 'osei', { pairs: sharedPairs(0), ...differences });
  expect(await osei.keys.refresh()).toEqual(done);
  return { osei, lindqvist };
}

/** What a certificate of that key says. */
function claims(key: PublicKey, sub: string) {
  const iat = Math.floor(site.now() / 1000);
  const named = { iss: 'https://keys.wardlight.example', sub, device: 'w', use: 'device' };
  return { ...named, jwk: key.jwk, jti: key.thumbprint, iat, exp: iat + 60 * 60 };
}

test('files are for the organisation, this device and the devices of the patient’s care team', async () => {
  const early = await openWorkstation(site, 'osei');
  expect(await early.keys.ready()).toEqual(failing('keys-not-ready'));
  expect(await early.keys.recipientsFor('p1')).toEqual(failing('keys-not-ready'));
  expect(await early.keys.pseudonym('patient', 'Patient/p1')).toEqual(failing('keys-not-ready'));
  const { osei, lindqvist } = await openTwo();
  await lindqvist.keys.refresh();
  const [own, other] = [await thumbprintOf(osei), await thumbprintOf(lindqvist)];
  expect(await recipientsOf(osei, 'p1')).toEqual([organisation, own, other]);
  expect(await recipientsOf(osei, 'p2')).toEqual([organisation, own]);
});

test('files are for the P-384 keys that policy names too, and for nobody where one of them is another', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const policy = { ...site.policy, organisationEcdh: [pem] };
  const { osei } = await openTwo({ policy });
  const recipients = must(await osei.keys.recipientsFor('p2'));
  expect(recipients.map(({ kind }) => kind)).toEqual(['ecdh-p384', 'rsa', 'rsa']);
  expect(recipients[0]).toMatchObject({ publicKey: pem });
  const { publicKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const wrong = other.export({ type: 'spki', format: 'pem' }).toString();
  const refusing = await openWorkstation(site, 'osei', { policy: { ...policy, organisationEcdh: [pem, wrong] } });
  expect(await refusing.keys.recipientsFor('p2')).toEqual(failing('policy-key-invalid'));
});

test('whom a file is for is known offline, and a refresh with nothing due asks for little', async () => {
  const { osei } = await openTwo();
  const before = osei.asked.length;
  await recipientsOf(osei, 'p1');
  await osei.keys.pseudonym('patient', 'Patient/p1');
  expect(osei.asked.slice(before)).toEqual([]);
  await osei.keys.refresh();
  expect(osei.asked.slice(before).sort()).toEqual(['GET /fhir/Basic', 'GET /revocations']);
});

test('a certificate is published once for its key, and the newest one', async () => {
  await openTwo();
  // A second later the certificate is another text.
  site.later(1_000);
  const { osei } = await openTwo();
  const published = site.server.store.list('Basic').map((one) => JSON.stringify(one));
  expect(published).toHaveLength(2);
  expect(published.filter((text) => text.includes(osei.cache.read.deviceKeys()[0]?.certificate ?? '-'))).toHaveLength(
    1,
  );
});

test('pseudonyms are the same on each workstation, and differ by field', async () => {
  const { osei, lindqvist } = await openTwo();
  const patient = must(await osei.keys.pseudonym('patient', 'Patient/p1'));
  expect(must(await lindqvist.keys.pseudonym('patient', 'Patient/p1'))).toBe(patient);
  expect(must(await osei.keys.pseudonym('author', 'Patient/p1'))).not.toBe(patient);
});

test('security: a key that the server adds without the organisation’s signature is never a recipient', async () => {
  const { store } = site.server;
  const { osei } = await openTwo();
  const { signed } = site.keys.organisation;
  const sub = 'Practitioner/dev-lindqvist';
  const [head = '', , signature = ''] = (osei.cache.read.deviceKeys()[0]?.certificate ?? '').split('.');
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const mine = claims(stranger, sub);
  const forged = [
    `${head}.${part(mine)}.${signature}`,
    `${part({ alg: 'none', typ: CERTIFICATE_TYP })}.${part(mine)}.`,
    signed(REVOCATIONS_TYP, mine),
    signed(CERTIFICATE_TYP, { ...mine, jti: organisation }),
    signed(CERTIFICATE_TYP, { ...mine, exp: 1 }),
    signed(CERTIFICATE_TYP, { ...mine, sub: 'Practitioner/dev-locum' }),
  ];
  const added = forged.map((text, index) =>
    store.put({ ...certificateResource(text, stranger.thumbprint, sub), id: `forged-${index}` }),
  );
  site.later(QUARTER_MS);
  expect(await osei.keys.refresh()).toEqual(done);
  const recipients = await recipientsOf(osei, 'p1');
  expect(recipients).toHaveLength(3);
  expect(recipients).not.toContain(stranger.thumbprint);
  // The same key is one as soon as the organisation has signed it: what was refused above was refused for that.
  store.put({ ...certificateResource(signed(CERTIFICATE_TYP, mine), stranger.thumbprint, sub), id: 'forged-0' });
  site.later(QUARTER_MS);
  await osei.keys.refresh();
  expect(await recipientsOf(osei, 'p1')).toContain(stranger.thumbprint);
  for (const { id } of added) store.remove('Basic', id);
});

test('security: a certificate in the cache is believed no more than one of the server', async () => {
  const { osei, lindqvist } = await openTwo();
  const [known] = osei.cache.read.certificates({ practitioners: ['Practitioner/dev-lindqvist'] });
  const [head, , signature] = (known?.certificate ?? '').split('.');
  const payload = Buffer.from(JSON.stringify(claims(stranger, 'Practitioner/dev-lindqvist'))).toString('base64url');
  const certificate = `${head}.${payload}.${signature}`;
  const item = { practitioner: 'Practitioner/dev-lindqvist', thumbprint: stranger.thumbprint, certificate };
  osei.cache.write.replaceCertificates({ items: [item] });
  expect(await recipientsOf(osei, 'p1')).toEqual([organisation, await thumbprintOf(osei)]);
  expect(await thumbprintOf(lindqvist)).not.toBe(stranger.thumbprint);
});

test('security: a revoked device is no recipient any more, and an older list does not bring it back', async () => {
  const { osei } = await openTwo();
  const old = site.keys.organisation.revocations(site.now());
  // Certificates tell their age by the second.
  site.later(1_000);
  const lost = await openWorkstation(site, 'lindqvist', { pairs: sharedPairs(4) });
  await lost.keys.refresh();
  site.later(QUARTER_MS);
  await osei.keys.refresh();
  const thumbprint = await thumbprintOf(lost);
  // The older one of that workstation is none any more, also when the newer is revoked.
  expect(await recipientsOf(osei, 'p1')).toEqual([organisation, await thumbprintOf(osei), thumbprint]);
  site.keys.revoke([thumbprint], 'lost');
  await osei.keys.refresh();
  expect(await recipientsOf(osei, 'p1')).toEqual([organisation, await thumbprintOf(osei)]);

  const replayed = await openWorkstation(site, 'osei', {
    cache: osei.cache,
    network: async (request, pass) =>
      request.url.endsWith('/revocations') ? Response.json({ revocations: old }) : pass(request),
  });
  const { id = '' } = site.server.store.list('Basic').find((one) => one.id?.startsWith('wardlight')) ?? {};
  site.server.store.put({ ...revocationsResource(old), id });
  await replayed.keys.refresh();
  expect(await recipientsOf(replayed, 'p1')).not.toContain(thumbprint);

  // The device itself is told, and a new pair is the way on.
  expect(await lost.keys.refresh()).toEqual(failing('key-revoked'));
  expect(await lost.keys.ready()).toEqual(failing('key-revoked'));
  expect(await lost.keys.recipientsFor('p1')).toEqual(failing('key-revoked'));
  const fresh = must(await lost.keys.rotate());
  expect(fresh.thumbprint).not.toBe(thumbprint);
  expect(await thumbprintOf(lost)).toBe(fresh.thumbprint);
});

test('security: while it is not known what is revoked, a file is for the organisation and this device alone', async () => {
  const { osei } = await openTwo();
  const own = await thumbprintOf(osei);
  expect((await recipientsOf(osei, 'p1')).length).toBeGreaterThan(2);
  site.later(8 * 24 * 60 * 60_000);
  expect(await recipientsOf(osei, 'p1')).toEqual([organisation, own]);
  await osei.keys.refresh();
  expect((await recipientsOf(osei, 'p1')).length).toBeGreaterThan(2);
});

test('a new pair takes over when it is certified; the older one stays for reading', async () => {
  let isOffline = false;
  const { osei } = await openTwo({
    network: async (request, pass) => {
      if (isOffline) throw new TypeError('fetch failed');
      return pass(request);
    },
  });
  const before = await thumbprintOf(osei);
  isOffline = true;
  expect(await osei.keys.rotate()).toEqual(failing('key-service-unreachable'));
  expect(await osei.keys.rotate()).toEqual(failing('key-service-unreachable'));
  expect(await thumbprintOf(osei)).toBe(before);
  expect(await osei.keys.sealedKeys()).toHaveLength(2);
  isOffline = false;
  site.later(1_000);
  const { thumbprint } = must(await osei.keys.rotate());
  expect(thumbprint).not.toBe(before);
  expect(await osei.keys.thumbprints()).toEqual([thumbprint, before]);
  expect(await recipientsOf(osei, 'p2')).toEqual([organisation, thumbprint]);
});

test('security: a context key that the organisation has not signed for this device is refused', async () => {
  const { n, e } = sharedPairs(0)();
  const own = readJwk({ kty: 'RSA', n, e }) as PublicKey;
  const k = randomBytes(32).toString('base64url');
  const said = { iss: 'x', sub: 'Practitioner/dev-osei', jti: stranger.thumbprint, k, iat: 1 };
  for (const text of [JSON.stringify(said), site.keys.organisation.signed(SIGNED_CONTEXT_KEY_TYP, said)]) {
    const contextKey = await new CompactEncrypt(Buffer.from(text))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: CONTEXT_KEY_TYP })
      .encrypt(await importJWK({ ...own.jwk }, 'RSA-OAEP-256'));
    const osei = await openWorkstation(site, 'osei', {
      pairs: sharedPairs(0),
      network: async (request, pass) => {
        const answer = await pass(request);
        return request.url.endsWith('/certify')
          ? Response.json({ ...((await answer.json()) as object), contextKey })
          : answer;
      },
    });
    expect(await osei.keys.refresh()).toEqual(failing('key-service-answer-invalid'));
    expect(await osei.keys.ready()).toEqual(failing('keys-not-ready'));
  }
});

test('security: a policy with a key that can’t be used encrypts for nobody', async () => {
  const signing = site.policy.signingKeys[0]!;
  for (const policy of [
    { ...site.policy, organisation: ['-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'] },
    { ...site.policy, organisation: [signing.key] },
    { ...site.policy, signingKeys: [{ ...signing, key: site.policy.organisation[0] ?? '' }] },
    { ...site.policy, signingKeys: [signing, { ...signing, compromised: true }] },
    { ...site.policy, signingKeys: [] },
  ]) {
    const { keys } = await openWorkstation(site, 'osei', { policy });
    expect(await keys.refresh()).toEqual(failing('policy-key-invalid'));
    expect(await keys.recipientsFor('p1')).toEqual(failing('policy-key-invalid'));
  }
});

test('a KMS key of policy is a recipient by its ARN', async () => {
  const arn = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const { osei } = await openTwo({ policy: { ...site.policy, kms: [arn] } });
  expect(await recipientsOf(osei, 'p2')).toEqual([arn, organisation, await thumbprintOf(osei)]);
});
