import { type ChildProcess, spawn } from 'node:child_process';
import { createECDH } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentReference } from 'fhir/r4';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { rewrapAll } from '../../../../build/keys/rewrap.ts';
import { teamsOf } from '../../../../build/keys/team.ts';
import { byToken } from '../../../../build/keys/unwrap.ts';
import { openFields } from '../../../../main/documents/fields/open.ts';
import { sealFields } from '../../../../main/documents/fields/seal.ts';
import { readEcdhPoint } from '../../../../main/documents/format/ecdh.ts';
import { parseHeader, proveHeader } from '../../../../main/documents/format/header.ts';
import { unwrapDataKey } from '../../../../main/documents/format/wrapping.ts';
import { pseudonymOf } from '../../../../main/documents/keys/pseudonym.ts';
import type { EncryptionContext, Recipient } from '../../../../main/documents/types.ts';
import { createFhirClient } from '../../../../main/fhir/client.ts';
import { storedHeader, storeFile } from './stored.ts';
import {
  encrypt,
  folderOf,
  must,
  openSite,
  openWorkstation,
  PIN,
  privateKeysOf,
  type Site,
  sharedPairs,
} from './support.ts';

const CLI = join(import.meta.dirname, '../../../../build/keys/cli.ts');

interface Ended {
  readonly code: number | null;
  readonly out: Record<string, unknown>;
  readonly err: string;
}

let site: Site;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  // Quicker than NSS, whose files' keys are slow to open by design.
  site = await openSite('softhsm');
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
});
afterAll(() => site.stop());

/** Runs the tool; it is killed when it makes its `killAt`th write to a document. */
async function keys(args: readonly string[], secrets: readonly string[], killAt?: number): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...args, '--json'], { stdio: ['pipe', 'pipe', 'pipe'] });
  children.add(child);
  if (killAt !== undefined) onWrite(killAt, () => child.kill('SIGKILL'));
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  child.stdin.end(`${secrets.join('\n')}\n`);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  children.delete(child);
  return { code, out: said.out === '' ? {} : JSON.parse(said.out), err: said.err };
}

/** Calls back while the server has a write and has not done it yet. */
function onWrite(count: number, callback: () => void): void {
  const { requests } = site.server;
  let writes = 0;
  requests.push = (...entries) => {
    writes += entries.filter(({ method }) => method === 'PUT').length;
    if (writes === count) callback();
    return Array.prototype.push.apply(requests, entries);
  };
}

const token = () => site.server.issueToken('osei');
const onSite = async (command: readonly string[], killAt?: number) =>
  keys([...command, '--keys', site.folder, '--server', site.server.url], [PIN, await token()], killAt);
/** What `rewrap` does, in this process. */
async function rewrap() {
  const { server, keys: of } = site;
  const bearer = await token();
  const accessToken = async () => ({ ok: true as const, value: bearer });
  const fhir = createFhirClient({ base: server.url, fetch, accessToken, requestId: () => 'r' });
  const teams = teamsOf(fhir, of.organisation, site.now);
  const state = join(site.folder, 'state.json');
  const done = await rewrapAll({
    fhir,
    keys: of.organisation,
    unwrap: byToken(of.organisation),
    teams,
    types: ['DocumentReference', 'Observation'],
    state,
    onProgress: () => undefined,
  });
  const { changed: rewrapped, ...rest } = done;
  return { ...rest, rewrapped };
}

const named = (field: 'patient' | 'author', value: string) =>
  pseudonymOf(site.keys.organisation.contextKey(), field, value);

/** Stores the record of a file of Osei's about `p1`. */
const attach = (id: string, recipients: readonly Recipient[], more: Partial<EncryptionContext> = {}) =>
  storeFile(site, id, recipients, more);

const document = (id: string) => site.server.store.read('DocumentReference', id) as DocumentReference;
const headerOf = (id: string) => storedHeader(site, id);
const namesOf = (id: string) => headerOf(id).keys.map(({ info }) => info);
const organisation = (): Recipient => ({ kind: 'rsa', ...site.keys.organisation.wrapping()[0]! });

