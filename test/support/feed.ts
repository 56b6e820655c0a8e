import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { publicOf, sealed, signatureBy } from '../../build/release/feed.ts';
import { keysFile, type Place, RELEASE_FILE, type Release } from '../../main/updates/documents.ts';
import type { Memory, MemoryStore } from '../../main/updates/memory.ts';

/** A signing key that exists nowhere else. */
export function feedKey(): { readonly key: KeyObject; readonly x: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { key: privateKey, x: publicOf(privateKey) };
}

export const NOW = Date.parse('2030-05-01T08:00:00.000Z');
export const DEB: Place = { platform: 'linux', arch: 'x64', kind: 'deb' };
const DAY_MS = 86_400_000;

/** What stands for a package. */
export const packageOf = (version: string) => Buffer.from(`package ${version} `.repeat(2_000));

export const sha512 = (data: Uint8Array) => createHash('sha512').update(data).digest('hex');

/** A release of one package for Debian, as it is signed. */
export function releaseOf(version: string, changes: Partial<Release> = {}): Release {
  const bytes = packageOf(version);
  const file = `wardlight_${version}_amd64.deb`;
  return {
    type: 'wardlight-release/1',
    serial: 1,
    version,
    released: new Date(NOW - DAY_MS).toISOString(),
    expires: new Date(NOW + 30 * DAY_MS).toISOString(),
    updatesFrom: '0.1.0',
    minimum: '0.1.0',
    rings: { general: 1 },
    artifacts: [{ ...DEB, file, size: bytes.length, sha512: sha512(bytes) }],
    ...changes,
  };
}

export const signedBy = (document: object, ...keys: readonly KeyObject[]) =>
  sealed(
    document,
    keys.map((key) => signatureBy(document, key)),
  );

/** A feed on this machine: files by their names, any of which a test may answer itself. */
export interface FeedServer {
  readonly base: string;
  readonly files: Map<string, Buffer | RequestListener>;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** Puts a release with its packages, signed. */
  publish(release: Release, ...keys: readonly KeyObject[]): void;
  publishKeys(version: number, keys: readonly string[], ...signers: readonly KeyObject[]): void;
  close(): Promise<void>;
}

/** `tls`: by HTTPS, with this certificate and its key (PEM). */
export async function startFeed(tls?: { readonly cert: string; readonly key: string }): Promise<FeedServer> {
  const files = new Map<string, Buffer | RequestListener>();
  const asked: string[] = [];
  const answer: RequestListener = (request, response) => {
    const name = (request.url ?? '').slice('/feed/'.length);
    asked.push(name);
    const found = files.get(name);
    if (typeof found === 'function') found(request, response);
    else if (found) response.writeHead(200).end(found);
    else response.writeHead(404).end();
  };
  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    base: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/feed/`,
    files,
    asked,
    publish(release, ...keys) {
      files.set(RELEASE_FILE, Buffer.from(signedBy(release, ...keys)));
      for (const { file } of release.artifacts) files.set(file, packageOf(release.version));
    },
    publishKeys(version, keys, ...signers) {
      files.set(keysFile(version), Buffer.from(signedBy({ type: 'wardlight-keys/1', version, keys }, ...signers)));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Puts a release of today for whatever this is: which package a workstation takes depends on how it was installed. */
export function publishHere(feed: FeedServer, version: string, serial: number, key: KeyObject): void {
  const [deb] = releaseOf(version).artifacts;
  if (!deb) throw new Error('there is no package');
  const artifacts = [deb, { ...deb, ...DEB, kind: 'rpm' as const, file: deb.file.replace('.deb', '.rpm') }];
  const at = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
  feed.publish(releaseOf(version, { serial, artifacts, released: at(-1), expires: at(1) }), key);
}

/** What a workstation remembers, for as long as a test takes. */
export function memoryOf(kept: Memory | null = null): MemoryStore & { now(): Memory | null } {
  let memory = kept;
  return {
    now: () => memory,
    read: async () => ({ ok: true, value: memory }),
    async write(next) {
      memory = next;
      return { ok: true, value: undefined };
    },
  };
}
