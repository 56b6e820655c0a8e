import type { Cache } from '../../cache/client.ts';
import type { DocumentsPolicy } from '../../managed/documents.ts';
import { type EcdhKey, readEcdhPem } from '../format/ecdh.ts';
import { KEYS_MAX } from '../format/limits.ts';
import type { Recipient } from '../types.ts';
import {
  type Certificate,
  newestOfDevices,
  type Revocations,
  readCertificate,
  readRevocations,
} from './certificates.ts';
import { type PublicKey, readPem } from './public-keys.ts';
import { readSigningKeys, type SigningKeys } from './signing.ts';

/** The keys that policy pins. */
export interface PinnedKeys {
  /** The organisation's key that is in force. */
  readonly organisation: PublicKey;
  /** Its P-384 keys, all of them in force. */
  readonly ecdh: readonly EcdhKey[];
  readonly signingKeys: SigningKeys;
}

/** Reads what policy pins; null where one of the keys is none that can be used. */
export function pinnedKeys(
  policy: Pick<DocumentsPolicy, 'organisation' | 'organisationEcdh' | 'signingKeys' | 'signingKey'>,
): PinnedKeys | null {
  const organisation = readPem(policy.organisation[0] ?? '');
  const signingKeys = readSigningKeys(policy);
  const ecdh = policy.organisationEcdh.map(readEcdhPem);
  return organisation && signingKeys && isWhole(ecdh) ? { organisation, ecdh, signingKeys } : null;
}

function isWhole<Value>(values: readonly (Value | null)[]): values is readonly Value[] {
  return !values.includes(null);
}

/** The newest list of revoked keys that is kept; null where there is none. */
export async function knownRevocations(
  cache: Pick<Cache, 'read'>,
  { signingKeys }: PinnedKeys,
  now: number,
): Promise<Revocations | null> {
  const list = await cache.read.revocations();
  return list === null ? null : readRevocations(list, signingKeys, now);
}

/**
 * Certificates by which somebody may be a recipient now: signed, current, not revoked, and the newest of their device.
 * Where that one is revoked the device has none: it was lost with all its keys. While it isn't known what is revoked (no
 * list, or one that has run out) there are none at all: the organisation's key service opens the file for the team all
 * the same, and knows what was revoked.
 */
export function usable(
  texts: readonly string[],
  { signingKeys }: PinnedKeys,
  revocations: Revocations | null,
  now: number,
): Certificate[] {
  if (revocations === null || revocations.expiresAt <= now) return [];
  const certificates = texts.flatMap((text) => {
    const read = readCertificate(text, signingKeys, now);
    return read.ok ? [read.value] : [];
  });
  return newestOfDevices(certificates).filter(({ thumbprint }) => !revocations.revoked.has(thumbprint));
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
