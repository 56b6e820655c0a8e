import { KEYS_MAX, PROVIDER, PROVIDER_KMS } from '../../main/documents/format/limits.ts';
import type { PublicKey } from '../../main/documents/keys/public-keys.ts';
import type { WrappedKey } from '../../main/documents/types.ts';
import { wrappedFor } from './organisation.ts';

/** Whom a data key is to be wrapped for, by thumbprint. */
export type Wanted = ReadonlyMap<string, Pick<PublicKey, 'publicKey'>>;

export function wantedOf(all: readonly PublicKey[], max: number): Wanted {
  return new Map(all.slice(0, max).map((key) => [key.thumbprint, key]));
}

export function isSame(present: readonly WrappedKey[], wanted: Wanted): boolean {
  const named = present.filter(({ provider }) => provider === PROVIDER).map(({ info }) => info);
  return named.length === wanted.size && named.every((info) => wanted.has(info));
}

/** KMS keys stay as they are: KMS has wrapped the same data key in the same context. */
export function keysFor(present: readonly WrappedKey[], wanted: Wanted, dataKey: Uint8Array): WrappedKey[] {
  const kms = present.filter(({ provider }) => provider === PROVIDER_KMS);
  const rsa = [...wanted].map(([info, key]) => {
    const known = present.find((one) => one.provider === PROVIDER && one.info === info);
    return known ?? { provider: PROVIDER, info, ciphertext: wrappedFor(key, dataKey) };
  });
  return [...kms, ...rsa].slice(0, KEYS_MAX);
}
