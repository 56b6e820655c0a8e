import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyFeed, WAITING } from '../../../../build/release/feed.ts';
import { project } from '../../../../build/setup/places.mjs';
import { keysDocument, keysFile, RELEASE_FILE, releaseDocument } from '../../../../main/updates/documents.ts';
import { open, readKey } from '../../../../main/updates/signed.ts';
import { feedKey } from '../../../support/feed.ts';

/* `npm run release-feed`, as whoever makes a release runs it. */

const work = mkdtempSync(join(tmpdir(), 'wardlight-release-feed-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const DEB = 'wardlight_0.2.0_amd64.deb';
const RPM = 'wardlight-0.2.0.x86_64.rpm';
const ours = feedKey();
const keyFile = join(work, 'key.pem');
writeFileSync(keyFile, ours.key.export({ type: 'pkcs8', format: 'pem' }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(work, 'release-'));
  writeFileSync(join(folder, DEB), 'a package for Debian');
  writeFileSync(join(folder, RPM), 'a package for Fedora');
  writeFileSync(join(folder, 'SHA256SUMS'), 'of no concern here');
});

function feed(args: readonly string[], input = ''): { readonly ok: boolean; readonly said: string } {
  const script = join(project, 'build', 'release', 'feed.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', input });
  return { ok: status === 0, said: `${stdout}${stderr}` };
}

const read = (name: string, x = ours.x) => {
  const schema = name === RELEASE_FILE ? releaseDocument : keysDocument;
  const opened = open(readFileSync(join(folder, name), 'utf8'), schema, [readKey(x)]);
  return opened.ok ? opened.value.value : opened.error.code;
};

const refusalOf = (keys: readonly string[], now = new Date()) => {
  try {
    verifyFeed(folder, keys, now);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};

const MAKE = ['--serial', '3', '--rings', 'pilot=1,general=0.1', '--minimum', '0.1.0'];

it('makes a signed feed of the packages in a folder', () => {
  expect(feed(['make', folder, ...MAKE, '--key', keyFile])).toMatchObject({ ok: true });
  expect(read(RELEASE_FILE)).toMatchObject({
    serial: 3,
    version: '0.2.0',
    minimum: '0.1.0',
    rings: { pilot: 1, general: 0.1 },
    artifacts: [
      { platform: 'linux', arch: 'x64', kind: 'rpm', file: RPM, size: 20 },
      { platform: 'linux', arch: 'x64', kind: 'deb', file: DEB, size: 20 },
    ],
  });
  expect(refusalOf([ours.x])).toBeNull();
});

it('security: takes the passphrase of its key from no argument and no environment', () => {
  const encrypted = join(work, 'encrypted.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  const secret = 'lantern bicycle';
  writeFileSync(
    encrypted,
    privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: secret }),
  );
  expect(feed(['make', folder, ...MAKE, '--key', encrypted], 'wrong\n')).toMatchObject({ ok: false });
  expect(feed(['make', folder, ...MAKE, '--key', encrypted], `${secret}\n`)).toMatchObject({ ok: true });
});

it('leaves the bytes for a key that is elsewhere, and takes its signature and no other', () => {
  expect(feed(['make', folder, ...MAKE])).toMatchObject({ ok: true });
  const waiting = join(folder, `${RELEASE_FILE}${WAITING}`);
  const signature = join(work, 'signature.bin');
  const attach = () => feed(['attach', waiting, '--public', ours.x, '--signature', signature]);
  writeFileSync(signature, sign(null, Buffer.from('something else'), ours.key));
  expect(attach()).toMatchObject({ ok: false, said: expect.stringContaining('signature-wrong') });
  writeFileSync(signature, sign(null, readFileSync(waiting), ours.key));
  expect(attach()).toMatchObject({ ok: true });
  expect(read(RELEASE_FILE)).toMatchObject({ version: '0.2.0' });
});

it('signs the next list of keys', () => {
  const next = feedKey();
  const args = ['keys', folder, '--version', '1', '--public', `${ours.x},${next.x}`, '--key', keyFile];
  expect(feed(args)).toMatchObject({ ok: true });
  expect(read(keysFile(1))).toEqual({ type: 'wardlight-keys/1', version: 1, keys: [ours.x, next.x] });
  expect(feed(['public', '--key', keyFile]).said).toContain(ours.x);
});

describe('refuses', () => {
  it.each([
    ['packages of two versions', () => writeFileSync(join(folder, 'wardlight_0.3.0_arm64.deb'), 'x'), MAKE],
    ['two packages for one system', () => writeFileSync(join(folder, 'wardlight-0.2.0-x64.deb'), 'x'), MAKE],
    ['a share above the whole', () => undefined, ['--serial', '1', '--rings', 'general=2']],
    ['rings that are none', () => undefined, ['--serial', '1', '--rings', 'general']],
    ['no number', () => undefined, []],
    ['a folder without packages', () => [DEB, RPM].map((name) => rmSync(join(folder, name))), MAKE],
  ])('%s', (_name, prepare, args) => {
    prepare();
    expect(feed(['make', folder, ...args, '--key', keyFile]).ok).toBe(false);
  });
});

describe('security: a feed is found wanting where', () => {
  beforeEach(() => {
    feed(['make', folder, ...MAKE, '--key', keyFile]);
  });

  const now = new Date();
  type Row = readonly [string, () => void, readonly string[], Date, RegExp];
  it.each<Row>([
    ['no key is named', () => undefined, [], now, /name the keys/],
    ['another key is trusted', () => undefined, [feedKey().x], now, /signature-unknown/],
    ['it has expired', () => undefined, [ours.x], new Date('2099-01-01'), /expired/],
    ['a package was changed', () => writeFileSync(join(folder, DEB), 'a package for Satan!'), [ours.x], now, /changed/],
    ['a package is missing', () => rmSync(join(folder, RPM)), [ours.x], now, /missing/],
  ])('security: %s', (_name, prepare, keys, at, words) => {
    prepare();
    expect(refusalOf(keys, at)).toMatch(words);
  });
});
