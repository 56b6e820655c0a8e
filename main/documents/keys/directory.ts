import type { Basic, Bundle, FhirResource } from 'fhir/r4';
import type { FhirClient, FhirError } from '../../fhir/client.ts';
import type { Answer } from '../types.ts';

/* What the FHIR server holds of keys: nothing in it is believed for the place where it lies. */

const CODES = 'https://wardlight.org/fhir/CodeSystem/basic';
export const KEY_SYSTEM = 'https://wardlight.org/fhir/key';
const CERTIFICATE_URL = 'https://wardlight.org/fhir/StructureDefinition/key-certificate';
const REVOCATIONS_URL = 'https://wardlight.org/fhir/StructureDefinition/key-revocations';

/** Longest text of a certificate that is taken: one with a key of 8192 bits has 3,000 characters. */
const CERTIFICATE_MAX = 8_192;
/** Authors in one search, and pages of one that are read. */
const AUTHORS = 25;
const PAGES_MAX = 50;

type Fhir = Pick<FhirClient, 'get' | 'send'>;
export type DirectoryError = 'directory-unreachable' | 'directory-refused' | 'cancelled';
type Told<Value> = Promise<Answer<Value, DirectoryError>>;

export function certificateResource(certificate: string, thumbprint: string, practitioner: string): Basic {
  return {
    resourceType: 'Basic',
    identifier: [{ system: KEY_SYSTEM, value: thumbprint }],
    code: { coding: [{ system: CODES, code: 'encryption-key' }] },
    author: { reference: practitioner },
    extension: [{ url: CERTIFICATE_URL, valueString: certificate }],
  };
}

/** The certificate in what the server has; null where there is none, or it is too long to be one. */
export function certificateIn(basic: Basic): string | null {
  const certificate = textOf(basic, CERTIFICATE_URL);
  return certificate !== null && certificate.length <= CERTIFICATE_MAX ? certificate : null;
}

/** The same resource with another certificate. */
export function withCertificate(basic: Basic, certificate: string): Basic {
  const others = (basic.extension ?? []).filter(({ url }) => url !== CERTIFICATE_URL);
  return { ...basic, extension: [...others, { url: CERTIFICATE_URL, valueString: certificate }] };
}

/** Search for all certificates. */
export const certificatesSearch = `Basic?code=${token('encryption-key')}`;

export function revocationsResource(list: string): Basic {
  return {
    resourceType: 'Basic',
    code: { coding: [{ system: CODES, code: 'key-revocations' }] },
    extension: [{ url: REVOCATIONS_URL, valueString: list }],
  };
}

/** Makes a certificate known; one of the same key that has run out is replaced. */
export async function publish(
  fhir: Fhir,
  { certificate, thumbprint, practitioner }: { certificate: string; thumbprint: string; practitioner: string },
  signal?: AbortSignal,
): Told<null> {
  const search = `identifier=${encodeURIComponent(`${KEY_SYSTEM}|${thumbprint}`)}`;
  const body = JSON.stringify(certificateResource(certificate, thumbprint, practitioner));
  const made = await fhir.send({ method: 'POST', url: 'Basic', body, ifNoneExist: search }, signal);
  if (!made.ok) return failed(made.error);
  if (made.value.status === 201) return done;
  const found = await fhir.get(`Basic?${search}`, signal);
  if (!found.ok) return failed(found.error);
  const [before] = basicsOf(found.value.text).resources;
  if (before && textOf(before, CERTIFICATE_URL) === certificate) return done;
  const versionId = before?.meta?.versionId;
  if (!before?.id || versionId === undefined) return refused;
  const url = `Basic/${before.id}`;
  const replaced = JSON.stringify({ ...JSON.parse(body), id: before.id });
  const sent = await fhir.send({ method: 'PUT', url, body: replaced, ifMatch: versionId }, signal);
  return sent.ok ? done : failed(sent.error);
}

const done = { ok: true, value: null } as const;
const refused = { ok: false, error: { code: 'directory-refused' } } as const;

/** Makes a list of revoked keys known, in place of the one before. */
export async function publishRevocations(fhir: Fhir, list: string): Told<null> {
  const query = `code=${token('key-revocations')}`;
  const found = await fhir.get(`Basic?${query}`);
  if (!found.ok) return failed(found.error);
  const [before] = basicsOf(found.value.text).resources;
  const versionId = before?.meta?.versionId;
  const body = revocationsResource(list);
  const sent =
    before?.id && versionId !== undefined
      ? await fhir.send({
          method: 'PUT',
          url: `Basic/${before.id}`,
          body: JSON.stringify({ ...body, id: before.id }),
          ifMatch: versionId,
        })
      : await fhir.send({ method: 'POST', url: 'Basic', body: JSON.stringify(body), ifNoneExist: query });
  return sent.ok ? done : failed(sent.error);
}

/** Certificates that the server has of some practitioners. */
export async function certificatesOf(
  fhir: Fhir,
  practitioners: readonly string[],
  signal?: AbortSignal,
): Told<readonly string[]> {
  const found: string[] = [];
  for (let start = 0; start < practitioners.length; start += AUTHORS) {
    const authors = practitioners.slice(start, start + AUTHORS).join(',');
    const read = await search(fhir, `code=${token('encryption-key')}&author=${encodeURIComponent(authors)}`, signal);
    if (!read.ok) return read;
    for (const basic of read.value) {
      const certificate = certificateIn(basic);
      if (certificate !== null) found.push(certificate);
    }
  }
  return { ok: true, value: found };
}

/** Lists of revoked keys that the server has, in no order that means anything. */
export async function revocationLists(fhir: Fhir, signal?: AbortSignal): Told<readonly string[]> {
  const read = await search(fhir, `code=${token('key-revocations')}`, signal);
  if (!read.ok) return read;
  return { ok: true, value: read.value.flatMap((basic) => textOf(basic, REVOCATIONS_URL) ?? []) };
}

function token(value: string): string {
  return encodeURIComponent(`${CODES}|${value}`);
}

async function search(fhir: Fhir, query: string, signal?: AbortSignal): Told<Basic[]> {
  const all: Basic[] = [];
  let url: string | null = `Basic?${query}`;
  for (let page = 0; url !== null && page < PAGES_MAX; page += 1) {
    const answer = await fhir.get(url, signal);
    if (!answer.ok) return failed(answer.error);
    const { resources, next } = basicsOf(answer.value.text);
    all.push(...resources);
    url = next;
  }
  return { ok: true, value: all };
}

function basicsOf(text: string): { readonly resources: Basic[]; readonly next: string | null } {
  try {
    const { entry = [], link = [] } = JSON.parse(text) as Bundle<FhirResource>;
    const resources = entry.flatMap(({ resource }) => (resource?.resourceType === 'Basic' ? [resource] : []));
    return { resources, next: link.find(({ relation }) => relation === 'next')?.url ?? null };
  } catch {
    return { resources: [], next: null };
  }
}

function textOf({ extension = [] }: Basic, url: string): string | null {
  const value = Array.isArray(extension) ? extension.find((one) => one?.url === url)?.valueString : undefined;
  return typeof value === 'string' ? value : null;
}

function failed({ code: why }: FhirError): { ok: false; error: { code: DirectoryError } } {
  if (why === 'cancelled') return { ok: false, error: { code: 'cancelled' } };
  const isRefused = ['unauthorized', 'forbidden', 'not-found', 'gone', 'conflict', 'rejected'].includes(why);
  return { ok: false, error: { code: isRefused ? 'directory-refused' : 'directory-unreachable' } };
}
