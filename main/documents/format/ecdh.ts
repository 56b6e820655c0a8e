import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createPublicKey,
  ECDH,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import {
  EncryptedDataKey,
  immutableClass,
  KeyringNode,
  KeyringTraceFlag,
  type NodeDecryptionMaterial,
  type NodeEncryptionMaterial,
  unwrapDataKey,
} from '@aws-crypto/material-management-node';
import { serializeFactory } from '@aws-crypto/serialize';
import { DATA_KEY_LENGTH, PROVIDER_ECDH } from './limits.ts';

/*
 * Data keys wrapped for a P-384 key (decision 50): ECDH with a key that is made for the one message and recipient
 * (NIST SP 800-56A, 6.2.2.2), HKDF-SHA384, AES-256-GCM. The SDK has no such keyring; the message around it is as always.
 */

const CURVE = 'secp384r1';
const VERSION = 1;
/** Uncompressed (SEC 1, section 2.3.3). */
const POINT_LENGTH = 97;
const UNCOMPRESSED = 4;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const NONCE_AT = 1 + POINT_LENGTH;
const CIPHERTEXT_AT = NONCE_AT + NONCE_LENGTH;
const WRAPPED_LENGTH = CIPHERTEXT_AT + DATA_KEY_LENGTH + TAG_LENGTH;
const SALT = 'wardlight ecdh-p384 1';

const { serializeEncryptionContext } = serializeFactory((text) => Buffer.from(text, 'utf8'), { utf8Sorting: true });

type Context = Readonly<Record<string, string>>;

/** A P-384 public key that may be a recipient. */
export interface EcdhKey {
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
  /** The same as an uncompressed point. */
  readonly point: Buffer;
}

/** Reads a P-384 public key (PEM, SPKI); null where it is none. */
export function readEcdhPem(pem: string): EcdhKey | null {
  // Else a private key would be taken for its public half.
  if (/PRIVATE/.test(pem)) return null;
  try {
    const key = createPublicKey(pem);
    const { crv, kty, x = '', y = '' } = key.export({ format: 'jwk' });
    if (kty !== 'EC' || crv !== 'P-384') return null;
    const point = Buffer.concat([Buffer.of(UNCOMPRESSED), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
    if (!isPoint(point)) return null;
    const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
    return { thumbprint, publicKey: key.export({ type: 'spki', format: 'pem' }).toString(), point };
  } catch {
    return null;
  }
}

/** The same of a point. */
export function readEcdhPoint(point: Uint8Array): EcdhKey | null {
  if (!isPoint(point)) return null;
  const half = (POINT_LENGTH + 1) / 2;
  const x = Buffer.from(point.subarray(1, half)).toString('base64url');
  const y = Buffer.from(point.subarray(half)).toString('base64url');
  const key = createPublicKey({ key: { kty: 'EC', crv: 'P-384', x, y }, format: 'jwk' });
  return readEcdhPem(key.export({ type: 'spki', format: 'pem' }).toString());
}

/** Whether it is on the curve: with another point a shared secret gives away bits of the private key. */
function isPoint(point: Uint8Array): boolean {
  if (point.length !== POINT_LENGTH || point[0] !== UNCOMPRESSED) return false;
  try {
    return ECDH.convertKey(point, CURVE).length === POINT_LENGTH;
  } catch {
    return false;
  }
}

/** What no two wrapped keys may have in common. */
export interface EcdhRandom {
  /** With a pair in it. */
  readonly ephemeral: ECDH;
  readonly nonce: Buffer;
}

function freshRandom(): EcdhRandom {
  const ephemeral = createECDH(CURVE);
  ephemeral.generateKeys();
  return { ephemeral, nonce: randomBytes(NONCE_LENGTH) };
}

/** Wraps a data key for a recipient, in the context of its message. */
export function wrapByEcdh(
  recipient: EcdhKey,
  dataKey: Uint8Array,
  context: Context,
  { ephemeral, nonce } = freshRandom(),
): Buffer {
  const point = ephemeral.getPublicKey();
  const binding = bindingOf(recipient.thumbprint, point, context);
  const key = wrappingKey(ephemeral.computeSecret(recipient.point), binding);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(binding);
  const ciphertext = Buffer.concat([cipher.update(dataKey), cipher.final()]);
  key.fill(0);
  return Buffer.concat([Buffer.of(VERSION), point, nonce, ciphertext, cipher.getAuthTag()]);
}

/** The shared secret (x-coordinate) of a private key, which need not be here, and a point; null where it can't be made. */
export type Agree = (point: Buffer) => Buffer | null;

/** Unwraps a data key; null where it was wrapped for another key or context, or was changed. */
export function unwrapByEcdh(wrapped: Uint8Array, thumbprint: string, context: Context, agree: Agree): Buffer | null {
  if (wrapped.length !== WRAPPED_LENGTH || wrapped[0] !== VERSION) return null;
  const point = Buffer.from(wrapped.subarray(1, NONCE_AT));
  const secret = isPoint(point) ? agree(point) : null;
  if (secret === null) return null;
  const binding = bindingOf(thumbprint, point, context);
  const key = wrappingKey(secret, binding);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(NONCE_AT, CIPHERTEXT_AT), {
      authTagLength: TAG_LENGTH,
    });
    decipher.setAAD(binding).setAuthTag(wrapped.subarray(-TAG_LENGTH));
    return Buffer.concat([decipher.update(wrapped.subarray(CIPHERTEXT_AT, -TAG_LENGTH)), decipher.final()]);
  } catch {
    return null;
  } finally {
    key.fill(0);
  }
}

/** Each part after its length, so that none can be taken for a piece of another. */
function bindingOf(thumbprint: string, point: Buffer, context: Context): Buffer {
  const names = [PROVIDER_ECDH, thumbprint].map((name) => Buffer.from(name));
  const parts = [...names, point, serializeEncryptionContext({ ...context })];
  return Buffer.concat(parts.flatMap((part) => [uint32(part.length), part]));
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Of a shared secret, which is overwritten. Node takes 1,024 bytes of `info` at most: the binding goes in as its hash. */
function wrappingKey(secret: Buffer, binding: Buffer): Buffer {
  const info = createHash('sha384').update(binding).digest();
  const key = Buffer.from(hkdfSync('sha384', secret, SALT, info, 32));
  secret.fill(0);
  return key;
}

/** Wraps the data key of a message for a P-384 key. */
export class EcdhKeyring extends KeyringNode {
  readonly #recipient: EcdhKey;
  constructor(recipient: EcdhKey) {
    super();
    this.#recipient = recipient;
  }
  override async _onEncrypt(material: NodeEncryptionMaterial): Promise<NodeEncryptionMaterial> {
    const dataKey = unwrapDataKey(material.getUnencryptedDataKey());
    const encryptedDataKey = wrapByEcdh(this.#recipient, dataKey, material.encryptionContext);
    const { thumbprint: providerInfo } = this.#recipient;
    return material.addEncryptedDataKey(
      new EncryptedDataKey({ providerId: PROVIDER_ECDH, providerInfo, encryptedDataKey }),
      KeyringTraceFlag.WRAPPING_KEY_ENCRYPTED_DATA_KEY,
    );
  }
  override async _onDecrypt(material: NodeDecryptionMaterial): Promise<NodeDecryptionMaterial> {
    return material;
  }
}
immutableClass(EcdhKeyring);