test('makes keys once, and says what policy pins', async () => {
  const { folder, remove } = folderOf();
  try {
    const made = await keys(['init', '--keys', folder, '--token', 'softhsm'], ['a-pin-of-its-own']);
    expect(made.code).toBe(0);
    const pem = expect.stringContaining('BEGIN PUBLIC KEY');
    expect(made.out).toMatchObject({ ok: true, organisation: [pem], organisationEcdh: [] });
    expect(await keys(['init', '--keys', folder], ['x'])).toMatchObject({ code: 1, out: { code: 'keys-exist' } });
    expect(await keys(['policy', '--keys', folder], ['wrong'])).toMatchObject({ code: 1, out: { code: 'pin-wrong' } });
    const turned = await keys(['rotate', 'organisation', '--keys', folder], ['a-pin-of-its-own']);
    expect((turned.out['organisation'] as string[])[1]).toBe((made.out['organisation'] as string[])[0]);
    const curve = await keys(['rotate', 'organisation', '--ecdh', '--keys', folder], ['a-pin-of-its-own']);
    expect(curve.out).toMatchObject({ organisation: turned.out['organisation'], organisationEcdh: [pem] });
    expect(await keys(['init', '--keys', join(folder, 'nss'), '--ecdh'], ['x'])).toMatchObject({
      code: 1,
      out: { code: 'ecdh-unavailable' },
    });
    expect(await keys(['rotate', 'device', '--keys', folder], ['x'])).toMatchObject({
      code: 2,
      out: { code: 'usage' },
    });
    expect(await keys(['policy', '--keys', '/nowhere'], ['x'])).toMatchObject({
      code: 1,
      out: { code: 'keys-missing' },
    });
    for (const name of readdirSync(folder)) {
      if (name !== 'token') expect(readFileSync(join(folder, name), 'utf8')).not.toContain('a-pin-of-its-own');
    }
  } finally {
    remove();
  }
});

test('wraps every data key anew for the newest key and today’s team, and uploads no file', async () => {
  const lindqvist = await openWorkstation(site, 'lindqvist', { pairs: sharedPairs(3) });
  await lindqvist.keys.refresh();
  const { thumbprint } = must(await lindqvist.keys.ready());
  const before = organisation();
  await attach('one', [before]);
  const fresh = site.keys.organisation.rotate();
  expect(await rewrap()).toMatchObject({ examined: 1, rewrapped: 1, unchanged: 0, failed: [] });
  expect(namesOf('one')).toEqual([fresh.thumbprint, thumbprint]);
  // Her own key opens it now, and the context is what it was.
  const privateKeys = privateKeysOf(lindqvist);
  const dataKey = must(unwrapDataKey(headerOf('one'), [], privateKeys));
  expect(proveHeader(headerOf('one'), dataKey)).toBe('rewrapped');
  expect(headerOf('one').context['document']).toBe('document-one');
  const writes = site.server.requests.filter(
    ({ method, path }) => method !== 'GET' && /DocumentReference|Binary/.test(path),
  );
  expect(writes.map(({ method, path }) => `${method} ${path}`)).toEqual(['PUT /fhir/DocumentReference/one']);
  // A second time there is nothing to do.
  expect(await rewrap()).toMatchObject({ examined: 1, rewrapped: 0, unchanged: 1 });
  // Who was revoked is taken out again.
  expect((await onSite(['revoke', '--key', thumbprint])).code).toBe(0);
  expect(await rewrap()).toMatchObject({ rewrapped: 1 });
  expect(namesOf('one')).toEqual([fresh.thumbprint]);
  expect(await lindqvist.keys.refresh()).toEqual({ ok: false, error: { code: 'key-revoked' } });

  // It could open that document once.
  const exposed = await keys(['exposure', '--key', thumbprint, '--server', site.server.url], [await token()]);
  expect(exposed.out).toEqual({
    ok: true,
    documents: [{ id: 'one', patient: 'Patient/p1', current: false }],
    examined: 1,
    unknown: [],
    fields: { records: [], examined: 0, unknown: [], refused: [] },
  });
});

