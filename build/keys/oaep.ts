import { createHash } from 'node:crypto';

const HASH = 'sha256';
const HASH_LENGTH = 32;

/**
 * Takes the padding off what a token has decrypted without one (RFC 8017, section 7.1.2, SHA-256 and MGF1-SHA-256, empty
 * label); null where it is none. For tokens that know OAEP with SHA-1 only: the private key stays in the token all the
 * same. All of it is looked at whatever is wrong, so that time doesn't tell what was (Manger's attack).
 */
export function unpad(encoded: Uint8Array): Buffer | null {
  const seed = xor(encoded.subarray(1, 1 + HASH_LENGTH), encoded.subarray(1 + HASH_LENGTH));
  const block = xor(encoded.subarray(1 + HASH_LENGTH), seed);
  const label = createHash(HASH).digest();
  let wrong = encoded[0] ?? 1;
  for (let at = 0; at < HASH_LENGTH; at += 1) wrong |= (block[at] ?? 0) ^ (label[at] ?? 0);
  let start = 0;
  let looking = 1;
  for (let at = HASH_LENGTH; at < block.length; at += 1) {
    const byte = block[at] ?? 0;
    const isOne = byte === 1 ? 1 : 0;
    start |= looking & isOne ? at + 1 : 0;
    wrong |= looking & (byte > 1 ? 1 : 0);
    looking &= 1 - isOne;
  }
  return (wrong | looking) === 0 ? block.subarray(start) : null;
}

/** `data` under the mask that follows from `seed` (RFC 8017, appendix B.2.1). */
function xor(data: Uint8Array, seed: Uint8Array): Buffer {
  const out = Buffer.from(data);
  for (let block = 0; block * HASH_LENGTH < data.length; block += 1) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(block);
    const mask = createHash(HASH).update(seed).update(counter).digest();
    const end = Math.min(HASH_LENGTH, data.length - block * HASH_LENGTH);
    for (let at = 0; at < end; at += 1) out[block * HASH_LENGTH + at]! ^= mask[at]!;
  }
  return out;
}
