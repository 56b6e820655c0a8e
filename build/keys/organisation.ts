import { publicEncrypt, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type EcdhKey, readEcdhPoint } from '../../main/documents/format/ecdh.ts';
import { REVOCATIONS_TYP, thumbprint } from '../../main/documents/keys/certificates.ts';
import { type PublicKey, readJwk, rsaJwk } from '../../main/documents/keys/public-keys.ts';
import type { SigningKeyPolicy } from '../../main/managed/documents.ts';
import { agree, makeEcdh } from './ecdh.ts';
import {
  compromised,
  createSigner,
  kidOf,
  makeSigningKey,
  nextSchema,
  prepared,
  signingPolicy,
  signingSchema,
  turned,
} from './signing.ts';
import { openToken, type Session, type TokenKind } from './token.ts';

/*
 * The organisation's keys, in one folder: a token with the private keys, and `keys.json` with what belongs to them. The
 * context key is in it encrypted for the token's key.
 */

const revocation = z.strictObject({ jti: thumbprint, at: z.iso.datetime(), reason: z.string().max(64) });
export type Revocation = z.infer<typeof revocation>;

const schema = z.strictObject({
  token: z.enum(['nss', 'softhsm']),
  issuer: z.string(),
  /** The first is in force. */
  wrapping: z.array(rsaJwk).min(1),
  /** P-384 keys, as points; the first is in force. */
  ecdh: z.array(z.strictObject({ id: z.string(), point: z.string() })).default([]),
  signing: signingSchema,
  next: nextSchema,
  /** By thumbprint of the key that it is encrypted for, base64. */
  contextKey: z.record(thumbprint, z.string()),
  revoked: z.array(revocation),
  /** Time of the newest list, in seconds. */
  listed: z.int(),
});
type Kept = z.infer<typeof schema>;

export interface OrganisationKeys {
  readonly issuer: string;
  /** The first is in force, the others open what is older. */
  wrapping(): readonly PublicKey[];
  /** P-384 keys that open files too: the first is in force. */
  ecdh(): readonly EcdhKey[];
  /** What policy pins: the newest first, also where it is made and doesn't sign yet. */
  signingKeys(): readonly SigningKeyPolicy[];
  /** Thumbprints of the signing keys: the one that signs, the one that will next, and those that have. */
  signing(): { readonly inForce: string; readonly next: string | null; readonly earlier: readonly string[] };
  contextKey(): Buffer;
  unwrap(thumbprint: string, ciphertext: Uint8Array): Buffer | null;
  /** The shared secret of a P-384 key and a point on the curve; null where there is no such key. */
  agree(thumbprint: string, point: Buffer): Buffer | null;
  /** Compact JWS (RFC 7515), by the signing key in force. */
  signed(typ: string, payload: object): string;
  /** Makes the next signing key, unless there is one; `until`: when what the one in force has signed counts no more. */
  prepareSigning(until: string): void;
  /** Puts the next signing key in force; false where there is none. */
  turnSigning(nowMs: number): boolean;
  /** Marks a signing key that others may have; where it is in force, another is at once. False where there is no such key. */
  compromise(kid: string, nowMs: number): boolean;
  /** Makes a new key in the token, which is in force from then on. */
  rotate(): PublicKey;
  /** The same of a P-384 key, which may be the first. Null where the token is of a kind that isn't asked for one. */
  rotateEcdh(): EcdhKey | null;
  revoked(): readonly Revocation[];
  /** Adds to the list; a key that is on it stays as it is. */
  revoke(keys: readonly Revocation[], nowMs: number): void;
  /** The list, signed, as it stands. */
  revocations(nowMs: number): string;
  readonly session: Session;
  close(): void;
}

export interface Folder {
  readonly folder: string;
  readonly pin: string;
}

/** How long a list of revoked keys is to be trusted without a newer one. */
const LIST_S = 7 * 24 * 60 * 60;

const keysFile = (folder: string) => join(folder, 'keys.json');
const oaep = { oaepHash: 'sha256' } as const;

/** Whether there are keys in a folder. */
export function hasKeys(folder: string): boolean {
  return existsSync(keysFile(folder));
}

/** Makes the organisation's keys. @throws where there are some */
export function makeOrganisation({ folder, pin, kind, issuer }: Folder & { kind: TokenKind; issuer: string }): void {
  if (hasKeys(folder)) throw new Error('there are keys already');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const token = openToken({ kind, folder: join(folder, 'token'), pin, create: true });
  try {
    const key = publicKeyOf({ kty: 'RSA', ...token.makeRsa() });
    const signing = { signing: [makeSigningKey({ token, kind, folder, pin })], next: null };
    const contextKey = { [key.thumbprint]: wrappedFor(key, randomBytes(32)) };
    const rest = { ecdh: [], contextKey, revoked: [], listed: 0 };
    keep(folder, { token: kind, issuer, wrapping: [key.jwk], ...signing, ...rest });
  } finally {
    token.close();
  }
}

