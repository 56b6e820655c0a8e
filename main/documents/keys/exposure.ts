import type { DocumentReference } from 'fhir/r4';
import type { FhirClient } from '../../fhir/client.ts';
import { parseHeader } from '../format/header.ts';
import { PROVIDER, PROVIDER_ECDH } from '../format/limits.ts';
import type { Answer } from '../types.ts';
import type { DirectoryError } from './directory.ts';
import { exposedFields, type Named } from './exposed-fields.ts';
import { pagesOf } from './pages.ts';
import type { ExposedDocument, Exposure } from './types.ts';

export const ENCRYPTION_URL = 'https://wardlight.org/fhir/StructureDefinition/encryption';

type Fhir = Pick<FhirClient, 'get'>;

/** The newest header that a DocumentReference has; null where it isn't one of ours, empty where it can't be read. */
export function headerOf(document: DocumentReference): Buffer | null {
  try {
    const extension = document.content?.[0]?.attachment?.extension?.find(({ url }) => url === ENCRYPTION_URL);
    if (!extension) return null;
    return Buffer.from(extension.extension?.find(({ url }) => url === 'header')?.valueBase64Binary ?? '', 'base64');
  } catch {
    // What a server has written there is anything; that it is no document of ours can't be said.
    return Buffer.alloc(0);
  }
}

interface Besides {
  /** Types of the records in which sealed fields are looked for. */
  readonly types?: readonly string[];
  /** Pseudonyms of documents and of records that the key service has wrapped for the key. */
  readonly granted?: ReadonlySet<string>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Documents and sealed fields that a key could ever open. All versions of a record count: whoever was a recipient once
 * may have kept the data key, and the stored message begins with the header that it had at first.
 */
export async function exposureOf(
  fhir: Fhir,
  thumbprint: string,
  { types = [], granted = new Set(), signal }: Besides = {},
): Promise<Answer<Exposure, DirectoryError>> {
  const documents = await exposedDocuments(fhir, { thumbprint, granted, signal });
  if (!documents.ok) return documents;
  const fields = await exposedFields(fhir, types, { thumbprint, granted, signal });
  return fields.ok ? { ok: true, value: { ...documents.value, fields: fields.value } } : fields;
}

async function exposedDocuments(
  fhir: Fhir,
  { thumbprint, granted, signal }: Named,
): Promise<Answer<Omit<Exposure, 'fields'>, DirectoryError>> {
  const documents: ExposedDocument[] = [];
  const unknown: string[] = [];
  let examined = 0;
  for await (const page of pagesOf<DocumentReference>(fhir, 'DocumentReference', '?_count=100', signal)) {
    if (!page.ok) return page;
    for (const document of page.value) {
      if (headerOf(document) === null) continue;
      examined += 1;
      const found = isGranted(document, granted)
        ? { ...aboutOf(document), current: isNamed(document, thumbprint) === true }
        : await exposed(fhir, document, thumbprint, signal);
      if (found === 'unknown') unknown.push(document.id ?? '');
      else if (found) documents.push(found);
    }
  }
  return { ok: true, value: { documents, examined, unknown } };
}

async function exposed(
  fhir: Fhir,
  document: DocumentReference,
  thumbprint: string,
  signal?: AbortSignal,
): Promise<ExposedDocument | 'unknown' | null> {
  const current = isNamed(document, thumbprint);
  const said = { ...aboutOf(document), current: current === true };
  if (current === true) return said;
  let isCertain = current !== 'unknown';
  for await (const page of pagesOf<DocumentReference>(fhir, 'DocumentReference', `/${said.id}/_history`, signal)) {
    if (!page.ok) return 'unknown';
    const named = page.value.map((version) => isNamed(version, thumbprint));
    if (named.includes(true)) return said;
    isCertain &&= !named.includes('unknown');
  }
  return isCertain ? null : 'unknown';
}

function aboutOf({ id = '', subject }: DocumentReference): Pick<ExposedDocument, 'id' | 'patient'> {
  return { id, patient: subject?.reference ?? null };
}

function isGranted(document: DocumentReference, granted: ReadonlySet<string>): boolean {
  const bytes = headerOf(document);
  const header = bytes && parseHeader(bytes);
  return header?.ok === true && granted.has(header.value.context['document'] ?? '');
}

/** Providers whose keys have a thumbprint for a name. */
const NAMED: ReadonlySet<string> = new Set([PROVIDER, PROVIDER_ECDH]);

function isNamed(document: DocumentReference, thumbprint: string): boolean | 'unknown' {
  const bytes = headerOf(document);
  if (bytes === null) return false;
  const header = parseHeader(bytes);
  if (!header.ok) return 'unknown';
  return header.value.keys.some(({ provider, info }) => NAMED.has(provider) && info === thumbprint);
}
