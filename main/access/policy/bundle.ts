import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import * as z from 'zod';
import type { Result } from '../../../preload/contract/channel.ts';

const FORMAT = 'wardlight-policy/1';
const TEXT_MAX = 1_000_000;
/** Longest file that is read as a bundle, in characters. */
const BUNDLE_MAX = 4_000_000;

export const manifestSchema = z.strictObject({
  name: z.string().min(1).max(200),
  /** Counts up: an older version never replaces a newer one. */
  version: z.int().min(1),
  issued: z.iso.datetime({ offset: true }),
});

const name = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);
/** Codes of PractitionerRole, as `system|code`, by the name that policies use for them. */
export const rolesSchema = z.record(name, z.array(z.string().max(500)).max(500));

export const bundleSchema = z.strictObject({
  manifest: manifestSchema,
  policies: z.string().min(1).max(TEXT_MAX),
  schema: z.string().min(1).max(TEXT_MAX),
  roles: rolesSchema.default({}),
});
export type Bundle = z.infer<typeof bundleSchema>;

const fileSchema = bundleSchema.extend({
  format: z.literal(FORMAT),
  signature: z.base64(),
});

/** Why a bundle is not taken, before anything of it is looked at. */
export type BundleError = 'policy-missing' | 'policy-damaged' | 'policy-signature';

/** The bytes that are signed: every member in one order, objects by the names of their members, and no space. */
export function canonicalBytes({ manifest, policies, schema, roles }: Bundle): Buffer {
  const sorted = Object.entries(roles).sort(([a], [b]) => (a < b ? -1 : 1));
  const { issued, name: called, version } = manifest;
  const parts = [FORMAT, { issued, name: called, version }, policies, sorted, schema];
  return Buffer.from(JSON.stringify(parts), 'utf8');
}

/** SHA-256 of what is signed, in hexadecimal: the name of exactly these policies. */
export function bundleHash(bundle: Bundle): string {
  return createHash('sha256').update(canonicalBytes(bundle)).digest('hex');
}

/** The one file in which a bundle is shipped. `key`: Ed25519 private key (PEM, PKCS #8). */
export function signBundle(bundle: Bundle, key: string): string {
  const signature = sign(null, canonicalBytes(bundle), ed25519(createPrivateKey(key))).toString('base64');
  return `${JSON.stringify({ format: FORMAT, ...bundle, signature }, null, 2)}\n`;
}

/** Reads a bundle file and checks its signature. `key`: Ed25519 public key (PEM, SPKI). */
export function openBundle(text: string, key: string): Result<Bundle, BundleError> {
  const file = parsed(text);
  if (!file) return { ok: false, error: { code: 'policy-damaged' } };
  const { format: _format, signature, ...bundle } = file;
  return isSigned(bundle, signature, key)
    ? { ok: true, value: bundle }
    : { ok: false, error: { code: 'policy-signature' } };
}

function parsed(text: string): z.infer<typeof fileSchema> | null {
  if (text.length > BUNDLE_MAX) return null;
  try {
    const result = fileSchema.safeParse(JSON.parse(text));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}

function isSigned(bundle: Bundle, signature: string, key: string): boolean {
  try {
    return verify(null, canonicalBytes(bundle), ed25519(createPublicKey(key)), Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/** Another algorithm would be taken by the same call, and mean another check. */
function ed25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('not an Ed25519 key');
  return key;
}
