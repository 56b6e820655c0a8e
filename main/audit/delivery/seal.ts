import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader, importPKCS8, importSPKI } from 'jose';
import type { Result } from '../../../preload/contract/channel.ts';

/*
 * A sealed segment is a JWE (RFC 7516, compact) to the organisation's audit key: RSA-OAEP-256 and A256GCM over the
 * gzipped text. Electron's BoringSSL has no AES key wrap, and so none of the algorithms with it.
 */

const ALGORITHM = 'RSA-OAEP-256';
const ENCRYPTION = 'A256GCM';
const CONTENT = 'application/vnd.wardlight.audit-segment+gzip';
/** NIST SP 800-57 part 1, table 2: 3072 bits for keys that protect beyond 2030. */
const BITS_MIN = 3_072;
/** Far above any segment: what unpacks to more is none. */
const UNPACKED_MAX = 32 * 2 ** 20;

/** The public key that policy names. */
export type OrganisationKey = CryptoKey;
export type OrganisationKeyError = 'audit-key-invalid' | 'audit-key-weak';

/** Reads an RSA public key (PEM, SPKI). */
export async function readOrganisationKey(pem: string): Promise<Result<OrganisationKey, OrganisationKeyError>> {
  let key: CryptoKey;
  try {
    key = await importSPKI(pem, ALGORITHM);
  } catch {
    return { ok: false, error: { code: 'audit-key-invalid' } };
  }
  // Web Cryptography API, RsaKeyAlgorithm.
  const { modulusLength } = key.algorithm as { modulusLength?: number };
  const isWeak = modulusLength === undefined || modulusLength < BITS_MIN;
  return isWeak ? { ok: false, error: { code: 'audit-key-weak' } } : { ok: true, value: key };
}

/** Seals a segment under its name: under another one it doesn't open. */
export async function sealSegment(text: string, name: string, key: OrganisationKey): Promise<string> {
  const packed = await promisify(gzip)(text);
  return new CompactEncrypt(packed)
    .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION, cty: CONTENT, name })
    .encrypt(key);
}

export type SealError = 'segment-not-sealed' | 'segment-key-wrong' | 'segment-misnamed';

/** Opens a sealed segment with the organisation's private key (PEM, PKCS #8); answers its text and its name. */
export async function openSealed(
  sealed: string,
  privateKey: string,
): Promise<Result<{ text: string; name: string }, SealError>> {
  const name = nameOf(sealed);
  if (name === null) return { ok: false, error: { code: 'segment-not-sealed' } };
  try {
    const key = await importPKCS8(privateKey, ALGORITHM);
    const options = { keyManagementAlgorithms: [ALGORITHM], contentEncryptionAlgorithms: [ENCRYPTION] };
    const { plaintext } = await compactDecrypt(sealed, key, options);
    const text = await promisify(gunzip)(plaintext, { maxOutputLength: UNPACKED_MAX });
    return { ok: true, value: { text: text.toString('utf8'), name } };
  } catch {
    return { ok: false, error: { code: 'segment-key-wrong' } };
  }
}

/** The name that is sealed in; null where this is no sealed segment. */
function nameOf(sealed: string): string | null {
  try {
    const { cty, name } = decodeProtectedHeader(sealed);
    return cty === CONTENT && typeof name === 'string' ? name : null;
  } catch {
    return null;
  }
}
