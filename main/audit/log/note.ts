import {
  createPrivateKey,
  createPublicKey,
  hash as digest,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { base64Of } from './base64.ts';

/*
 * C2SP signed note with Ed25519: text, an empty line, and one line for each signature, `— name base64(key id ‖ signature)`.
 */

const ED25519 = 1;
const SEED_BYTES = 32;
const ID_BYTES = 4;
const SIGNATURE_BYTES = 64;
/** DER before the 32 bytes of a key (RFC 8410 section 7 and 4). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export interface NoteSigner {
  readonly name: string;
  /** Public key as C2SP writes it: `name+hex key id+base64(0x01 ‖ key)`. */
  readonly vkey: string;
  sign(text: string): string;
  /**
   * The bare signature of a message that can be no note. What is signed there begins with the name of a log and ends with
   * a line feed; the base of an HTTP message signature begins with a quotation mark and ends without one.
   */
  signMessage(base: string): Buffer;
}

export interface NoteVerifier {
  readonly name: string;
  readonly vkey: string;
  readonly keyId: Buffer;
  readonly key: KeyObject;
}

/** Signs by a seed of 32 bytes; the seed is not kept. */
export function createSigner(name: string, seed: Uint8Array): NoteSigner {
  if (seed.length !== SEED_BYTES) throw new Error('a seed has 32 bytes');
  const der = Buffer.concat([PRIVATE_PREFIX, seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  const publicKey = createPublicKey(key);
  const keyId = keyIdOf(name, rawPublicKey(publicKey));
  return {
    name,
    vkey: vkeyOf(name, publicKey),
    signMessage(base) {
      if (!base.startsWith('"') || base.endsWith('\n')) throw new Error('it could be taken for a note');
      return signBytes(null, Buffer.from(base), key);
    },
    sign(text) {
      const signature = signBytes(null, Buffer.from(text), key);
      return `${text}\n— ${name} ${Buffer.concat([keyId, signature]).toString('base64')}\n`;
    },
  };
}

/** The public key of an Ed25519 key under a name, as C2SP writes it. */
export function vkeyOf(name: string, key: KeyObject): string {
  const raw = rawPublicKey(key);
  return `${name}+${keyIdOf(name, raw).toString('hex')}+${Buffer.concat([Buffer.of(ED25519), raw]).toString('base64')}`;
}

/** Reads a public key; null where it is none, or its id is another key's. */
export function readVerifier(vkey: string): NoteVerifier | null {
  const [name = '', id = '', encoded = '', ...more] = splitKey(vkey.trim());
  const bytes = base64Of(encoded);
  if (more.length > 0 || !isName(name) || bytes?.length !== SEED_BYTES + 1 || bytes[0] !== ED25519) return null;
  const raw = bytes.subarray(1);
  const keyId = keyIdOf(name, raw);
  if (keyId.toString('hex') !== id) return null;
  const key = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, raw]), format: 'der', type: 'spki' });
  return { name, vkey: vkey.trim(), keyId, key };
}

/** The key is base64 and may itself contain a plus. */
function splitKey(vkey: string): string[] {
  const [name, id, ...key] = vkey.split('+');
  return [name ?? '', id ?? '', key.join('+')];
}

/** The text of a note that one of the keys has signed; null where none has. Signatures of other keys are passed over. */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): { text: string; vkey: string } | null {
  const end = note.lastIndexOf('\n\n');
  // Control characters but the line feed are not allowed.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what the specification forbids.
  if (end < 0 || !note.endsWith('\n') || /[\u0000-\u0009\u000b-\u001f]/.test(note)) return null;
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split('\n');
  for (const line of lines) {
    const [, name, encoded] = /^— ([^ +]+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
    const bytes = encoded === undefined ? null : base64Of(encoded);
    if (bytes?.length !== ID_BYTES + SIGNATURE_BYTES) continue;
    const signer = verifiers.find((one) => one.name === name && one.keyId.equals(bytes.subarray(0, ID_BYTES)));
    if (!signer) continue;
    // A signature of a known key that doesn't hold spoils the note.
    return verifyBytes(null, Buffer.from(text), signer.key, bytes.subarray(ID_BYTES))
      ? { text, vkey: signer.vkey }
      : null;
  }
  return null;
}

function isName(name: string): boolean {
  return name !== '' && !/[\s+]/u.test(name);
}

function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(PUBLIC_PREFIX.length);
}

/** C2SP signed-note: the first four bytes of SHA-256(name ‖ "\n" ‖ 0x01 ‖ key). */
function keyIdOf(name: string, raw: Uint8Array): Buffer {
  return digest('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), raw]), 'buffer').subarray(
    0,
    ID_BYTES,
  );
}
