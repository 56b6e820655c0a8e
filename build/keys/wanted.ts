import { wrapByEcdh } from '../../main/documents/format/ecdh.ts';
import type { Header } from '../../main/documents/format/header.ts';
import { KEYS_MAX, PROVIDER, PROVIDER_ECDH, PROVIDER_KMS } from '../../main/documents/format/limits.ts';
import type { PublicKey } from '../../main/documents/keys/public-keys.ts';
import type { WrappedKey } from '../../main/documents/types.ts';
import { type OrganisationKeys, wrappedFor } from './organisation.ts';

/** Whom a data key is to be wrapped for, by thumbprint. */
export type Wanted = ReadonlyMap<string, Pick<PublicKey, 'publicKey'>>;

export function wantedOf(all: readonly PublicKey[], max: number): Wanted {
  return new Map(all.slice(0, max).map((key) => [key.thumbprint, key]));
}

const nameOf = ({ provider, info }: WrappedKey) => `${provider} ${info}`;

/** Whether the same keys are named, whatever their order. */
export function isSame(present: readonly WrappedKey[], wanted: readonly WrappedKey[]): boolean {
  const named = new Set(present.map(nameOf));
  return present.length === wanted.length && wanted.every((key) => named.has(nameOf(key)));
}

/** For a field: RSA keys, of which those that are there already stay as they are. */
export function fieldKeys(present: readonly WrappedKey[], wanted: Wanted, dataKey: Uint8Array): WrappedKey[] {
  return [...wanted].map(([info, key]) => {
    const known = present.find((one) => one.provider === PROVIDER && one.info === info);
    return known ?? { provider: PROVIDER, info, ciphertext: wrappedFor(key, dataKey) };
  });
}

/** For a file: the organisation's other keys too. */
export function fileKeys(
  keys: Pick<OrganisationKeys, 'ecdh'>,
  header: Pick<Header, 'keys' | 'context'>,
  wanted: Wanted,
  dataKey: Uint8Array,
): WrappedKey[] {
  return [...besidesRsa(keys, header, dataKey), ...fieldKeys(header.keys, wanted, dataKey)].slice(0, KEYS_MAX);
}

/**
 * KMS keys stay as they are, and so do P-384 keys of other tokens: the same data key was wrapped for them in the same
 * context. Of this token's P-384 keys the one in force takes the place of the older ones.
 */
function besidesRsa(
  keys: Pick<OrganisationKeys, 'ecdh'>,
  { keys: present, context }: Pick<Header, 'keys' | 'context'>,
  dataKey: Uint8Array,
): WrappedKey[] {
  const [inForce, ...older] = keys.ecdh();
  const left = new Set(older.map(({ thumbprint }) => thumbprint));
  const kept = present.filter(
    ({ provider, info }) => provider === PROVIDER_KMS || (provider === PROVIDER_ECDH && !left.has(info)),
  );
  const isThere = kept.some(({ provider, info }) => provider === PROVIDER_ECDH && info === inForce?.thumbprint);
  if (!inForce || isThere) return kept;
  const ciphertext = wrapByEcdh(inForce, dataKey, context).toString('base64');
  return [...kept, { provider: PROVIDER_ECDH, info: inForce.thumbprint, ciphertext }];
}
