import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDecrypt } from '@aws-crypto/decrypt-node';
import { CommitmentPolicy } from '@aws-crypto/material-management-node';
import { RawRsaKeyringNode } from '@aws-crypto/raw-rsa-keyring-node';
import { sealTo } from '../../../../main/cache/handover.ts';
import { thumbprintOf } from '../../../../main/documents/format/wrapping.ts';
import { createDocumentsService, type ServiceOptions } from '../../../../main/documents/service.ts';
import type {
  DocumentsProcess,
  EncryptionContext,
  Envelope,
  Inspected,
  Recipient,
  Spooled,
} from '../../../../main/documents/types.ts';
import { plainIntake } from './intake.ts';

export interface TestKey {
  readonly recipient: Extract<Recipient, { kind: 'rsa' }>;
  readonly jwk: JsonWebKey;
  readonly privatePem: string;
}

export function testKey(bits = 3_072): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const thumbprint = thumbprintOf(createPublicKey(pem).export({ format: 'jwk' }));
  return {
    recipient: { kind: 'rsa', thumbprint, publicKey: pem },
    jwk: privateKey.export({ format: 'jwk' }),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

export const context: EncryptionContext = {
  v: '1',
  document: 'hmac-of-the-document',
  patient: 'hmac-of-the-patient',
  author: 'hmac-of-the-author',
  resource: 'hmac-of-the-resource',
  role: '224608005',
  purpose: 'TREAT',
  policy: '7',
  created: '2026-03-01T10:00:00.000Z',
};

export const rules = {
  maxBytes: 64 * 1024 * 1024,
  maxPixels: 200_000_000,
  kinds: ['image', 'pdf', 'text', 'dicom', 'other'],
  encryptedArchives: false,
} as const;

export interface Bench {
  readonly folder: string;
  readonly service: Omit<ReturnType<typeof createDocumentsService>, 'open'> & {
    open(request: OpenRequest): ReturnType<DocumentsProcess['open']>;
  };
  /** A file with this content. */
  file(content: Uint8Array | string): string;
  encrypt(content: Uint8Array | string, change?: Partial<EncryptRequest>): Promise<Written>;
  /** What is left of opened documents, finished or not. */
  leftovers(): string[];
  remove(): void;
}

type EncryptRequest = Parameters<DocumentsProcess['encrypt']>[0];
/** With keys as they are before they pass through main. */
export interface OpenRequest extends Omit<Parameters<DocumentsProcess['open']>[0], 'keys'> {
  readonly keys: readonly JsonWebKey[];
}

/** Private keys as the cache hands them over. */
export async function sealedKeys(
  process: Pick<DocumentsProcess, 'handoverKey'>,
  keys: readonly JsonWebKey[],
): Promise<Uint8Array[]> {
  const to = await process.handoverKey();
  return keys.map((jwk) => sealTo(to, Buffer.from(JSON.stringify(jwk))));
}

export interface Written {
  readonly spool: string;
  readonly spooled: Spooled & Inspected;
  readonly bytes: Buffer;
}

/** A service with a folder of its own. */
export function bench(recipients: readonly Recipient[], options: Partial<ServiceOptions> = {}): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-documents-'));
  let count = 0;
  function next(what: string): string {
    count += 1;
    return join(folder, `${count}.${what}`);
  }
  const service = createDocumentsService({ intake: plainIntake, newId: () => next('handle'), ...options });
  function file(content: Uint8Array | string): string {
    const path = next('source');
    writeFileSync(path, content);
    return path;
  }
  return {
    folder,
    service: {
      ...service,
      open: async (request) => service.open({ ...request, keys: await sealedKeys(service, request.keys) }),
    },
    file,
    async encrypt(content, change = {}) {
      const spool = next('spool');
      const source = file(content);
      const task = spool;
      const answer = await service.encrypt({
        ...{ task, source, spool, recipients, context, signed: false, strip: false, rules },
        ...change,
      });
      if (!answer.ok) throw new Error(answer.error.code);
      return { spool, spooled: answer.value, bytes: readFileSync(spool) };
    },
    leftovers: () => readdirSync(folder).filter((name) => name.includes('opened')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function envelopeOf({ size, sha256, header, headerLength, kind }: Spooled & Inspected): Envelope {
  return { format: 'aws-encryption-sdk-2', size, sha256, header, headerLength, kind };
}

export function openRequest(folder: string, written: Written, key: TestKey): OpenRequest {
  return {
    task: 'open',
    ciphertext: written.spool,
    temporary: join(folder, 'opened'),
    envelope: envelopeOf(written.spooled),
    expected: context,
    keys: [key.jwk],
    granted: [],
    limits: rules,
  };
}

/** All of an opened document. */
export async function contentOf(
  service: Pick<DocumentsProcess, 'read'>,
  handle: string,
  size: number,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < size; at += 1_000_000)
    parts.push(await service.read({ handle, offset: at, length: 1_000_000 }));
  return Buffer.concat(parts);
}

/** The AWS Encryption SDK as its documentation uses it, with nothing of ours. */
export async function decryptPlainly(message: Uint8Array, { recipient, privatePem }: TestKey) {
  const { decrypt } = buildDecrypt(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const keyring = new RawRsaKeyringNode({
    keyName: recipient.thumbprint,
    keyNamespace: 'wardlight',
    rsaKey: { privateKey: privatePem },
    oaepHash: 'sha256',
  });
  return decrypt(keyring, message);
}
