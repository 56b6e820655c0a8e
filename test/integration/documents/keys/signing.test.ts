import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Basic } from 'fhir/r4';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { certifyAll } from '../../../../build/keys/certify-all.ts';
import { makeOrganisation, openOrganisation } from '../../../../build/keys/organisation.ts';
import { readCertificate } from '../../../../main/documents/keys/certificates.ts';
import { certificateIn, certificateResource, revocationsResource } from '../../../../main/documents/keys/directory.ts';
import { readSigningKeys } from '../../../../main/documents/keys/signing.ts';
import { createFhirClient, type FhirClient } from '../../../../main/fhir/client.ts';
import { type DocumentsPolicy, documentsSchema } from '../../../../main/managed/documents.ts';
import { folderOf, must, openSite, openWorkstation, PIN, type Site, sharedPairs, type Workstation } from './support.ts';

let site: Site;
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const failing = (code: string) => ({ ok: false, error: { code } });
const done = { ok: true, value: null };

beforeEach(async () => {
  site = await openSite('softhsm');
});
afterEach(() => site.stop());

/** What policy says today, or with other signing keys. */
function policyOf(signingKeys = [...of().signingKeys()]): DocumentsPolicy {
  return documentsSchema.parse({ ...site.policy, signingKeys });
}
const of = () => site.keys.organisation;
const inForce = () => of().signing().inForce;
const inMs = (ms: number) => new Date(site.now() + ms).toISOString();

/** Turns the signing key: policy knows both from then on. */
function turn(until = inMs(90 * DAY_MS)): void {
  of().prepareSigning(until);
  expect(of().turnSigning(site.now())).toBe(true);
}

const osei = (differences: Parameters<typeof openWorkstation>[2] = {}) =>
  openWorkstation(site, 'osei', { pairs: sharedPairs(0), policy: policyOf(), ...differences });
const lindqvist = (differences: Parameters<typeof openWorkstation>[2] = {}) =>
  openWorkstation(site, 'lindqvist', { pairs: sharedPairs(1), policy: policyOf(), ...differences });

async function names(one: Workstation): Promise<string[]> {
  const recipients = must(await one.keys.recipientsFor('p1'));
  return recipients.map((recipient) => (recipient.kind === 'aws-kms' ? recipient.arn : recipient.thumbprint));
}
const thumbprintOf = async (one: Workstation) => must(await one.keys.ready()).thumbprint;

/** A workstation as it is after its program was started again, with another policy or another network. */
const again = (one: Workstation, differences: Parameters<typeof openWorkstation>[2] = {}) =>
  osei({ cache: one.cache, ...differences });

async function client(send?: FhirClient['send']): Promise<FhirClient> {
  const token = await site.server.issueToken('osei');
  const accessToken = async () => ({ ok: true as const, value: token });
  const fhir = createFhirClient({ base: site.server.url, fetch, accessToken, requestId: () => 'r' });
  return { ...fhir, send: send ?? fhir.send };
}

async function certify(fhir?: FhirClient) {
  const known = { fhir: fhir ?? (await client()), keys: of(), now: site.now };
  return certifyAll({ ...known, state: join(site.folder, 'certify.json'), onProgress: () => undefined });
}

const certificates = () =>
  site.server.store.list('Basic').flatMap((basic) => (certificateIn(basic as Basic) === null ? [] : [basic as Basic]));
const kidOf = (certificate: string) =>
  JSON.parse(Buffer.from(certificate.split('.')[0] ?? '', 'base64url').toString()).kid as string;
const payloadOf = (certificate: string) => certificate.split('.')[1];

/** What the service or the FHIR server says of revoked keys is this list. */
function saying(list: string): Parameters<typeof openWorkstation>[2] {
  const { id = '' } = site.server.store.list('Basic').find((one) => one.id === 'wardlight-key-revocations') ?? {};
  if (id !== '') site.server.store.put({ ...revocationsResource(list), id });
  return {
    network: async (request, pass) =>
      request.url.endsWith('/revocations') ? Response.json({ revocations: list }) : pass(request),
  };
}

test('what an earlier key has signed counts until it is signed anew, and nobody has to come by', async () => {
  const nurse = await lindqvist();
  await nurse.keys.refresh();
  const before = inForce();
  // The new key is in policy before it signs.
  of().prepareSigning(inMs(90 * DAY_MS));
  expect(of().signing()).toEqual({ inForce: before, next: expect.any(String), earlier: [] });
  const doctor = await osei();
  expect(await doctor.keys.refresh()).toEqual(done);
  expect(await names(doctor)).toContain(await thumbprintOf(nurse));
  of().turnSigning(site.now());
  const kept = certificates().map((basic) => certificateIn(basic) ?? '');
  expect(await names(await again(doctor))).toContain(await thumbprintOf(nurse));
  expect(await certify()).toMatchObject({ examined: 2, changed: 2, failed: [], left: [] });
  const anew = certificates().map((basic) => certificateIn(basic) ?? '');
  expect(anew.map(kidOf)).toEqual([inForce(), inForce()]);
  expect(anew.map(payloadOf).sort()).toEqual(kept.map(payloadOf).sort());
  expect(await certify()).toMatchObject({ changed: 0, unchanged: 2 });
  // Then the earlier one can go.
  const alone = await again(doctor, { policy: policyOf(of().signingKeys().slice(0, 1)) });
  site.later(HOUR_MS);
  await alone.keys.refresh();
  expect(await names(alone)).toContain(await thumbprintOf(nurse));
});

