import type { EncryptionContext } from '../types.ts';

/** Where a signed message has its public key (AWS Encryption SDK, "Encryption context"). */
const SIGNER = 'aws-crypto-public-key';

const names: Readonly<Record<keyof EncryptionContext, true>> = {
  v: true,
  document: true,
  patient: true,
  author: true,
  resource: true,
  role: true,
  purpose: true,
  policy: true,
  created: true,
};

/** Names of what a message's context says otherwise than expected, lacks, or has and shouldn't have. */
export function contextDiffers(
  expected: Partial<EncryptionContext>,
  actual: Readonly<Record<string, string>>,
): readonly string[] {
  const known = Object.keys(names) as (keyof EncryptionContext)[];
  const wanted: Partial<EncryptionContext> = { v: '1', ...expected };
  const other = known.filter((name) => {
    const value = Object.hasOwn(actual, name) ? actual[name] : undefined;
    return value === undefined || (wanted[name] !== undefined && wanted[name] !== value);
  });
  const foreign = Object.keys(actual).filter((name) => name !== SIGNER && !Object.hasOwn(names, name));
  return [...other, ...foreign];
}
