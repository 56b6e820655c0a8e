import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFeed } from '../../../main/updates/check.ts';
import { keysFile, RELEASE_FILE, type Release } from '../../../main/updates/documents.ts';
import { createFeed, isAsSigned } from '../../../main/updates/feed.ts';
import type { Here } from '../../../main/updates/judge.ts';
import {
  DEB,
  type FeedServer,
  feedKey,
  memoryOf,
  NOW,
  packageOf,
  releaseOf,
  signedBy,
  startFeed,
} from '../../support/feed.ts';

/* A workstation with 0.1.0 against a feed on this machine, by HTTP. */

const ours = feedKey();
const stranger = feedKey();
const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'wardlight-updates-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let server: FeedServer;
let memory: ReturnType<typeof memoryOf>;
let now: number;
let here: Here;

beforeEach(async () => {
  server = await startFeed();
  memory = memoryOf();
  now = NOW;
  here = { place: DEB, installed: '0.1.0', ring: 'general', device: 'ward-7' };
});
afterEach(() => server.close());

const feedOf = (base: string) =>
  createFeed({
    base,
    fetch,
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  });

const check = (roots: readonly string[] = [ours.x]) =>
  checkFeed({ feed: feedOf(server.base), memory, roots, here, now: () => now });

/** What a look at the feed comes to, with the file where one is offered: its content, or the code of the refusal. */
async function update(): Promise<string> {
  const offer = await check();
  if (!offer.ok) return offer.error.code;
  if (!offer.value) return 'none';
  const file = await feedOf(server.base).file(offer.value.artifact, join(folder, 'pending'));
  return file.ok ? readFileSync(file.value, 'utf8') : file.error.code;
}

