// `npm run release-feed -- DIR …`: makes a feed of a release, by which workstations update themselves.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import {
  type Artifact,
  keysDocument,
  keysFile,
  RELEASE_FILE,
  type Release,
  releaseDocument,
} from '../../main/updates/documents.ts';
import { keyId, open, readKey, signedBytes } from '../../main/updates/signed.ts';
import { updateKey } from '../../preload/contract/updates.ts';
import { createSecrets } from '../keys/arguments.ts';
import { endWith, ReleaseError } from './tools.ts';

const DAY_MS = 86_400_000;
/** Beside a document that waits for a signature from elsewhere: the bytes that are to be signed. */
export const WAITING = '.to-be-signed';

const KINDS: Readonly<Record<string, Pick<Artifact, 'platform' | 'kind'>>> = {
  deb: { platform: 'linux', kind: 'deb' },
  rpm: { platform: 'linux', kind: 'rpm' },
  exe: { platform: 'win32', kind: 'nsis' },
};
const ARCHS: Readonly<Record<string, Artifact['arch']>> = {
  amd64: 'x64',
  x86_64: 'x64',
  x64: 'x64',
  arm64: 'arm64',
  aarch64: 'arm64',
};
/** As electron-builder names them: wardlight_0.1.0_amd64.deb, wardlight-0.1.0.x86_64.rpm, wardlight-0.1.0-x64.exe. */
const NAMED = /^wardlight[-_](\d+\.\d+\.\d+)[-_.](amd64|x86_64|x64|arm64|aarch64)\.(deb|rpm|exe)$/;

interface Found {
  readonly version: string;
  readonly artifact: Artifact;
}

function artifactsIn(folder: string): Found[] {
  return readdirSync(folder).flatMap((file) => {
    const [, version = '', arch = '', ending = ''] = NAMED.exec(file) ?? [];
    const [kind, of] = [KINDS[ending], ARCHS[arch]];
    if (!kind || !of) return [];
    const path = join(folder, file);
    const sha512 = createHash('sha512').update(readFileSync(path)).digest('hex');
    return [{ version, artifact: { ...kind, arch: of, file, size: statSync(path).size, sha512 } }];
  });
}

export interface FeedOptions {
  readonly folder: string;
  /** Above that of every document that was signed before. */
  readonly serial: number;
  readonly rings: Readonly<Record<string, number>>;
  readonly validDays: number;
  readonly updatesFrom: string;
  readonly minimum: string;
  readonly now: Date;
}

/** What a feed says of the packages in a folder. */
export function releaseOf({ folder, serial, rings, validDays, updatesFrom, minimum, now }: FeedOptions): Release {
  const found = artifactsIn(folder);
  const versions = [...new Set(found.map(({ version }) => version))];
  if (versions.length !== 1) throw new ReleaseError(`${folder} has packages of ${versions.length} versions`);
  const document = releaseDocument.safeParse({
    type: 'wardlight-release/1',
    serial,
    version: versions[0],
    released: now.toISOString(),
    expires: new Date(now.getTime() + validDays * DAY_MS).toISOString(),
    updatesFrom,
    minimum,
    rings,
    artifacts: found.map(({ artifact }) => artifact),
  });
  if (!document.success) throw new ReleaseError(z.prettifyError(document.error));
  return document.data;
}

interface Signature {
  readonly keyid: string;
  readonly sig: string;
}

/** A document with its signatures, as it lies in a feed. */
export function sealed(document: object, signatures: readonly Signature[]): string {
  return `${JSON.stringify({ signed: document, signatures }, null, 2)}\n`;
}

export function signatureBy(document: object, key: KeyObject): Signature {
  return { keyid: keyId(publicOf(key)), sig: sign(null, signedBytes(document), key).toString('base64url') };
}

/** The public half of an Ed25519 key, in the form that policy and the lists of keys have. */
export function publicOf(key: KeyObject): string {
  const x = createPublicKey(key).export({ format: 'jwk' }).x;
  const read = updateKey.safeParse(x);
  if (key.asymmetricKeyType !== 'ed25519' || !read.success) throw new ReleaseError('the key is not an Ed25519 key');
  return read.data;
}

/** A key in a file, as `openssl genpkey -algorithm ed25519` makes it. A passphrase comes from the terminal or stdin only. */
async function keyFrom(file: string): Promise<KeyObject> {
  if (!existsSync(file)) throw new ReleaseError(`${file} can't be read`);
  const pem = readFileSync(file, 'utf8');
  const secrets = /ENCRYPTED/.test(pem) ? createSecrets() : null;
  try {
    const passphrase = await secrets?.ask('Passphrase of the key: ');
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) });
  } catch {
    throw new ReleaseError(`${file} is no private key, or the passphrase is another one`);
  } finally {
    secrets?.close();
  }
}

