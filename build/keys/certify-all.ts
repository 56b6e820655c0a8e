import type { Basic } from 'fhir/r4';
import { CERTIFICATE_TYP, readCertificate } from '../../main/documents/keys/certificates.ts';
import { certificateIn, certificatesSearch, withCertificate } from '../../main/documents/keys/directory.ts';
import { claimedRank, openSigned } from '../../main/documents/keys/signed.ts';
import { readSigningKeys, type SigningKeys } from '../../main/documents/keys/signing.ts';
import type { FhirClient } from '../../main/fhir/client.ts';
import { type Anew, goThrough, type Progress } from './bulk.ts';
import type { OrganisationKeys } from './organisation.ts';

export interface Certifying {
  readonly fhir: Pick<FhirClient, 'base' | 'get' | 'send'>;
  readonly keys: Pick<OrganisationKeys, 'signingKeys' | 'signing' | 'signed' | 'revoked'>;
  readonly now: () => number;
  /** File that says where it stands. */
  readonly state: string;
  readonly onProgress: (done: Progress) => void;
}

const PAGE = 50;

/**
 * Signs with the key in force what an earlier one has signed of devices: the same claims, the time of their making
 * included, so that of two pairs of a workstation the newer stays the newer. A key that is compromised vouches for
 * nothing: those devices show anew to the key service that they are who they are.
 */
export async function certifyAll({ fhir, keys, now, state, onProgress }: Certifying): Promise<Progress> {
  const signing = readSigningKeys({ signingKeys: [...keys.signingKeys()], signingKey: null });
  if (!signing) throw new Error('the organisation’s own keys are none');
  const revoked = new Set(keys.revoked().map(({ jti }) => jti));
  return goThrough({
    fhir,
    key: keys.signing().inForce,
    passes: [{ name: 'certificates', type: 'Basic', first: `${certificatesSearch}&_count=${PAGE}` }],
    isMeant: (_pass, record) => certificateIn(record as Basic) !== null,
    anew: async (_pass, text) => certifiedAnew(text, signing, { keys, revoked, now: now() }),
    state,
    onProgress,
  });
}

interface Around {
  readonly keys: Pick<OrganisationKeys, 'signed'>;
  readonly revoked: ReadonlySet<string>;
  readonly now: number;
}

function certifiedAnew(text: string, signing: SigningKeys, { keys, revoked, now }: Around): Anew {
  const basic = JSON.parse(text) as Basic;
  const certificate = certificateIn(basic) ?? '';
  const rank = claimedRank(certificate, signing);
  if (rank !== null && signing[rank]?.isCompromised) return { left: 'signing-key-compromised' };
  const read = readCertificate(certificate, signing, now);
  if (!read.ok) return { left: read.error.code };
  if (revoked.has(read.value.thumbprint)) return { left: 'key-revoked' };
  if (rank === 0) return 'unchanged';
  const { payload } = openSigned(certificate, signing, CERTIFICATE_TYP) ?? {};
  return JSON.stringify(withCertificate(basic, keys.signed(CERTIFICATE_TYP, payload as object)));
}