const offered = (version: string) => packageOf(version).toString();
const answering =
  (bytes: Buffer, headers = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(200, headers).end(bytes);

it('offers a release that is signed, fetches its file, and keeps what was seen', async () => {
  server.publish(releaseOf('0.2.0', { serial: 7 }), ours.key);
  expect(await update()).toBe(offered('0.2.0'));
  expect(memory.now()).toMatchObject({ seen: { serial: 7, version: '0.2.0' }, time: NOW, newest: '0.1.0' });
  expect(readdirSync(join(folder, 'pending'))).toEqual(['wardlight_0.2.0_amd64.deb']);
});

it('offers nothing of the version that runs', async () => {
  server.publish(releaseOf('0.1.0'), ours.key);
  expect(await update()).toBe('none');
});

/** Each is one thing that somebody does who has the server or the line, and no key. */
const refusals: readonly (readonly [string, string, () => void | Promise<void>])[] = [
  ['is not signed', 'signature-missing', () => server.publish(releaseOf('0.2.0'))],
  ['is signed by another key', 'signature-unknown', () => server.publish(releaseOf('0.2.0'), stranger.key)],
  [
    'names our key, with the signature of another',
    'signature-wrong',
    () => {
      const { signed, signatures } = JSON.parse(signedBy(releaseOf('0.2.0'), ours.key));
      const [theirs] = JSON.parse(signedBy(releaseOf('0.2.0'), stranger.key)).signatures;
      const forged = [{ keyid: signatures[0].keyid, sig: theirs.sig }];
      server.files.set(RELEASE_FILE, Buffer.from(JSON.stringify({ signed, signatures: forged })));
    },
  ],
  [
    'was changed after it was signed',
    'signature-wrong',
    () => {
      const text = signedBy(releaseOf('0.2.0'), ours.key).replace('"general": 1', '"general": 0.5');
      server.files.set(RELEASE_FILE, Buffer.from(text));
    },
  ],
  [
    'is another kind of document, signed',
    'feed-invalid',
    () => {
      const keys = signedBy({ type: 'wardlight-keys/1', version: 1, keys: [stranger.x] }, ours.key);
      server.files.set(RELEASE_FILE, Buffer.from(keys));
    },
  ],
  [
    'has expired',
    'expired',
    () => server.publish(releaseOf('0.2.0', { expires: new Date(NOW).toISOString() }), ours.key),
  ],
  [
    'has a time of expiry that is none',
    'feed-invalid',
    () => server.publish(releaseOf('0.2.0', { expires: 'whenever' }), ours.key),
  ],
  [
    'is older than what runs',
    'downgrade',
    () => server.publish(releaseOf('0.0.9', { updatesFrom: '0.0.1' }), ours.key),
  ],
  [
    'is for another system',
    'no-file',
    () => {
      here = { ...here, place: { platform: 'linux', arch: 'x64', kind: 'rpm' } };
      server.publish(releaseOf('0.2.0'), ours.key);
    },
  ],
  [
    'is for another processor',
    'no-file',
    () => {
      here = { ...here, place: { ...DEB, arch: 'arm64' } };
      server.publish(releaseOf('0.2.0'), ours.key);
    },
  ],
  [
    'can’t be reached from so old a version at once',
    'version-too-old',
    () => server.publish(releaseOf('0.3.0', { updatesFrom: '0.2.0' }), ours.key),
  ],
  [
    'is larger than any document',
    'feed-too-large',
    () => void server.files.set(RELEASE_FILE, Buffer.alloc(300_000, ' ')),
  ],
  ['is no JSON', 'feed-invalid', () => void server.files.set(RELEASE_FILE, Buffer.from('{"signed":'))],
  ['is not there', 'feed-unreachable', () => undefined],
  [
    'has a file that was changed',
    'file-changed',
    () => {
      server.publish(releaseOf('0.2.0'), ours.key);
      const changed = packageOf('0.2.0');
      changed[1_000] = 0;
      server.files.set('wardlight_0.2.0_amd64.deb', changed);
    },
  ],
  [
    'has the file of another release in the place of its own (mix and match)',
    'file-changed',
    () => {
      server.publish(releaseOf('0.2.0'), ours.key);
      server.files.set('wardlight_0.2.0_amd64.deb', packageOf('0.1.9'));
    },
  ],
  [
    'has a file with more in it than was signed',
    'file-too-large',
    () => {
      server.publish(releaseOf('0.2.0'), ours.key);
      server.files.set('wardlight_0.2.0_amd64.deb', Buffer.concat([packageOf('0.2.0'), Buffer.from('and more')]));
    },
  ],
  [
    'has a file that ends too soon',
    'file-cut-off',
    () => {
      server.publish(releaseOf('0.2.0'), ours.key);
      server.files.set('wardlight_0.2.0_amd64.deb', answering(packageOf('0.2.0').subarray(0, 900)));
    },
  ],
  [
    'has a file of which the connection dies',
    'file-cut-off',
    () => {
      server.publish(releaseOf('0.2.0'), ours.key);
      const bytes = packageOf('0.2.0');
      server.files.set('wardlight_0.2.0_amd64.deb', (_request, response) => {
        response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 900), () => {
          response.destroy();
        });
      });
    },
  ],
  [
    'has no such file',
    'file-missing',
    () => {
      server.publish(releaseOf('0.2.0'), ours.key);
      server.files.delete('wardlight_0.2.0_amd64.deb');
    },
  ],
];