/** Signs here where there is a key; otherwise leaves what an HSM, or a machine without a network, is to sign. */
async function finish(document: object, file: string, keyFile: string): Promise<string> {
  if (keyFile === '') {
    writeFileSync(`${file}${WAITING}`, signedBytes(document));
    return `${file}${WAITING} is to be signed (Ed25519), then: release-feed attach`;
  }
  const key = await keyFrom(keyFile);
  writeFileSync(file, sealed(document, [signatureBy(document, key)]));
  return `${file} is signed by ${publicOf(key)}`;
}

/** Puts a signature from elsewhere to the document that it is of. `signature`: 64 bytes. */
export function attach(waiting: string, publicKey: string, signature: Uint8Array): string {
  if (!waiting.endsWith(WAITING)) throw new ReleaseError(`${waiting} is no document that waits for a signature`);
  const document = JSON.parse(readFileSync(waiting, 'utf8')) as { type?: unknown };
  const sig = Buffer.from(signature).toString('base64url');
  const text = sealed(document, [{ keyid: keyId(publicKey), sig }]);
  const schema = document.type === 'wardlight-keys/1' ? keysDocument : releaseDocument;
  const opened = open(text, schema, [readKey(publicKey)]);
  if (!opened.ok) throw new ReleaseError(`the signature is not of this document by this key (${opened.error.code})`);
  const file = waiting.slice(0, -WAITING.length);
  writeFileSync(file, text);
  return file;
}

/** Whether a feed is what workstations with these keys would take: signed, in time, and with the files that it names. */
export function verifyFeed(folder: string, keys: readonly string[], now: Date): void {
  if (keys.length === 0) throw new ReleaseError('name the keys that workstations trust: --update-key');
  const opened = open(readFileSync(join(folder, RELEASE_FILE), 'utf8'), releaseDocument, keys.map(readKey));
  if (!opened.ok) throw new ReleaseError(`it is refused (${opened.error.code})`);
  const { version, expires, artifacts } = opened.value.value;
  if (Date.parse(expires) <= now.getTime()) throw new ReleaseError(`it expired at ${expires}`);
  const found = artifactsIn(folder);
  for (const { file, sha512, size } of artifacts) {
    const here = found.find(({ artifact }) => artifact.file === file);
    if (!here || here.version !== version) throw new ReleaseError(`missing, or of another version: ${file}`);
    if (here.artifact.sha512 !== sha512 || here.artifact.size !== size) throw new ReleaseError(`changed: ${file}`);
  }
}

/** `general=0.1,pilot=1` */
export function readRings(text: string): Record<string, number> {
  const pairs = text.split(',').map((one) => one.split('='));
  const isRead = pairs.every(([name, share]) => name && share && Number.isFinite(Number(share)));
  if (!isRead) throw new ReleaseError('--rings names rings and shares: general=0.1,pilot=1');
  return Object.fromEntries(pairs.map(([name, share]) => [name, Number(share)]));
}

const USAGE = `usage:
  npm run release-feed -- make DIR --serial N --rings general=0.1 [--valid-days 30] [--updates-from 0.1.0] [--minimum 0.1.0] [--key FILE]
  npm run release-feed -- keys DIR --version N --public KEY[,KEY] [--key FILE]
  npm run release-feed -- attach FILE${WAITING} --public KEY --signature FILE
  npm run release-feed -- public --key FILE`;

async function main(): Promise<void> {
  const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      serial: text(''),
      rings: text('general=1'),
      'valid-days': text('30'),
      'updates-from': text('0.0.0'),
      minimum: text('0.0.0'),
      version: text(''),
      public: text(''),
      signature: text(''),
      key: text(process.env['WARDLIGHT_UPDATE_KEY'] ?? ''),
    },
  });
  const [command, place = ''] = positionals;
  const say = (line: string): void => void process.stdout.write(`release-feed: ${line}\n`);
  if (command === 'public') return say(publicOf(await keyFrom(values.key)));
  if (!existsSync(place)) throw new ReleaseError(USAGE);
  if (command === 'attach') {
    return say(`${attach(resolve(place), values.public, readFileSync(values.signature))} is signed`);
  }
  if (command === 'make') {
    const options = { updatesFrom: values['updates-from'], minimum: values.minimum, now: new Date() };
    const document = releaseOf({
      ...options,
      folder: resolve(place),
      serial: Number(values.serial),
      rings: readRings(values.rings),
      validDays: Number(values['valid-days']),
    });
    return say(await finish(document, join(resolve(place), RELEASE_FILE), values.key));
  }
  if (command !== 'keys') throw new ReleaseError(USAGE);
  const version = Number(values.version);
  const document = keysDocument.safeParse({ type: 'wardlight-keys/1', version, keys: values.public.split(',') });
  if (!document.success) throw new ReleaseError(z.prettifyError(document.error));
  say(await finish(document.data, join(resolve(place), keysFile(version)), values.key));
}

if (process.argv[1] === import.meta.filename) await endWith('release-feed', main);
