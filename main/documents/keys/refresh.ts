import type { Answer } from '../types.ts';
import { newestOfDevices, type Revocations, readCertificate, readRevocations } from './certificates.ts';
import { certificatesOf, type DirectoryError, revocationLists } from './directory.ts';
import type { PinnedKeys } from './recipients.ts';
import type { KeyService, ServiceError } from './service.ts';
import { claimedRank } from './signed.ts';
import type { DocumentKeysOptions } from './types.ts';

type Options = Pick<DocumentKeysOptions, 'cache' | 'fhir' | 'now'> & {
  readonly pinned: PinnedKeys;
  readonly service: Pick<KeyService, 'revocations'>;
};

/**
 * Takes the newest list of revoked keys that the service or the FHIR server has; one of them suffices, and neither can
 * take back what is known. A list of an earlier signing key never takes the place of one of a later key, whatever time it
 * says; and of one key's lists the newest stays.
 */
export async function refreshRevocations(
  { cache, fhir, now, pinned, service }: Options,
  signal?: AbortSignal,
): Promise<Answer<null, ServiceError | DirectoryError>> {
  const [told, published] = await Promise.all([service.revocations(signal), revocationLists(fhir, signal)]);
  const lists = [...(told.ok ? [told.value.revocations] : []), ...(published.ok ? published.value : [])];
  let isAny = false;
  for (const list of lists) {
    const read = readRevocations(list, pinned.signingKeys, now());
    if (!read) continue;
    isAny = true;
    const known = await cache.read.revocations();
    const isTaken = known === null || isNewerThan(known, read, { pinned, now });
    if (isTaken) await cache.write.keepRevocations({ iat: read.iat, list, replaces: known });
  }
  if (isAny) return { ok: true, value: null };
  if (!told.ok) return told;
  return published.ok ? { ok: false, error: { code: 'key-service-answer-invalid' } } : published;
}

/** The kept list is compared by the key that it claims: where that one is compromised meanwhile, only a newer key's counts. */
function isNewerThan(known: string, { rank, iat }: Revocations, { pinned, now }: Pick<Options, 'pinned' | 'now'>) {
  const before = claimedRank(known, pinned.signingKeys);
  if (before === null || rank !== before) return before === null || rank < before;
  const kept = readRevocations(known, pinned.signingKeys, now());
  return kept === null || iat > kept.iat;
}

/**
 * Reads the certificates of whoever is on a care team of the clinician's patients, so that files can be encrypted for
 * them offline. What the organisation hasn't signed isn't kept, wherever it lies. Of each workstation the newest that was
 * ever seen stays, also of who is on no team for now: a server that shows an older one again, or none, changes nothing.
 */
export async function refreshDirectory(
  { cache, fhir, now, pinned }: Options,
  practitioners: readonly string[],
  signal?: AbortSignal,
): Promise<Answer<null, DirectoryError>> {
  const found = await certificatesOf(fhir, practitioners, signal);
  if (!found.ok) return found;
  const wanted = new Set(practitioners);
  const readOf = (certificate: string) => {
    const read = readCertificate(certificate, pinned.signingKeys, now());
    return read.ok ? [{ ...read.value, certificate }] : [];
  };
  const fresh = found.value.flatMap(readOf).filter(({ practitioner }) => wanted.has(practitioner));
  const known = await cache.read.certificates({ practitioners: null });
  const newest = newestOfDevices([...known.flatMap(({ certificate }) => readOf(certificate)), ...fresh]);
  await cache.write.replaceCertificates({
    items: newest.map(({ practitioner, thumbprint, certificate }) => ({ practitioner, thumbprint, certificate })),
  });
  return { ok: true, value: null };
}