describe('security: a release is refused that', () => {
  it.each(refusals)('security: %s', async (_name, code, prepare) => {
    await prepare();
    expect(await update()).toBe(code);
    const left = code.startsWith('file-') ? readdirSync(join(folder, 'pending')) : [];
    expect(left.filter((name) => !name.endsWith('.part'))).toEqual([]);
  });

  it('security: leads to another host, in the document and in the file', async () => {
    const other = await startFeed();
    other.publish(releaseOf('0.2.0'), ours.key);
    const away =
      (name: string): RequestListener =>
      (_request, response) =>
        void response.writeHead(302, { location: new URL(name, other.base).href }).end();
    server.files.set(RELEASE_FILE, away(RELEASE_FILE));
    expect(await update()).toBe('feed-redirected');
    server.publish(releaseOf('0.2.0'), ours.key);
    server.files.set('wardlight_0.2.0_amd64.deb', away('wardlight_0.2.0_amd64.deb'));
    expect(await update()).toBe('feed-redirected');
    expect(other.asked).toEqual([]);
    await other.close();
  });

  it('security: says nothing, once it was waited for long enough', async () => {
    server.publish(releaseOf('0.2.0'), ours.key);
    server.files.set(RELEASE_FILE, () => undefined);
    let giveUp: () => void = () => undefined;
    const silent = createFeed({
      base: server.base,
      fetch,
      after(_ms, callback) {
        giveUp = callback;
        return () => undefined;
      },
    });
    const asking = silent.document(RELEASE_FILE);
    await expect.poll(() => server.asked).toContain(RELEASE_FILE);
    giveUp();
    expect(await asking).toEqual({ ok: false, error: { code: 'feed-unreachable' } });
  });
});

describe('security: once something newer was seen', () => {
  const publish = (version: string, changes: Partial<Release>) => server.publish(releaseOf(version, changes), ours.key);

  beforeEach(async () => {
    publish('0.3.0', { serial: 5 });
    expect(await update()).toBe(offered('0.3.0'));
  });

  it('security: an older document is refused, although it is signed and in time (freeze, rollback)', async () => {
    publish('0.2.0', { serial: 4 });
    expect(await update()).toBe('older');
  });

  it('security: an older version is refused under a newer number', async () => {
    publish('0.2.0', { serial: 6 });
    expect(await update()).toBe('downgrade');
  });

  it('security: the same version with other files is refused', async () => {
    const { artifacts } = releaseOf('0.3.0');
    publish('0.3.0', { serial: 6, artifacts: artifacts.map((one) => ({ ...one, sha512: 'ab'.repeat(64) })) });
    expect(await update()).toBe('changed');
  });

  it('security: another document under the same number is refused', async () => {
    publish('0.3.0', { serial: 5, rings: { general: 0.5 } });
    expect(await update()).toBe('changed');
  });

  it('security: a clock that is set back brings no expired document to life', async () => {
    now = NOW + 29 * DAY_MS;
    expect(await update()).toBe(offered('0.3.0'));
    publish('0.3.0', { serial: 6, expires: new Date(NOW + 2 * DAY_MS).toISOString() });
    now = NOW;
    expect(await update()).toBe('expired');
  });

  it('takes the same version signed anew, and the next one', async () => {
    publish('0.3.0', { serial: 6, expires: new Date(NOW + 60 * DAY_MS).toISOString() });
    expect(await update()).toBe(offered('0.3.0'));
    publish('0.3.1', { serial: 7 });
    expect(await update()).toBe(offered('0.3.1'));
  });

  it('security: a version that has run here is the oldest that is taken, whoever signs', async () => {
    here = { ...here, installed: '0.3.0' };
    expect(await update()).toBe('none');
    here = { ...here, installed: '0.1.0' };
    server.publish(releaseOf('0.2.0', { serial: 1 }), stranger.key);
    expect(await check([stranger.x])).toEqual({ ok: false, error: { code: 'downgrade' } });
  });
});

