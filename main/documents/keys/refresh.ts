import type { Answer } from '../types.ts';
import { readCertificate, readRevocations } from './certificates.ts';
import { certificatesOf, type DirectoryError, revocationLists } from './directory.ts';
import type { PinnedKeys } from './recipients.ts';
import type { KeyService, ServiceError } from './service.ts';
import type { DocumentKeysOptions } from './types.ts';

type Options = Pick<DocumentKeysOptions, 'cache' | 'fhir' | 'now'> & {
  readonly pinned: PinnedKeys;
  readonly service: Pick<KeyService, 'revocations'>;
};

/**
 * Takes the newest list of revoked keys that the service or the FHIR server has; one of them suffices, and neither can
 * take back what is known, as the cache keeps the newest only.
 */
export async function refreshRevocations(
  { cache, fhir, now, pinned, service }: Options,
  signal?: AbortSignal,
): Promise<Answer<null, ServiceError | DirectoryError>> {
  const [told, published] = await Promise.all([service.revocations(signal), revocationLists(fhir, signal)]);
  const lists = [...(told.ok ? [told.value.revocations] : []), ...(published.ok ? published.value : [])];
  let isAny = false;
  for (const list of lists) {
    const read = readRevocations(list, pinned.signingKey, now());
    if (!read) continue;
    isAny = true;
    await cache.write.keepRevocations({ iat: read.iat, list });
  }
  if (isAny) return { ok: true, value: null };
  if (!told.ok) return told;
  return published.ok ? { ok: false, error: { code: 'key-service-answer-invalid' } } : published;
}

/**
 * Reads the certificates of whoever is on a care team of the clinician's patients, so that files can be encrypted for
 * them offline. What the organisation hasn't signed isn't kept, wherever it lies.
 */
export async function refreshDirectory(
  { cache, fhir, now, pinned }: Options,
  practitioners: readonly string[],
  signal?: AbortSignal,
): Promise<Answer<null, DirectoryError>> {
  const found = await certificatesOf(fhir, practitioners, signal);
  if (!found.ok) return found;
  const wanted = new Set(practitioners);
  const items = found.value.flatMap((certificate) => {
    const read = readCertificate(certificate, pinned.signingKey, now());
    if (!read.ok || !wanted.has(read.value.practitioner)) return [];
    return [{ practitioner: read.value.practitioner, thumbprint: read.value.thumbprint, certificate }];
  });
  await cache.write.replaceCertificates({ items });
  return { ok: true, value: null };
}
