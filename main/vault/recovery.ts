import {
  constants,
  createHash,
  createHmac,
  createPublicKey,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomUUID,
} from 'node:crypto';
import type { Result } from '../../preload/contract/channel.ts';
import { deriveKey, sameBytes } from './crypto.ts';
import type { RecoverySlot, SlotFile } from './slot-file.ts';

/** NIST SP 800-57 part 1, table 2: 3072 bits for keys that protect beyond 2030. */
const BITS_MIN = 3_072;

/** The organisation's public key, for which unsent work is sealed; its private half never comes to a workstation. */
export interface RecoveryKey {
  /** SPKI, DER, base64. */
  readonly publicKey: string;
  readonly thumbprint: string;
}

export type RecoveryKeyError = 'recovery-key-invalid' | 'recovery-key-weak';

/** Reads the public key that policy names. */
export function readRecoveryKey(pem: string): Result<RecoveryKey, RecoveryKeyError> {
  let key: KeyObject;
  try {
    // Else a private key would be taken for its public half, and it has no business in a policy.
    if (/PRIVATE/.test(pem)) throw new Error('a private key');
    key = createPublicKey(pem);
  } catch {
    return { ok: false, error: { code: 'recovery-key-invalid' } };
  }
  if (key.asymmetricKeyType !== 'rsa') return { ok: false, error: { code: 'recovery-key-invalid' } };
  if (modulusBits(key) < BITS_MIN) return { ok: false, error: { code: 'recovery-key-weak' } };
  const spki = spkiOf(key);
  return { ok: true, value: { publicKey: spki.toString('base64'), thumbprint: thumbprintOf(spki) } };
}

/** Electron's BoringSSL has no `asymmetricKeyDetails`; a JWK has the modulus (RFC 7518, section 6.3.1). */
function modulusBits(key: KeyObject): number {
  const modulus = Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url')
    .toString('hex')
    .replace(/^0+/, '');
  return modulus === '' ? 0 : (modulus.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(modulus[0]!, 16)));
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function thumbprintOf(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex');
}

type Head = Pick<RecoverySlot, 'id' | 'publicKey' | 'thumbprint'>;

/** OAEP's label: a slot that was moved to another profile doesn't open (RFC 8017, section 7.1). */
function label(profile: string, { id, thumbprint }: Head): Buffer {
  return Buffer.from(JSON.stringify(['wardlight recovery slot v1', profile, id, thumbprint]));
}

const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };

/** The outbox's keys sealed for a recovery key; the first of them is the one in force. */
export function recoverySlot(
  profile: string,
  { publicKey, thumbprint }: RecoveryKey,
  outboxKeys: readonly Buffer[],
): RecoverySlot {
  const head: Head = { id: randomUUID(), publicKey, thumbprint };
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  const seal = (secret: Buffer) =>
    publicEncrypt({ ...oaep, key, oaepLabel: label(profile, head) }, secret).toString('base64');
  const sealed = outboxKeys.map(seal);
  return {
    ...head,
    kind: 'recovery',
    outboxKeys: sealed,
    check: checkOf(profile, head, sealed, outboxKeys[0]!).toString('base64'),
  };
}

function checkOf(profile: string, head: Head, sealed: readonly string[], outboxKey: Buffer): Buffer {
  const key = deriveKey(outboxKey, label(profile, head), 'wardlight recovery slot check v1');
  const content = JSON.stringify([head.publicKey, ...sealed]);
  return createHmac('sha256', key).update(content).digest();
}

/** Whether a slot is as it was made: that it opens can't be tried here, as the private key is elsewhere. */
export function isIntact(profile: string, slot: RecoverySlot, outboxKey: Buffer): boolean {
  const check = Buffer.from(slot.check, 'base64');
  return sameBytes(check, checkOf(profile, slot, slot.outboxKeys, outboxKey));
}

export type RecoveryError = 'recovery-slot-missing' | 'recovery-key-wrong' | 'recovery-slot-damaged';

/** The outbox's keys by the organisation's private key, for the tool that recovers unsent work. */
export function openRecoverySlot(content: SlotFile, privateKey: KeyObject): Result<Buffer[], RecoveryError> {
  const slots = content.slots.filter((slot) => slot.kind === 'recovery');
  if (slots.length === 0) return { ok: false, error: { code: 'recovery-slot-missing' } };
  const thumbprint = thumbprintOf(spkiOf(createPublicKey(privateKey)));
  const slot = slots.find((one) => one.thumbprint === thumbprint);
  if (!slot) return { ok: false, error: { code: 'recovery-key-wrong' } };
  const damaged = { ok: false, error: { code: 'recovery-slot-damaged' } } as const;
  try {
    const options = { ...oaep, key: privateKey, oaepLabel: label(content.profile, slot) };
    const keys = slot.outboxKeys.map((sealed) => privateDecrypt(options, Buffer.from(sealed, 'base64')));
    return keys[0] && isIntact(content.profile, slot, keys[0]) ? { ok: true, value: keys } : damaged;
  } catch {
    return damaged;
  }
}