describe('security: keys', () => {
  const next = feedKey();

  it('are turned by a list that a key before has signed; the old one no longer counts', async () => {
    server.publishKeys(1, [next.x], ours.key);
    server.publish(releaseOf('0.2.0', { serial: 1 }), ours.key);
    expect(await update()).toBe('signature-unknown');
    // Though nothing was taken: a key that is out stays out.
    const list = server.files.get(keysFile(1)) ?? Buffer.alloc(0);
    server.files.delete(keysFile(1));
    expect(await update()).toBe('signature-unknown');
    server.files.set(keysFile(1), list);
    server.publish(releaseOf('0.2.0', { serial: 1 }), next.key);
    expect(await update()).toBe(offered('0.2.0'));
  });

  it('security: that were turned stay turned, when the list is taken away or an older one is laid in its place', async () => {
    server.publishKeys(1, [ours.x, next.x], ours.key);
    server.publishKeys(2, [next.x], next.key);
    server.publish(releaseOf('0.2.0'), next.key);
    expect(await update()).toBe(offered('0.2.0'));
    server.files.delete(keysFile(1));
    server.files.delete(keysFile(2));
    server.publish(releaseOf('0.2.1', { serial: 2 }), ours.key);
    expect(await update()).toBe('signature-unknown');
    server.files.set(
      keysFile(3),
      Buffer.from(signedBy({ type: 'wardlight-keys/1', version: 1, keys: [ours.x] }, ours.key)),
    );
    expect(await update()).toBe('keys-changed');
    server.files.set(
      keysFile(3),
      Buffer.from(signedBy({ type: 'wardlight-keys/1', version: 1, keys: [ours.x] }, next.key)),
    );
    expect(await update()).toBe('keys-changed');
    expect(memory.now()).toMatchObject({ keysVersion: 2, keys: [next.x] });
  });

  it('security: of a list that a stranger has signed don’t count', async () => {
    server.publishKeys(1, [stranger.x], stranger.key);
    server.publish(releaseOf('0.2.0'), stranger.key);
    expect(await update()).toBe('keys-changed');
  });

  it('security: are never taken from the feed where there is none here', async () => {
    server.publish(releaseOf('0.2.0'), ours.key);
    expect(await check([])).toEqual({ ok: false, error: { code: 'no-keys' } });
    expect(server.asked).toEqual([]);
  });

  it('are one of several', async () => {
    server.publish(releaseOf('0.2.0'), stranger.key, ours.key);
    expect(await update()).toBe(offered('0.2.0'));
  });
});

it('security: by HTTPS, is read from a server that the system trusts, and from no other', async () => {
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(folder, name)) as [string, string];
  const made = [
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=feed',
    '-keyout',
    key,
    '-out',
    cert,
  ];
  execFileSync('openssl', ['req', ...made, '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'pipe' });
  const text = (file: string) => readFileSync(file, 'utf8');
  const secure = await startFeed({ cert: text(cert), key: text(key) });
  secure.publish(releaseOf('0.2.0'), ours.key);
  const look = () => feedOf(secure.base).document(RELEASE_FILE);
  expect(await look()).toEqual({ ok: false, error: { code: 'feed-unreachable' } });
  const trusted = getCACertificates('default');
  setDefaultCACertificates([...trusted, text(cert)]);
  expect(await look()).toMatchObject({ ok: true, value: expect.stringContaining('0.2.0') });
  setDefaultCACertificates(trusted);
  await secure.close();
});

it('a ring that has no share gets nothing, and is told nothing', async () => {
  server.publish(releaseOf('0.2.0', { rings: { pilot: 1 } }), ours.key);
  expect(await update()).toBe('none');
  here = { ...here, ring: 'pilot' };
  expect(await update()).toBe(offered('0.2.0'));
});

it('security: a file that was changed after it was fetched is not what was signed', async () => {
  server.publish(releaseOf('0.2.0'), ours.key);
  const offer = await check();
  if (!offer.ok || !offer.value) throw new Error('nothing is offered');
  const { artifact } = offer.value;
  const file = await feedOf(server.base).file(artifact, join(folder, 'kept'));
  if (!file.ok) throw new Error(file.error.code);
  expect(await isAsSigned(file.value, artifact)).toBe(true);
  const bytes = packageOf('0.2.0');
  bytes[7] = 0;
  writeFileSync(file.value, bytes);
  expect(await isAsSigned(file.value, artifact)).toBe(false);
  expect(await isAsSigned(join(folder, 'nothing'), artifact)).toBe(false);
});
