import {
  base64url,
  type CryptoKey,
  calculateJwkThumbprint,
  flattenedDecrypt,
  GeneralEncrypt,
  type GeneralJWE,
  importJWK,
  importSPKI,
  type JWK,
} from 'jose';
import { KEYS_MAX } from '../format/limits.ts';
import type { Answer, Recipient } from '../types.ts';
import { differing, type ExpectedField, readContext, type SealedContext } from './context.ts';

export type SealError = 'recipients-missing' | 'recipient-invalid';

export type FieldError =
  /** It is no JWE of ours, or was changed. */
  | 'field-damaged'
  /** Other algorithms than ours: a weaker one is never tried. */
  | 'field-algorithm-refused'
  /** It was sealed for another record, patient or element. */
  | 'field-context-mismatch'
  | 'field-not-recipient';

const ALG = 'RSA-OAEP-256';
const ENC = 'A256GCM';
const TYP = 'wardlight-field';
const MODULUS_MIN = 3_072;
/** Each share makes a field larger by 0.6 kB; who gets none asks the key service. */
export const RECIPIENTS_MAX = 64;

/** The data key, wrapped for one who may open it: a recipient as RFC 7516, 7.2.1 has it. */
export interface Share {
  readonly kid: string;
  /** base64url. */
  readonly encryptedKey: string;
}

/** A JWE of our making by all that it says of itself. None of that is authenticated before it is opened. */
export interface SealedText {
  readonly jwe: GeneralJWE;
  readonly context: SealedContext;
}

const refused = <Code extends string>(code: Code, differs?: readonly string[]) =>
  ({ ok: false, error: { code, ...(differs && { differs }) } }) as const;

/** What a JWE holds, and the thumbprint of the key that has opened it. */
export interface OpenedText {
  readonly text: string;
  readonly kid: string;
  readonly context: SealedContext;
}

/** A public key by which fields are sealed, and the thumbprint by which its owner finds her share. */
export interface SealingKey {
  readonly kid: string;
  readonly key: CryptoKey;
}

/**
 * Keys of those recipients that fields can be sealed for: as many as a field may have, the first ones. Those in a cloud's KMS
 * open files only.
 */
export async function sealingKeys(recipients: readonly Recipient[]): Promise<Answer<SealingKey[], SealError>> {
  const keys: SealingKey[] = [];
  for (const recipient of recipients) {
    if (keys.length === RECIPIENTS_MAX) break;
    if (recipient.kind !== 'rsa') continue;
    const key = await importSPKI(recipient.publicKey, ALG).catch(() => null);
    const { modulusLength = 0 } = (key?.algorithm ?? {}) as { modulusLength?: number };
    if (!key || modulusLength < MODULUS_MIN) return refused('recipient-invalid');
    keys.push({ kid: recipient.thumbprint, key });
  }
  return keys.length > 0 ? { ok: true, value: keys } : refused('recipients-missing');
}

/** A text as JWE in general JSON serialisation (RFC 7516, 7.2.1), its context in the protected header. */
export async function sealText(text: string, context: SealedContext, keys: readonly SealingKey[]): Promise<string> {
  const jwe = new GeneralEncrypt(Buffer.from(text)).setProtectedHeader({ alg: ALG, enc: ENC, typ: TYP, ctx: context });
  for (const { kid, key } of keys) jwe.addRecipient(key).setUnprotectedHeader({ kid });
  return JSON.stringify(await jwe.encrypt());
}

interface OpeningKey {
  readonly kid: string;
  readonly key: CryptoKey | Uint8Array;
}

const imported = new WeakMap<JWK, Promise<OpeningKey>>();

/** Importing costs as much as opening: once for each key that is handed around. */
function openingKey(jwk: JWK): Promise<OpeningKey> {
  const known = imported.get(jwk);
  if (known) return known;
  const made = Promise.all([calculateJwkThumbprint(jwk), importJWK(jwk, ALG)]).then(([kid, key]) => ({ kid, key }));
  imported.set(jwk, made);
  return made;
}

/** What a JWE says of itself, none of it authenticated yet; null where it isn't of our making. */
function parsed(jwe: string): { jwe: GeneralJWE; header: Record<string, unknown> } | null {
  try {
    const value = JSON.parse(jwe) as GeneralJWE;
    const members = ['ciphertext', 'iv', 'protected', 'recipients', 'tag'];
    if (Object.keys(value).sort().join() !== members.join() || !Array.isArray(value.recipients)) return null;
    const isList = value.recipients.every((one: unknown) => typeof one === 'object' && one !== null);
    if (!isList || value.recipients.length > KEYS_MAX) return null;
    const header = JSON.parse(Buffer.from(base64url.decode(value.protected ?? '')).toString()) as object;
    return { jwe: value, header: header as Record<string, unknown> };
  } catch {
    return null;
  }
}

/** Reads a JWE as far as that takes no key. */
export function readSealed(text: string): Answer<SealedText, 'field-damaged' | 'field-algorithm-refused'> {
  const sealed = parsed(text);
  if (!sealed) return refused('field-damaged');
  const { jwe, header } = sealed;
  const { alg, enc, typ, ctx, ...others } = header;
  const isOurs = alg === ALG && enc === ENC && typ === TYP && Object.keys(others).length === 0;
  // A header beside the protected one could name another algorithm (RFC 7516, 4).
  const isPlain = jwe.recipients.every(({ header: own }) => Object.keys(own ?? {}).join() === 'kid');
  if (!isOurs || !isPlain) return refused('field-algorithm-refused');
  const context = readContext(ctx);
  return context ? { ok: true, value: { jwe, context } } : refused('field-damaged');
}

/**
 * Opens a JWE with the first of the keys that it was sealed for, if it belongs to what it is expected to. `granted`:
 * shares that the key service has made besides.
 */
export async function openText(
  text: string,
  keys: readonly JWK[],
  expected: ExpectedField & { readonly path: string },
  granted: readonly Share[] = [],
): Promise<Answer<OpenedText, FieldError>> {
  const sealed = readSealed(text);
  if (!sealed.ok) return sealed;
  const { jwe, context } = sealed.value;
  const differs = differing(context, expected);
  if (differs.length > 0) return refused('field-context-mismatch', differs);
  const besides = granted.map(({ kid, encryptedKey }) => ({ header: { kid }, encrypted_key: encryptedKey }));
  const found = await shareOf({ ...jwe, recipients: [...besides, ...jwe.recipients] }, keys);
  if (!found) return refused('field-not-recipient');
  try {
    const { plaintext } = await flattenedDecrypt(found.jwe, found.key, {
      keyManagementAlgorithms: [ALG],
      contentEncryptionAlgorithms: [ENC],
    });
    return { ok: true, value: { text: Buffer.from(plaintext).toString(), kid: found.kid, context } };
  } catch {
    return refused('field-damaged');
  }
}

async function shareOf({ recipients, ...rest }: GeneralJWE, keys: readonly JWK[]) {
  for (const jwk of keys) {
    const { kid, key } = await openingKey(jwk);
    const share = recipients.find(({ header }) => header?.['kid'] === kid);
    if (share) return { kid, key, jwe: { ...rest, ...share } };
  }
  return null;
}
