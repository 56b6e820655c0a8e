import { createHash, X509Certificate } from 'node:crypto';
import type { PinsPolicy } from '../managed/connections.ts';
import { rulesFor } from './host-rules.ts';

/** A certificate with those above it, as Chromium has verified them: PEM texts. */
export interface Chain {
  readonly data: string;
  readonly issuerCert?: Chain | undefined;
}

/** Answers of a certificate check (Chromium's net_error_list.h): what Chromium has found holds. */
export const USUAL = -3;
/** ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN. */
export const PIN_MISMATCH = -150;

/** Chains are shorter; one that goes round in circles would have no end. */
const CHAIN_MAX = 20;

/** Whether a key of the chain is one of those that are pinned for the host (RFC 7469, section 2.6); true where none is. */
export function checkPins(pins: PinsPolicy, host: string, chain: Chain | undefined): boolean {
  const [rule] = rulesFor(pins, ({ host: named }) => [named], host);
  if (!rule) return true;
  let certificate = chain;
  for (let left = CHAIN_MAX; certificate && left > 0; left -= 1) {
    const pin = pinOf(certificate.data);
    if (pin !== null && rule.sha256.includes(pin)) return true;
    certificate = certificate.issuerCert;
  }
  return false;
}

/** SHA-256 of its SubjectPublicKeyInfo in base64; null where it can't be read. */
function pinOf(pem: string): string | null {
  try {
    const spki = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
    return createHash('sha256').update(spki).digest('base64');
  } catch {
    return null;
  }
}
