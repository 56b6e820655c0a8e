import { calculateJwkThumbprint, exportJWK, exportSPKI, generateKeyPair, type JWK } from 'jose';
import type { FieldContext } from '../../../../main/documents/fields/context.ts';
import type { Recipient } from '../../../../main/documents/types.ts';

export interface Pair {
  readonly recipient: Recipient & { kind: 'rsa' };
  readonly jwk: JWK;
}

/** Takes a third of a second: once for a file of tests. */
export async function newPair(modulusLength = 3_072): Promise<Pair> {
  const { publicKey, privateKey } = await generateKeyPair('RSA-OAEP-256', { modulusLength, extractable: true });
  const jwk = await exportJWK(privateKey);
  const thumbprint = await calculateJwkThumbprint(jwk);
  return { recipient: { kind: 'rsa', thumbprint, publicKey: await exportSPKI(publicKey) }, jwk };
}

export const context: FieldContext = {
  v: '1',
  type: 'Observation',
  record: 'hmac-of-observation-1',
  patient: 'hmac-of-patient-1',
  author: 'hmac-of-practitioner-1',
  role: 'unknown',
  purpose: 'TREAT',
  policy: '7',
  created: '2026-11-26T08:00:00.000Z',
};

export const expected = { patient: context.patient, records: [context.record] };
