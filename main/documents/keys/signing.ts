import type { KeyObject } from 'node:crypto';
import type { DocumentsPolicy } from '../../managed/documents.ts';
import { readSigningKey } from './public-keys.ts';

/** A key by which the organisation signs, or has signed. */
export interface SigningKey {
  readonly key: KeyObject;
  /** RFC 7638. */
  readonly kid: string;
  /** Milliseconds; what it has signed counts until then. */
  readonly until: number;
  /** Nothing that it has signed counts. */
  readonly isCompromised: boolean;
}

/** The newest first, which is in force. */
export type SigningKeys = readonly SigningKey[];

/** Reads the signing keys that policy pins, in either form; null where one of them is none, or stands there twice. */
export function readSigningKeys({
  signingKeys,
  signingKey,
}: Pick<DocumentsPolicy, 'signingKeys' | 'signingKey'>): SigningKeys | null {
  const all = signingKey === null ? signingKeys : [{ key: signingKey, until: null, compromised: false }];
  const keys = all.flatMap(({ key: pem, until, compromised }) => {
    const read = readSigningKey(pem);
    return read ? [{ ...read, until: until === null ? Infinity : Date.parse(until), isCompromised: compromised }] : [];
  });
  // One that is told to be compromised in one place and to count in another would be anybody's guess.
  const isWhole = keys.length === all.length && new Set(keys.map(({ kid }) => kid)).size === all.length;
  return isWhole && keys.length > 0 ? keys : null;
}