test('a policy of one signing key is read as ever, and keys of that time are opened', async () => {
  const { signingKeys, ...rest } = site.policy;
  const old = documentsSchema.parse({ ...rest, signingKey: signingKeys[0]?.key, signingKeys: undefined });
  const doctor = await osei({ policy: old });
  expect(await doctor.keys.refresh()).toEqual(done);
  expect(documentsSchema.safeParse({ ...old, signingKeys }).success).toBe(false);
  expect(documentsSchema.safeParse({ ...old, signingKey: null }).success).toBe(false);
  const { folder, remove } = folderOf();
  try {
    makeOrganisation({ folder, pin: PIN, kind: 'nss', issuer: 'x' });
    const file = join(folder, 'keys.json');
    const { next: _none, signing, ...kept } = JSON.parse(readFileSync(file, 'utf8'));
    const [{ id, x }] = signing;
    writeFileSync(file, JSON.stringify({ ...kept, signing: { id, x } }));
    const keys = openOrganisation({ folder, pin: PIN });
    const first = readSigningKeys({ signingKeys: [...keys.signingKeys()], signingKey: null });
    keys.prepareSigning(inMs(DAY_MS));
    expect(keys.turnSigning(site.now())).toBe(true);
    expect(keys.turnSigning(site.now())).toBe(false);
    expect(kidOf(keys.signed('t', {}))).toBe(keys.signing().inForce);
    expect(keys.signing().inForce).not.toBe(first?.[0]?.kid);
    expect(existsSync(join(folder, `signing-${id}.pem`))).toBe(true);
    keys.close();
    expect(() => openOrganisation({ folder, pin: 'wrong-pin' })).toThrow();
  } finally {
    remove();
  }
});

test('security: policy names one key in force, and says of each earlier one how long it counts', () => {
  const pem = () => generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const read = (signingKeys: unknown) => documentsSchema.safeParse({ ...site.policy, signingKeys }).success;
  const until = inMs(DAY_MS);
  expect(read([{ key: pem() }, { key: pem(), until }, { key: pem(), compromised: true }])).toBe(true);
  expect(read([{ key: pem() }, { key: pem() }])).toBe(false);
  expect(read([{ key: pem(), compromised: true }])).toBe(false);
  expect(read([{ key: pem(), until }, { key: pem() }])).toBe(false);
});

test('security: an earlier key’s certificates count until its date, and not a moment longer', async () => {
  const nurse = await lindqvist();
  await nurse.keys.refresh();
  turn(inMs(2 * HOUR_MS));
  const keys = readSigningKeys(policyOf())!;
  const text = certificateIn(certificates()[0]!)!;
  const until = keys[1]!.until;
  expect(readCertificate(text, keys, until - 1)).toMatchObject({ ok: true, value: { rank: 1, expiresAt: until } });
  expect(readCertificate(text, keys, until)).toEqual(failing('certificate-expired'));
  const doctor = await osei();
  await doctor.keys.refresh();
  expect(await names(doctor)).toContain(await thumbprintOf(nurse));
  const lost = await thumbprintOf(nurse);
  site.later(3 * HOUR_MS);
  expect(await names(doctor)).not.toContain(lost);
});

test('security: what a compromised key has signed is refused at once, offline too, and its devices come back by themselves', async () => {
  const nurse = await lindqvist();
  await nurse.keys.refresh();
  const doctor = await osei();
  await doctor.keys.refresh();
  const hers = await thumbprintOf(nurse);
  expect(await names(doctor)).toContain(hers);
  const stolen = inForce();
  expect(of().compromise(stolen, site.now())).toBe(true);
  expect(of().compromise('A'.repeat(43), site.now())).toBe(false);
  const offline = { network: () => Promise.reject(new TypeError('fetch failed')) };
  const warned = await again(doctor, offline);
  expect(await warned.keys.ready()).toEqual(failing('keys-not-ready'));
  // Its certificate was by that key too; with a new one it is ready, and the nurse’s old one is no recipient.
  site.later(HOUR_MS);
  const back = await again(doctor);
  expect(await back.keys.refresh()).toEqual(done);
  expect(await names(back)).not.toContain(hers);
  // Nobody signs anew what anybody could have had signed.
  const { left, changed } = await certify();
  expect({ left: left.map(({ code }) => code), changed }).toEqual({ left: ['signing-key-compromised'], changed: 0 });
  const nurseBack = await lindqvist({ cache: nurse.cache });
  expect(await nurseBack.keys.refresh()).toEqual(done);
  site.later(HOUR_MS);
  await back.keys.refresh();
  expect(await names(back)).toContain(hers);
});

