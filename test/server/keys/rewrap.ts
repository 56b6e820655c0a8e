import type { OrganisationKeys } from '../../../build/keys/organisation.ts';
import { wrappedFor } from '../../../build/keys/organisation.ts';
import { byToken, type Unwrapper } from '../../../build/keys/unwrap.ts';
import { readSealed } from '../../../main/documents/fields/jwe.ts';
import { isGenuine, wrappedKeysOf } from '../../../main/documents/fields/shares.ts';
import { parseHeader, proveHeader } from '../../../main/documents/format/header.ts';
import { PROVIDER } from '../../../main/documents/format/limits.ts';
import { type Certificate, readCertificate } from '../../../main/documents/keys/certificates.ts';
import { pseudonymOf } from '../../../main/documents/keys/pseudonym.ts';
import { readSigningKeys, type SigningKeys } from '../../../main/documents/keys/signing.ts';
import type { WrappedKey } from '../../../main/documents/types.ts';

export type Denial =
  | 'certificate-invalid'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'certificate-of-another'
  | 'key-revoked'
  | 'header-invalid'
  | 'not-a-recipient'
  | 'header-not-genuine'
  | 'not-on-care-team';

export type Ruling =
  | {
      readonly ok: true;
      readonly wrapped: WrappedKey;
      readonly subject: Subject;
      readonly decision: 'granted' | 'granted-in-emergency';
    }
  | { readonly ok: false; readonly code: Denial; readonly subject: Subject };

/** What the log says of a request: pseudonyms alone. */
export interface Subject {
  readonly key?: string;
  readonly document?: string;
  /** Of a field. */
  readonly record?: string;
  readonly patient?: string;
}

interface Asked {
  readonly keys: OrganisationKeys;
  readonly practitioner: string;
  readonly certificate: string;
  readonly nowMs: number;
  /** She has declared one: it opens what is somebody else's patient's, and stands out in the log. */
  readonly emergency: boolean;
  /** Ids of the patients on whose care teams the practitioner is. */
  readonly patients: readonly string[];
}

/** Decides whether a device may have a message's data key, and wraps it for the device. The file is never here. */
export async function rule(request: Asked & { header: Buffer; unwrap: Unwrapper }): Promise<Ruling> {
  const { unwrap } = request;
  const certificate = certificateOf(request);
  if (typeof certificate === 'string') return { ok: false, code: certificate, subject: {} };
  const key = certificate.thumbprint;
  const header = parseHeader(request.header);
  if (!header.ok || header.value.length !== request.header.length) {
    return { ok: false, code: 'header-invalid', subject: { key } };
  }
  const dataKey = await unwrap(header.value);
  if (dataKey === null) return { ok: false, code: 'not-a-recipient', subject: { key } };
  try {
    // Until then the context may be anybody's.
    const proof = proveHeader(header.value, dataKey);
    if (proof !== 'original' && proof !== 'rewrapped')
      return { ok: false, code: 'header-not-genuine', subject: { key } };
    const { document = '', patient = '' } = header.value.context;
    return grant(request, certificate, { key, document, patient }, dataKey);
  } finally {
    dataKey.fill(0);
  }
}

/**
 * The same of a field, which is here as a whole: its context is proved by its tag, which covers the text too. The text
 * is decrypted for that, and neither kept nor logged.
 */
export async function ruleField(request: Asked & { jwe: string }): Promise<Ruling> {
  const certificate = certificateOf(request);
  if (typeof certificate === 'string') return { ok: false, code: certificate, subject: {} };
  const key = certificate.thumbprint;
  const sealed = readSealed(request.jwe);
  if (!sealed.ok) return { ok: false, code: 'header-invalid', subject: { key } };
  const dataKey = await byToken(request.keys)({ keys: wrappedKeysOf(sealed.value) });
  if (dataKey === null) return { ok: false, code: 'not-a-recipient', subject: { key } };
  try {
    if (!isGenuine(sealed.value, dataKey)) return { ok: false, code: 'header-not-genuine', subject: { key } };
    const { record, patient } = sealed.value.context;
    return grant(request, certificate, { key, record, patient }, dataKey);
  } finally {
    dataKey.fill(0);
  }
}

/** Whether who asks may have the data key of a patient, whose pseudonym was proved to be the one it was encrypted with. */
function grant(
  request: Asked,
  certificate: Certificate,
  subject: Subject & { readonly patient: string },
  dataKey: Buffer,
): Ruling {
  const isHers = isOnTeam(request, subject.patient);
  if (!isHers && !request.emergency) return { ok: false, code: 'not-on-care-team', subject };
  const wrapped = { provider: PROVIDER, info: certificate.thumbprint, ciphertext: wrappedFor(certificate, dataKey) };
  return { ok: true, wrapped, subject, decision: isHers ? 'granted' : 'granted-in-emergency' };
}

function certificateOf({ keys, practitioner, certificate, nowMs }: Asked): Certificate | Denial {
  const read = readCertificate(certificate, signingKeysOf(keys), nowMs);
  if (!read.ok) return read.error.code;
  if (read.value.practitioner !== practitioner) return 'certificate-of-another';
  return keys.revoked().some(({ jti }) => jti === read.value.thumbprint) ? 'key-revoked' : read.value;
}

/** As policy has them: what an earlier one has signed counts as long as there. */
export function signingKeysOf(keys: Pick<OrganisationKeys, 'signingKeys'>): SigningKeys {
  const all = readSigningKeys({ signingKeys: [...keys.signingKeys()], signingKey: null });
  if (!all) throw new Error('a signing key is none');
  return all;
}

/** The context names the patient by a pseudonym, which can be made of each patient in question. */
function isOnTeam({ keys, patients }: Asked, pseudonym: string): boolean {
  const contextKey = keys.contextKey();
  return patients.some((id) => pseudonymOf(contextKey, 'patient', `Patient/${id}`) === pseudonym);
}