/** Opens the organisation's keys. @throws where there are none, or the PIN is wrong */
export function openOrganisation({ folder, pin }: Folder): OrganisationKeys {
  const { token: kind, issuer } = kept(folder);
  const token = openToken({ kind, folder: join(folder, 'token'), pin });
  const signingFolder = { token, kind, folder, pin };
  const { signed } = openedSigner(signingFolder);
  const makeSigning = () => makeSigningKey(signingFolder);

  const wrapping = () => kept(folder).wrapping.map(publicKeyOf);
  const unwrap = (name: string, ciphertext: Uint8Array) => {
    const key = wrapping().find((one) => one.thumbprint === name);
    return key ? token.unwrap(key.jwk, ciphertext) : null;
  };
  let opened: Buffer | null = null;
  const contextKey = () => {
    opened ??= openContextKey();
    return Buffer.from(opened);
  };
  const openContextKey = () => {
    for (const [name, ciphertext] of Object.entries(kept(folder).contextKey)) {
      const key = unwrap(name, Buffer.from(ciphertext, 'base64'));
      if (key) return key;
    }
    throw new Error('the context key does not open');
  };
  /** What a later key signs must be later than all that an earlier one has. */
  const keepSigning = (change: Partial<Kept> | null, nowMs: number) => {
    const before = kept(folder);
    if (change) keep(folder, { ...before, ...change, listed: nextTime(before, nowMs) });
    return change !== null;
  };
  return {
    issuer,
    signingKeys: () => signingPolicy(kept(folder)),
    signing() {
      const { signing, next } = kept(folder);
      const [inForce = '', ...earlier] = signing.map(kidOf);
      return { inForce, next: next && kidOf(next), earlier };
    },
    prepareSigning: (until) => keep(folder, { ...kept(folder), ...prepared(kept(folder), until, makeSigning) }),
    turnSigning: (nowMs) => keepSigning(turned(kept(folder)), nowMs),
    compromise: (kid, nowMs) => keepSigning(compromised(kept(folder), kid, makeSigning), nowMs),
    wrapping,
    ecdh: () => kept(folder).ecdh.map(ecdhKeyOf),
    unwrap,
    agree(name, point) {
      const known = kept(folder).ecdh.find((one) => ecdhKeyOf(one).thumbprint === name);
      return known ? agree(token, Buffer.from(known.id, 'base64url'), point) : null;
    },
    contextKey,
    signed,
    rotate() {
      const key = publicKeyOf({ kty: 'RSA', ...token.makeRsa() });
      const before = kept(folder);
      const wrapped = { ...before.contextKey, [key.thumbprint]: wrappedFor(key, contextKey()) };
      keep(folder, { ...before, wrapping: [key.jwk, ...before.wrapping], contextKey: wrapped });
      return key;
    },
    rotateEcdh() {
      if (kind !== 'softhsm') return null;
      const id = randomBytes(16);
      const made = { id: id.toString('base64url'), point: makeEcdh(token, id).toString('base64url') };
      const before = kept(folder);
      keep(folder, { ...before, ecdh: [made, ...before.ecdh] });
      return ecdhKeyOf(made);
    },
    revoked: () => kept(folder).revoked,
    revoke(keys, nowMs) {
      const before = kept(folder);
      const known = new Set(before.revoked.map(({ jti }) => jti));
      const fresh = keys.filter(({ jti }) => !known.has(jti));
      keep(folder, { ...before, revoked: [...before.revoked, ...fresh], listed: nextTime(before, nowMs) });
    },
    revocations(nowMs) {
      const { revoked, listed } = kept(folder);
      // Signed anew each time, so that it doesn't run out; a change is always later than what was signed before it.
      const iat = Math.max(listed, Math.floor(nowMs / 1000));
      return signed(REVOCATIONS_TYP, { iss: issuer, iat, exp: iat + LIST_S, revoked });
    },
    session: token,
    close() {
      opened?.fill(0);
      token.close();
    },
  };
}

/** Two lists of one second would be the same to whoever compares their times. */
function nextTime({ listed }: Kept, nowMs: number): number {
  return Math.max(listed, Math.floor(nowMs / 1000)) + 1;
}

function openedSigner(folder: Parameters<typeof createSigner>[0]) {
  try {
    return createSigner(folder, () => kept(folder.folder).signing[0]!);
  } catch (error) {
    folder.token.close();
    throw error;
  }
}

function publicKeyOf(jwk: unknown): PublicKey {
  const key = readJwk(jwk);
  if (!key) throw new Error('the token made no key that can be used');
  return key;
}

function ecdhKeyOf({ point }: Kept['ecdh'][number]): EcdhKey {
  const key = readEcdhPoint(Buffer.from(point, 'base64url'));
  if (!key) throw new Error('the token made no key that can be used');
  return key;
}

/** A secret for the holder of a key: RSAES-OAEP with SHA-256, base64. */
export function wrappedFor({ publicKey }: Pick<PublicKey, 'publicKey'>, secret: Uint8Array): string {
  return publicEncrypt({ key: publicKey, ...oaep }, secret).toString('base64');
}

function kept(folder: string): Kept {
  return schema.parse(JSON.parse(readFileSync(keysFile(folder), 'utf8')));
}

function keep(folder: string, content: Kept): void {
  const pending = `${keysFile(folder)}.new`;
  writeFileSync(pending, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(pending, keysFile(folder));
}