test('security: a list of revoked keys by an earlier key takes nothing back, whatever time it says', async () => {
  const nurse = await lindqvist();
  await nurse.keys.refresh();
  const hers = await thumbprintOf(nurse);
  of().prepareSigning(inMs(90 * DAY_MS));
  // Who has the earlier key says that nothing is revoked, at the latest time that is believed.
  const forged = of().revocations(site.now() + 4 * 60_000);
  of().turnSigning(site.now());
  site.keys.revoke([hers], 'lost');
  const doctor = await osei();
  await doctor.keys.refresh();
  expect(await names(doctor)).not.toContain(hers);
  const deceived = await again(doctor, saying(forged));
  site.later(2 * 60_000);
  await deceived.keys.refresh();
  expect(await names(deceived)).not.toContain(hers);
});

test('security: a compromised key’s list is dropped, keeps no true one out, and lets no earlier key’s list back in', async () => {
  const nurse = await lindqvist();
  await nurse.keys.refresh();
  const hers = await thumbprintOf(nurse);
  const ancient = of().revocations(site.now());
  turn();
  const middle = inForce();
  const forged = of().revocations(site.now() + 4 * 60_000);
  const doctor = await osei(saying(forged));
  await doctor.keys.refresh();
  expect(await names(doctor)).toContain(hers);
  of().compromise(middle, site.now());
  // The list of the key before that one is older than what is known, though what is known counts no more.
  const replayed = await again(doctor, saying(ancient));
  await replayed.keys.refresh();
  expect(doctor.cache.read.revocations()).toBe(forged);
  expect(await names(replayed)).not.toContain(hers);
  site.keys.revoke([hers], 'lost');
  const told = await again(doctor);
  await told.keys.refresh();
  expect(kidOf(doctor.cache.read.revocations() ?? '')).toBe(inForce());
  expect(await names(told)).not.toContain(hers);
});

test('security: a server that shows an older certificate again, or none for a while, changes nothing', async () => {
  const nurse = await lindqvist({ pairs: sharedPairs(2) });
  await nurse.keys.refresh();
  const older = { basic: certificates()[0]!, thumbprint: await thumbprintOf(nurse) };
  site.later(1_000);
  const newer = must(await nurse.keys.rotate()).thumbprint;
  const doctor = await osei();
  await doctor.keys.refresh();
  expect(await names(doctor)).toContain(newer);
  const { store } = site.server;
  const shown = certificates().filter((basic) => JSON.stringify(basic).includes('lindqvist'));
  for (const { id = '' } of shown) store.remove('Basic', id);
  site.later(HOUR_MS);
  await doctor.keys.refresh();
  expect(await names(doctor)).toContain(newer);
  const sub = 'Practitioner/dev-lindqvist';
  store.put({ ...certificateResource(certificateIn(older.basic) ?? '', older.thumbprint, sub), id: 'replayed' });
  site.later(HOUR_MS);
  await doctor.keys.refresh();
  expect(await names(doctor)).toContain(newer);
  expect(await names(doctor)).not.toContain(older.thumbprint);
});

test('a workstation has its own certificate made anew by the new key, at most once a day while the service waits', async () => {
  const doctor = await osei();
  await doctor.keys.refresh();
  of().prepareSigning(inMs(90 * DAY_MS));
  const certified = (one: Workstation) => one.asked.filter((line) => line.endsWith('/certify')).length;
  const informed = await again(doctor);
  await informed.keys.refresh();
  expect(certified(informed)).toBe(0);
  site.later(DAY_MS + HOUR_MS);
  await informed.keys.refresh();
  await informed.keys.refresh();
  expect(certified(informed)).toBe(1);
  of().turnSigning(site.now());
  site.later(DAY_MS + HOUR_MS);
  await informed.keys.refresh();
  expect(kidOf(doctor.cache.read.deviceKeys()[0]?.certificate ?? '')).toBe(inForce());
});

test('signing anew is stopped at each of its writes, goes on, and signs each certificate once', async () => {
  const nurse = await lindqvist();
  await nurse.keys.refresh();
  const text = certificateIn(certificates()[0]!) ?? '';
  const claims = JSON.parse(Buffer.from(payloadOf(text) ?? '', 'base64url').toString());
  for (let index = 0; index < 4; index += 1) {
    const certificate = of().signed('wardlight-key+jwt', { ...claims, device: `more-${index}` });
    site.server.store.put({ ...certificateResource(certificate, 'x', claims.sub), id: `more-${index}` });
  }
  turn();
  const real = await client();
  for (const isDone of [false, true, false]) {
    let writes = 0;
    const dying = await client(async (write, signal) => {
      writes += 1;
      if (writes === 1 || isDone) await real.send(write, signal);
      if (writes === 1) return { ok: true, value: null as never };
      throw new Error('killed');
    });
    await expect(certify(dying)).rejects.toThrow('killed');
  }
  expect(await certify()).toMatchObject({ failed: [] });
  for (const basic of certificates()) {
    expect(kidOf(certificateIn(basic) ?? '')).toBe(inForce());
    expect(site.server.store.versions('Basic', basic.id ?? '')).toHaveLength(2);
  }
});
