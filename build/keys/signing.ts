import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign as signBytes,
} from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readSigningKey } from '../../main/documents/keys/public-keys.ts';
import type { SigningKeyPolicy } from '../../main/managed/documents.ts';
import type { Token, TokenKind } from './token.ts';

/*
 * The organisation's signing keys. A new one is made first and used later, so that policy names it everywhere before it
 * signs. NSS has no Ed25519, so that beside it a signing key is a file, encrypted under the PIN.
 */

const one = z.strictObject({
  id: z.string(),
  x: z.string(),
  /** Until when what an earlier one has signed counts. */
  until: z.iso.datetime().nullable().default(null),
  compromised: z.boolean().default(false),
});
type One = z.infer<typeof one>;

/** How it is kept: the first is in force. It was one key only, once. */
export const signingSchema = z
  .union([one, z.array(one).min(1)])
  .transform((kept) => (Array.isArray(kept) ? kept : [kept]));
/** The one that will be in force next. */
export const nextSchema = one.nullable().default(null);

export interface KeptSigning {
  readonly signing: One[];
  readonly next: One | null;
}

export interface SigningFolder {
  readonly token: Token;
  readonly kind: TokenKind;
  readonly folder: string;
  readonly pin: string;
}

/** Makes a signing key. */
export function makeSigningKey({ token, kind, folder, pin }: SigningFolder): One {
  const id = randomBytes(16);
  const name = id.toString('base64url');
  const x = kind === 'softhsm' ? token.makeEd25519(id) : inFile(fileOf(folder, name), pin);
  return { id: name, x: x.toString('base64url'), until: null, compromised: false };
}

function inFile(file: string, pin: string): Buffer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: pin });
  writeFileSync(file, pem, { mode: 0o600, flag: 'wx', flush: true });
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
}

const fileOf = (folder: string, id: string) => join(folder, `signing-${id}.pem`);

/** Signs with the key in force, whichever that is at the time: another process may have turned it. */
export function createSigner({ token, kind, folder, pin }: SigningFolder, inForce: () => One) {
  const opened = new Map<string, KeyObject>();
  function keyIn(id: string): KeyObject {
    const file = [fileOf(folder, id), join(folder, 'signing.pem')].find(existsSync) ?? '';
    const key = opened.get(id) ?? createPrivateKey({ key: readFileSync(file), passphrase: pin });
    opened.set(id, key);
    return key;
  }
  // A wrong PIN is told at once.
  if (kind === 'nss') keyIn(inForce().id);
  return {
    /** Compact JWS (RFC 7515). */
    signed(typ: string, payload: object): string {
      const key = inForce();
      const parts = [{ alg: 'EdDSA', typ, kid: kidOf(key) }, payload].map((part) =>
        Buffer.from(JSON.stringify(part)).toString('base64url'),
      );
      const data = Buffer.from(parts.join('.'));
      const bytes =
        kind === 'softhsm' ? token.sign(Buffer.from(key.id, 'base64url'), data) : signBytes(null, data, keyIn(key.id));
      return [...parts, bytes.toString('base64url')].join('.');
    },
  };
}

/** As policy names them: the next first, so that all know it before it signs. */
export function signingPolicy({ signing, next }: KeptSigning): SigningKeyPolicy[] {
  return [...(next ? [next] : []), ...signing].map((key) => {
    const { until, compromised } = key;
    return { key: pemOf(key), until, compromised };
  });
}

/** By its thumbprint. */
export function kidOf(key: One): string {
  return readSigningKey(pemOf(key))?.kid ?? '';
}

function pemOf({ x }: One): string {
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

/** With a next key, the same one where there is one already. What the one in force has signed counts until then. */
export function prepared({ signing, next }: KeptSigning, until: string, make: () => One): KeptSigning {
  const [inForce, ...earlier] = signing;
  if (!inForce) throw new Error('there is no signing key');
  return { signing: [{ ...inForce, until }, ...earlier], next: next ?? make() };
}

/** With the next key in force; null where there is none. */
export function turned({ signing, next }: KeptSigning): KeptSigning | null {
  return next && { signing: [next, ...signing], next: null };
}

/** With a key marked that others may have, and another in force where it was that one; null where there is no such key. */
export function compromised(kept: KeptSigning, kid: string, make: () => One): KeptSigning | null {
  const { signing, next } = kept;
  if (next && kidOf(next) === kid) return { signing: [make(), ...marked([next], kid), ...signing], next: null };
  if (!signing.some((key) => kidOf(key) === kid)) return null;
  const isInForce = signing[0] !== undefined && kidOf(signing[0]) === kid;
  if (!isInForce) return { signing: marked(signing, kid), next };
  return { signing: [next ?? make(), ...marked(signing, kid)], next: null };
}

function marked(keys: readonly One[], kid: string): One[] {
  return keys.map((key) => (kidOf(key) === kid ? { ...key, compromised: true } : key));
}
