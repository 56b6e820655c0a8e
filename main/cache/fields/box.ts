import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';

/** What a field in the cache belongs to; none of it can be exchanged for another's. */
export interface Belonging {
  readonly type: string;
  readonly id: string;
  /** With places in lists: `note[1].text`. */
  readonly at: string;
  readonly version: string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** Encrypts and opens the marked fields of records, each record under a key of its own. */
export interface Box {
  /** The same text in the same place gives the same: it tells no more than that nothing has changed there. */
  close(text: string, of: Belonging): string;
  /** Null where it is another field's, was changed, or is none. */
  open(closed: string, of: Belonging): string | null;
  /** What stands for a value in the index by which equal values are found. */
  blind(type: string, path: string, value: string): Uint8Array;
}

export function createBox(key: Uint8Array): Box {
  const derive = (purpose: string, bytes: number) => Buffer.from(hkdfSync('sha256', key, '', purpose, bytes));
  const ofRecord = ({ type, id }: Belonging) => {
    const both = derive(`record ${type}/${id}`, 2 * KEY_BYTES);
    return { encryption: both.subarray(0, KEY_BYTES), nonces: both.subarray(KEY_BYTES) };
  };
  const data = ({ type, id, at, version }: Belonging) => Buffer.from(JSON.stringify([type, id, at, version]));
  // Of all that is encrypted and all that it belongs to: it comes twice only where everything does.
  const nonceOf = (nonces: Uint8Array, aad: Uint8Array, text: Uint8Array) =>
    createHmac('sha256', nonces).update(`${aad.length} `).update(aad).update(text).digest().subarray(0, NONCE_BYTES);

  return {
    close(text, of) {
      const { encryption, nonces } = ofRecord(of);
      const [aad, plain] = [data(of), Buffer.from(text)];
      const nonce = nonceOf(nonces, aad, plain);
      const cipher = createCipheriv('aes-256-gcm', encryption, nonce).setAAD(aad);
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
    },
    open(closed, of) {
      const bytes = Buffer.from(closed, 'base64');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
      const { encryption } = ofRecord(of);
      const [aad, nonce] = [data(of), bytes.subarray(0, NONCE_BYTES)];
      try {
        const decipher = createDecipheriv('aes-256-gcm', encryption, nonce).setAAD(aad);
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
        const plain = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
        return plain.toString();
      } catch {
        return null;
      }
    },
    blind: (type, path, value) =>
      createHmac('sha256', derive('blind index', KEY_BYTES))
        .update(JSON.stringify([type, path, value]))
        .digest()
        .subarray(0, TAG_BYTES),
  };
}
