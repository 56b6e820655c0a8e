import type { Cache } from '../../cache/client.ts';
import type { DocumentsPolicy } from '../../managed/documents.ts';
import { type EcdhKey, readEcdhPem } from '../format/ecdh.ts';
import { KEYS_MAX } from '../format/limits.ts';
import type { Recipient } from '../types.ts';
import { type Certificate, type Revocations, readCertificate, readRevocations } from './certificates.ts';
import { type PublicKey, readPem, readSigningKey } from './public-keys.ts';

export type SigningKey = NonNullable<ReturnType<typeof readSigningKey>>;

/** The keys that policy pins. */
export interface PinnedKeys {
  /** The organisation's key that is in force. */
  readonly organisation: PublicKey;
  /** Its P-384 keys, all of them in force. */
  readonly ecdh: readonly EcdhKey[];
  readonly signingKey: SigningKey;
}

/** Reads what policy pins; null where one of the keys is none that can be used. */
export function pinnedKeys(
  policy: Pick<DocumentsPolicy, 'organisation' | 'organisationEcdh' | 'signingKey'>,
): PinnedKeys | null {
  const organisation = readPem(policy.organisation[0] ?? '');
  const signingKey = readSigningKey(policy.signingKey);
  const ecdh = policy.organisationEcdh.map(readEcdhPem);
  return organisation && signingKey && isWhole(ecdh) ? { organisation, ecdh, signingKey } : null;
}

function isWhole<Value>(values: readonly (Value | null)[]): values is readonly Value[] {
  return !values.includes(null);
}

/** The newest list of revoked keys that is kept; null where there is none. */
export async function knownRevocations(
  cache: Pick<Cache, 'read'>,
  { signingKey }: PinnedKeys,
  now: number,
): Promise<Revocations | null> {
  const list = await cache.read.revocations();
  return list === null ? null : readRevocations(list, signingKey, now);
}

/**
 * Certificates by which somebody may be a recipient now: signed, current, not revoked, and the newest of their device.
 * Where that one is revoked the device has none: it was lost with all its keys. While it isn't known what is revoked (no
 * list, or one that has run out) there are none at all: the organisation's key service opens the file for the team all
 * the same, and knows what was revoked.
 */
export function usable(
  texts: readonly string[],
  { signingKey }: PinnedKeys,
  revocations: Revocations | null,
  now: number,
): Certificate[] {
  if (revocations === null || revocations.expiresAt <= now) return [];
  const devices = new Map<string, Certificate>();
  for (const text of texts) {
    const read = readCertificate(text, signingKey, now);
    if (!read.ok) continue;
    const device = JSON.stringify([read.value.practitioner, read.value.device]);
    const known = devices.get(device);
    if (!known || known.issuedAt < read.value.issuedAt) devices.set(device, read.value);
  }
  return [...devices.values()].filter(({ thumbprint }) => !revocations.revoked.has(thumbprint));
}

interface Team {
  readonly pinned: PinnedKeys;
  /** ARNs. */
  readonly kms: readonly string[];
  readonly own: Pick<Certificate, 'thumbprint' | 'publicKey' | 'practitioner' | 'device'>;
  readonly team: readonly Certificate[];
}

/** Each once: the organisation first, then this device, then the team's, the newest certificates first. */
export function recipientsOf({ pinned, kms, own, team }: Team): Recipient[] {
  const isOwn = (one: Certificate) => one.practitioner === own.practitioner && one.device === own.device;
  const newest = team.filter((one) => !isOwn(one)).sort((a, b) => b.issuedAt - a.issuedAt);
  const keys = new Map(
    [pinned.organisation, own, ...newest].map(({ thumbprint, publicKey }) => [thumbprint, publicKey]),
  );
  const rsa = [...keys].map(([thumbprint, publicKey]) => ({ kind: 'rsa' as const, thumbprint, publicKey }));
  const ecdh = new Map(pinned.ecdh.map(({ thumbprint, publicKey }) => [thumbprint, publicKey]));
  const besides = [...ecdh].map(([thumbprint, publicKey]) => ({ kind: 'ecdh-p384' as const, thumbprint, publicKey }));
  return [...kms.map((arn) => ({ kind: 'aws-kms' as const, arn })), ...besides, ...rsa].slice(0, KEYS_MAX);
}