test('wraps sealed fields anew too, and leaves all else in the record as it was', async () => {
  const lindqvist = await openWorkstation(site, 'lindqvist', { pairs: sharedPairs(6) });
  await lindqvist.keys.refresh();
  const { thumbprint } = must(await lindqvist.keys.ready());
  const pseudonyms = { record: 'r', patient: named('patient', 'Patient/p1'), author: 'a' };
  const seal = (patient: string) => sealedNote('sealed', patient, pseudonyms, [organisation()]);
  const before = await seal('p1');
  const seen = await rewrap();
  expect(seen).toMatchObject({ failed: [] });
  const after = document('sealed') as unknown as Sealed;
  const privateKeys = privateKeysOf(lindqvist) as never[];
  const opened = await openFields(JSON.stringify(after), privateKeys, { patient: pseudonyms.patient, records: ['r'] });
  expect(must(opened)).toContain('CANARY');
  const kids = (jweOf(after).recipients as { header: { kid: string } }[]).map(({ header }) => header.kid);
  expect(kids).toEqual([site.keys.organisation.wrapping()[0]?.thumbprint, thumbprint]);
  const { recipients: _now, ...body } = jweOf(after);
  const { recipients: _then, ...same } = jweOf(before);
  expect(body).toEqual(same);
  expect(after.status).toBe('current');
  const versions = () => site.server.store.versions('DocumentReference', 'sealed').length;
  const count = versions();
  await rewrap();
  expect(versions()).toBe(count);
  // Put under another patient, it brings nobody in.
  await seal('p2');
  expect((await rewrap()).failed).toEqual([{ type: 'DocumentReference', id: 'sealed', code: 'context-mismatch' }]);
  site.server.store.remove('DocumentReference', 'sealed');
});

interface Sealed {
  readonly status: string;
  readonly _description: { readonly extension: readonly { readonly valueBase64Binary: string }[] };
}

const jweOf = ({ _description: { extension } }: Sealed): Record<string, unknown> =>
  JSON.parse(Buffer.from(extension[1]?.valueBase64Binary ?? '', 'base64').toString());

/** Stores a note in which policy marks the description. */
async function sealedNote(
  id: string,
  patient: string,
  pseudonyms: { record: string; patient: string; author: string },
  recipients: readonly Recipient[],
): Promise<Sealed> {
  const subject = { reference: `Patient/${patient}` };
  const content = [{ attachment: { contentType: 'text/plain', title: 'x' } }];
  const plain = { resourceType: 'DocumentReference', id, status: 'current', subject, description: 'CANARY', content };
  const context = {
    v: '1',
    type: 'DocumentReference',
    role: 'x',
    purpose: 'TREAT',
    policy: '1',
    created: 'x',
  } as const;
  const fields = [{ type: 'DocumentReference', path: 'description', label: null }];
  const sealed = must(
    await sealFields(JSON.stringify(plain), { fields, recipients, context: { ...context, ...pseudonyms } }),
  );
  site.server.store.put(sealed);
  return JSON.parse(sealed);
}

test('security: a record that was put under another patient or author brings nobody in', async () => {
  await attach('moved', [organisation()], { patient: named('patient', 'Patient/p2') });
  expect((await rewrap()).failed).toEqual([{ type: 'DocumentReference', id: 'moved', code: 'context-mismatch' }]);
  site.server.store.remove('DocumentReference', 'moved');
  const locum = await openWorkstation(site, 'locum', { pairs: sharedPairs(4) });
  await locum.keys.refresh();
  await attach('claimed', [organisation()]);
  const record = { ...document('claimed'), author: [{ reference: 'Practitioner/dev-locum' }] };
  site.server.store.put(record);
  await rewrap();
  expect(namesOf('claimed')).not.toContain(must(await locum.keys.ready()).thumbprint);
  site.server.store.remove('DocumentReference', 'claimed');
});

