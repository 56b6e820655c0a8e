import { createCipheriv, createDecipheriv, createECDH, type ECDH, hkdfSync } from 'node:crypto';
import { CodedError } from './store-error.ts';

/*
 * Secrets that pass from one of the program's processes to another through main, which lives on after the lock and so is
 * to have none of them in its memory: sealed for a key that the other process has made (ECDH on P-256, HKDF-SHA256,
 * AES-256-GCM). It keeps main from knowing, not from lying.
 */

const CURVE = 'prime256v1';
const POINT_BYTES = 65;
const TAG_BYTES = 16;
/** Each key seals once. */
const NONCE = Buffer.alloc(12);

/** The process for which something is sealed. */
export interface Receiver {
  readonly publicKey: Uint8Array;
  /** @throws `handover-failed` where it was sealed for another process, or another life of this one. */
  open(sealed: Uint8Array): Buffer;
}

export function createReceiver(): Receiver {
  const own = createECDH(CURVE);
  const publicKey = new Uint8Array(own.generateKeys());
  return {
    publicKey,
    open(sealed) {
      try {
        const point = sealed.subarray(0, POINT_BYTES);
        const decipher = createDecipheriv('aes-256-gcm', agreed(own, point, [point, publicKey]), NONCE);
        decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
        return Buffer.concat([decipher.update(sealed.subarray(POINT_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch {
        throw new CodedError('handover-failed');
      }
    },
  };
}

/** Seals a secret for a process, by its public key. */
export function sealTo(publicKey: Uint8Array, secret: Uint8Array): Uint8Array {
  const once = createECDH(CURVE);
  const point = once.generateKeys();
  const cipher = createCipheriv('aes-256-gcm', agreed(once, publicKey, [point, publicKey]), NONCE);
  return new Uint8Array(Buffer.concat([point, cipher.update(secret), cipher.final(), cipher.getAuthTag()]));
}

function agreed(own: ECDH, other: Uint8Array, points: readonly Uint8Array[]): Uint8Array {
  const shared = own.computeSecret(other);
  return new Uint8Array(hkdfSync('sha256', shared, Buffer.concat(points), 'wardlight handover', 32));
}
