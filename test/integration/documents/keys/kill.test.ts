import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { rewrapAll } from '../../../../build/keys/rewrap.ts';
import { teamsOf } from '../../../../build/keys/team.ts';
import { byToken } from '../../../../build/keys/unwrap.ts';
import { proveHeader } from '../../../../main/documents/format/header.ts';
import { unwrapDataKey } from '../../../../main/documents/format/wrapping.ts';
import { publicHalf } from '../../../../main/documents/keys/device.ts';
import { type PublicKey, readJwk } from '../../../../main/documents/keys/public-keys.ts';
import { createFhirClient } from '../../../../main/fhir/client.ts';
import { mountSmallDisk, NO_SMALL_DISK } from '../../../support/small-disk.ts';
import { type CuttingProxy, startCuttingProxy } from '../queue/cutting-proxy.ts';
import { killsOr, randomBytesOf } from '../queue/killing.ts';
import { storedHeader, storeFile } from './stored.ts';
import { must, openSite, openWorkstation, PIN, privateKeysOf, type Site } from './support.ts';

/*
 * `npm run keys -- rewrap` is killed with SIGKILL at random bytes of the wire, and of the file that says where it stands.
 * Before, between and after, each document opens for its old recipients; in the end for the new ones too.
 */

const CLI = join(import.meta.dirname, '../../../../build/keys/cli.ts');
const DYING = join(import.meta.dirname, 'dying.ts');
/** More than a page. */
const IDS = Array.from({ length: 22 }, (_, index) => `file-${index}`);
const KILLS = killsOr(1);

/** After so many bytes of the wire, or of the file that says where it stands. */
type Kill = { readonly wire: number } | { readonly state: number } | null;

let site: Site;
let proxy: CuttingProxy;
let token: string;
/** The organisation's keys before and after. */
let older: PublicKey;
let fresh: PublicKey;
/** Of Osei's device, which is a recipient before and after. */
let device: PublicKey;
let privateKeys: readonly JsonWebKey[] | undefined;
let state: string;

beforeAll(async () => {
  site = await openSite('softhsm');
  proxy = await startCuttingProxy(site.server.port);
  token = await site.server.issueToken('osei');
  state = join(site.folder, 'rewrap.json');
});
afterAll(async () => {
  proxy.stop();
  await site.stop();
});

/** Enrols Osei's device, and turns the organisation's key; once. */
async function enrol(): Promise<void> {
  if (privateKeys) return;
  const osei = await openWorkstation(site, 'osei');
  must(await osei.keys.refresh());
  privateKeys = privateKeysOf(osei);
  device = readJwk(publicHalf(privateKeys[0]!))!;
  older = site.keys.organisation.wrapping()[0]!;
  fresh = site.keys.organisation.rotate();
}

const TYPES = ['--type', 'DocumentReference'];

/** Runs the tool; answers whether it was killed, and the code by which it failed. */
async function tool(kill: Kill, options: readonly string[] = []): Promise<{ killed: boolean; code: string | null }> {
  const more = kill && 'state' in kill ? { WARDLIGHT_TEST_STATE_BYTE: `${kill.state}` } : {};
  const child = spawn(
    process.execPath,
    [
      '--import',
      DYING,
      CLI,
      'rewrap',
      ...TYPES,
      '--json',
      '--keys',
      site.folder,
      '--server',
      site.server.url,
      ...options,
    ],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, WARDLIGHT_TEST_PROXY: `${proxy.port}`, ...more },
    },
  );
  proxy.cutAfter(kill && 'wire' in kill ? kill.wire : null, () => child.kill('SIGKILL'));
  child.stdin.end(`${PIN}\n${token}\n`);
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const [, signal] = await once(child, 'close');
  const { code = null } = said === '' ? {} : (JSON.parse(said) as { code?: string });
  return { killed: signal === 'SIGKILL', code };
}

/** What the tool does, in this process: over the same address, from the same state. */
function goOn() {
  const { server, keys } = site;
  const accessToken = async () => ({ ok: true as const, value: token });
  const fhir = createFhirClient({ base: server.url, fetch, accessToken, requestId: () => 'r' });
  const unwrap = byToken(keys.organisation);
  const teams = teamsOf(fhir, keys.organisation, site.now);
  return rewrapAll({
    ...{ fhir, keys: keys.organisation, unwrap, teams, types: ['DocumentReference'], state },
    onProgress: () => undefined,
  });
}

/** The documents as they were before the organisation's key was turned. */
async function prepare(): Promise<void> {
  const recipients = [older, device].map((key) => ({ kind: 'rsa' as const, ...key }));
  rmSync(state, { force: true });
  for (const id of IDS) {
    site.server.store.remove('DocumentReference', id);
    await storeFile(site, id, recipients);
  }
}

/** What is wrong with the documents: each opens for the device, and for the organisation. */
async function wrongNow(): Promise<string[]> {
  const wrong: string[] = [];
  for (const id of IDS) {
    const header = storedHeader(site, id);
    const own = unwrapDataKey(header, [], privateKeys ?? []);
    const dataKey = await byToken(site.keys.organisation)(header);
    if (!own.ok || !dataKey?.equals(own.value)) wrong.push(`${id} does not open`);
    else if (proveHeader(header, own.value) === 'message-header-invalid') wrong.push(`${id} is not genuine`);
  }
  return wrong;
}

/** One death in the midst of wrapping anew, and the run after it; answers what is wrong. */
async function die(kill: NonNullable<Kill>): Promise<string[]> {
  await prepare();
  const before = new Map(IDS.map((id) => [id, written(id)]));
  const wrong = (await tool(kill)).killed ? [] : ['was not killed'];
  wrong.push(...(await wrongNow()));
  const { failed } = await goOn();
  wrong.push(...failed.map(({ id, code }) => `${id}: ${code}`), ...(await wrongNow()));
  for (const id of IDS) {
    const names = storedHeader(site, id).keys.map(({ info }) => info);
    if (names.join() !== [fresh, device].map(({ thumbprint }) => thumbprint).join())
      wrong.push(`${id} is for ${names}`);
    if (written(id) !== (before.get(id) ?? 0) + 1) wrong.push(`${id} was not written once`);
  }
  return wrong.map((what) => `${JSON.stringify(kill)}: ${what}`);
}

const written = (id: string) => site.server.store.versions('DocumentReference', id).length;

test(`killed at ${KILLS} random bytes of the wire and of its state, it goes on, and no document is lost`, async () => {
  await enrol();
  await prepare();
  expect(await tool(null)).toEqual({ killed: false, code: null });
  const wrong: string[] = [];
  for (const wire of randomBytesOf(proxy.passed(), 'wire', KILLS)) wrong.push(...(await die({ wire: wire + 1 })));
  // It is written after each of two pages of files, and one of fields.
  const length = 3 * statSync(state).size;
  for (const byte of randomBytesOf(length, 'state', KILLS)) wrong.push(...(await die({ state: byte + 1 })));
  expect(wrong).toEqual([]);
}, 900_000);

test('on a full disk it says so, and goes on once there is room', async ({ skip }) => {
  const disk = mountSmallDisk(1);
  if (!disk) return skip(NO_SMALL_DISK);
  onTestFinished(() => disk.remove());
  await enrol();
  await prepare();
  state = join(disk.folder, 'rewrap.json');
  disk.fill();
  expect(await tool(null, ['--state', state])).toEqual({ killed: false, code: 'disk-full' });
  expect(await wrongNow()).toEqual([]);
  disk.free();
  expect((await goOn()).failed).toEqual([]);
  expect(await wrongNow()).toEqual([]);
});