test('a device that is told to makes a new pair, which then is the one of its person', async () => {
  const osei = await openWorkstation(site, 'osei', { pairs: sharedPairs(0) });
  await osei.keys.refresh();
  const { thumbprint } = must(await osei.keys.ready());
  expect((await onSite(['rotate', 'device', '--key', thumbprint])).out).toMatchObject({ ok: true, published: true });
  // Certificates tell their age by the second.
  site.later(1_000);
  expect(await osei.keys.refresh()).toEqual({ ok: true, value: null });
  const next = must(await osei.keys.ready()).thumbprint;
  expect(next).not.toBe(thumbprint);
  await attach('two', [organisation()]);
  await rewrap();
  expect(namesOf('two')).toEqual(expect.arrayContaining([site.keys.organisation.wrapping()[0]?.thumbprint, next]));
  expect(namesOf('two')).not.toContain(thumbprint);
});

test('killed at any of its writes, it goes on where it was, and each record is written once', async () => {
  const ids = Array.from({ length: 50 }, (_, index) => `many-${index}`);
  for (const id of ids) await attach(id, [organisation()]);
  const before = new Map(ids.map((id) => [id, headerOf(id).messageId.toString('hex')]));
  const fresh = site.keys.organisation.rotate();
  // The first write, one in a page, the first after a page, and one of the last.
  for (const killAt of [1, 6, 15, 25]) expect((await onSite(['rewrap'], killAt)).code).toBeNull();
  const ended = await onSite(['rewrap']);
  expect(ended.out).toMatchObject({ ok: true, failed: [] });
  for (const id of ids) {
    expect(namesOf(id)).toContain(fresh.thumbprint);
    expect(headerOf(id).messageId.toString('hex')).toBe(before.get(id));
    expect(site.server.store.versions('DocumentReference', id)).toHaveLength(2);
  }
  for (const id of ids) site.server.store.remove('DocumentReference', id);
  // The last run didn't look at what the first had done.
  expect(ended.err.split('\n')[0]).toMatch(/^(4[0-9]|5[0-9]) looked at/);
});

test('wraps for the P-384 key in force in place of the older one, opens by it alone, and keeps those of others', async () => {
  const { organisation: of } = site.keys;
  const older = of.rotateEcdh()!;
  const stranger = createECDH('secp384r1');
  stranger.generateKeys();
  const another = readEcdhPoint(stranger.getPublicKey())!;
  const kind = 'ecdh-p384';
  await attach('curve', [
    { kind, ...older },
    { kind, ...another },
  ]);
  const wrappedForAnother = headerOf('curve').keys[1];
  const fresh = of.rotateEcdh()!;
  expect(await rewrap()).toMatchObject({ failed: [] });
  const names = namesOf('curve');
  expect(names).toEqual(expect.arrayContaining([another.thumbprint, fresh.thumbprint, of.wrapping()[0]?.thumbprint]));
  expect(headerOf('curve').keys[0]).toEqual(wrappedForAnother);
  expect(names).not.toContain(older.thumbprint);
  const dataKeys = await Promise.all(
    headerOf('curve')
      .keys.slice(1, 3)
      .map((key) => byToken(of)({ ...headerOf('curve'), keys: [key] })),
  );
  for (const dataKey of dataKeys) expect(proveHeader(headerOf('curve'), dataKey!)).toBe('rewrapped');
  expect(await rewrap()).toMatchObject({ rewrapped: 0, failed: [] });
  const lost = await keys(['exposure', '--key', older.thumbprint, '--server', site.server.url], [await token()]);
  expect(lost.out).toMatchObject({ documents: [{ id: 'curve', current: false }] });
});

test('the key service opens for the care team what is for the P-384 key alone', async () => {
  const osei = await openWorkstation(site, 'osei', { pairs: sharedPairs(5) });
  expect(await osei.keys.refresh()).toEqual({ ok: true, value: null });
  const key = site.keys.organisation.rotateEcdh()!;
  const patient = named('patient', 'Patient/p1');
  const { header } = await encrypt([{ kind: 'ecdh-p384', ...key }], { patient });
  const wrapped = must(await osei.keys.rewrap(header.toString('base64')));
  const privateKeys = privateKeysOf(osei);
  const parsed = must(parseHeader(header));
  expect(proveHeader(parsed, must(unwrapDataKey(parsed, [wrapped], privateKeys)))).toBe('original');
});
