import { createCipheriv, createDecipheriv, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sealTo } from '../../../main/cache/handover.ts';
import { thumbprintOf } from '../../../main/documents/format/wrapping.ts';
import { createDocumentsService } from '../../../main/documents/service.ts';
import type { EncryptionContext, Inspected, Intake, Spooled } from '../../../main/documents/types.ts';

/* Runs in Electron's Node: the same code as the documents process, beside the same runtime's AES-256-GCM. */

interface Series {
  readonly own: number[];
  readonly plain: number[];
}

/** Bytes a second, a round each. */
export interface Rates {
  readonly encrypt: Series;
  readonly decrypt: Series;
}

interface Peak {
  readonly peak: number;
  readonly firstTenth: number;
}

/** Resident bytes of the process. */
export interface Memory {
  readonly before: number;
  readonly encrypt: Peak;
  readonly open: Peak;
}

const [task, folder = '', size = '0', rounds = '0'] = process.argv.slice(2);
const LENGTH = Number(size);
const path = (name: string) => join(folder, name);

const context: EncryptionContext = {
  v: '1',
  document: 'd',
  patient: 'p',
  author: 'a',
  resource: 'r',
  role: 'unknown',
  purpose: 'TREAT',
  policy: '1',
  created: '2026-01-01T00:00:00.000Z',
};
const inspected: Inspected = { contentType: 'application/octet-stream', kind: 'other' };
const intake: Intake = {
  inspect: async () => ({ ok: true, value: inspected }),
  strip: () => null,
  kindOf: async () => inspected,
  excessOf: async () => null,
};
const service = createDocumentsService({ intake, newId: () => 'handle' });
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 3_072 });
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const thumbprint = thumbprintOf(createPublicKey(pem).export({ format: 'jwk' }));

async function makeSource(): Promise<void> {
  const file = await open(path('source'), 'w');
  const block = randomBytes(8 * 1024 * 1024);
  for (let written = 0; written < LENGTH; written += block.length) await file.write(block);
  await file.close();
}

async function encrypt(): Promise<Spooled & Inspected> {
  const answer = await service.encrypt({
    task: 'task',
    source: path('source'),
    spool: path('spool'),
    recipients: [{ kind: 'rsa', thumbprint, publicKey: pem }],
    context,
    signed: false,
    strip: false,
    rules: { maxBytes: LENGTH, maxPixels: 200_000_000, kinds: ['other'], encryptedArchives: false },
  });
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.value;
}

async function openSpooled(spooled: Spooled): Promise<void> {
  const { size: bytes, sha256, header, headerLength } = spooled;
  const answer = await service.open({
    task: 'task',
    ciphertext: path('spool'),
    temporary: path('opened'),
    envelope: { format: 'aws-encryption-sdk-2', size: bytes, sha256, header, headerLength, kind: 'other' },
    expected: context,
    keys: [sealTo(await service.handoverKey(), Buffer.from(JSON.stringify(privateKey.export({ format: 'jwk' }))))],
    granted: [],
    limits: { maxBytes: LENGTH, maxPixels: 200_000_000 },
  });
  if (!answer.ok) throw new Error(answer.error.code);
  await service.close({ handle: 'handle' });
}

const key = randomBytes(32);
const nonce = randomBytes(12);

/** As durable as ours: the spool is flushed to the disk, what is opened isn't. */
async function plainly(from: string, to: string, through: NodeJS.ReadWriteStream, flush: boolean): Promise<void> {
  await pipeline(createReadStream(path(from)), through, createWriteStream(path(to), { flush }));
}

async function plainEncrypt(): Promise<Buffer> {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  await plainly('source', 'plain', cipher, true);
  return cipher.getAuthTag();
}

async function plainDecrypt(tag: Buffer): Promise<void> {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAuthTag(tag);
  await plainly('plain', 'decrypted', decipher, false);
  await rm(path('decrypted'));
}

async function timed<Value>(series: number[], work: () => Promise<Value>): Promise<Value> {
  const begun = performance.now();
  const value = await work();
  series.push(LENGTH / ((performance.now() - begun) / 1_000));
  return value;
}

/** Whoever is second waits for the disk that the first has filled: each is first every other time. */
async function inTurn(round: number, work: readonly (() => Promise<void>)[]): Promise<void> {
  for (const one of round % 2 === 0 ? work : [...work].reverse()) await one();
}

async function rates(): Promise<Rates> {
  await makeSource();
  const all: Rates = { encrypt: { own: [], plain: [] }, decrypt: { own: [], plain: [] } };
  // The first round warms up, and isn't told.
  for (let round = 0; round <= Number(rounds); round += 1) {
    let tag: Buffer = Buffer.alloc(0);
    let spooled: (Spooled & Inspected) | undefined;
    await inTurn(round, [
      async () => {
        tag = await timed(all.encrypt.plain, plainEncrypt);
      },
      async () => {
        spooled = await timed(all.encrypt.own, encrypt);
      },
    ]);
    await inTurn(round, [
      () => timed(all.decrypt.plain, () => plainDecrypt(tag)),
      () => timed(all.decrypt.own, () => openSpooled(spooled!)),
    ]);
  }
  for (const { own, plain } of Object.values(all)) for (const series of [own, plain]) series.shift();
  return all;
}

/** Looks at the process every few milliseconds while it works. */
async function watched<Value>(work: () => Promise<Value>): Promise<{ value: Value; peak: Peak }> {
  const samples: { rss: number; share: number }[] = [];
  const timer = setInterval(async () => {
    const progress = await service.progress({ task: 'task' });
    samples.push({ rss: process.memoryUsage.rss(), share: progress ? progress.done / progress.total : 0 });
  }, 5);
  const value = await work();
  clearInterval(timer);
  const peakOf = (some: typeof samples) => Math.max(...some.map(({ rss }) => rss));
  return { value, peak: { peak: peakOf(samples), firstTenth: peakOf(samples.filter(({ share }) => share <= 0.1)) } };
}

async function memory(): Promise<Memory> {
  await makeSource();
  const before = process.memoryUsage.rss();
  const { value: spooled, peak } = await watched(encrypt);
  await rm(path('source'));
  const { peak: opening } = await watched(() => openSpooled(spooled));
  return { before, encrypt: peak, open: opening };
}

process.stdout.write(JSON.stringify(task === 'memory' ? await memory() : await rates()));
