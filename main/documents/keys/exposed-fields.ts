import type { FhirResource } from 'fhir/r4';
import type { FhirClient } from '../../fhir/client.ts';
import { type Carrier, carriersOf, jweIn } from '../fields/carriers.ts';
import type { JsonObject } from '../fields/elements.ts';
import { readSealed } from '../fields/jwe.ts';
import { isMasked, MASKED, subjectsOf } from '../fields/whole.ts';
import type { Answer } from '../types.ts';
import type { DirectoryError } from './directory.ts';
import { pagesOf } from './pages.ts';
import type { ExposedFields, ExposedRecord } from './types.ts';

type Fhir = Pick<FhirClient, 'get'>;

export interface Named {
  readonly thumbprint: string;
  /** Pseudonyms of what the key service has wrapped for the key. */
  readonly granted: ReadonlySet<string>;
  readonly signal: AbortSignal | undefined;
}

/** Records of some types with sealed fields that a key could ever open: those that say today that something is masked. */
export async function exposedFields(
  fhir: Fhir,
  types: readonly string[],
  named: Named,
): Promise<Answer<ExposedFields, DirectoryError>> {
  const found = { records: [] as ExposedRecord[], examined: 0, unknown: [] as string[], refused: [] as string[] };
  const query = `?_security=${encodeURIComponent(`${MASKED.system}|${MASKED.code}`)}&_count=100`;
  for (const type of types) {
    for await (const page of pagesOf(fhir, type as FhirResource['resourceType'], query, named.signal)) {
      if (!page.ok && page.error.code !== 'directory-refused') return page;
      if (!page.ok) found.refused.push(type);
      for (const record of page.ok ? page.value.filter(isMasked) : []) {
        found.examined += 1;
        const told = await exposed(fhir, record, named);
        if (told === 'unknown') found.unknown.push(`${type}/${record.id}`);
        else if (told) found.records.push(told);
      }
    }
  }
  return { ok: true, value: found };
}

interface Fields {
  /** Paths of those that the key could open. */
  readonly paths: readonly string[];
  /** Whether there is one of which that can't be said. */
  readonly isUncertain: boolean;
}

/** Paths of all versions count; the newest says whether the key is still named. */
async function exposed(fhir: Fhir, record: FhirResource, named: Named): Promise<ExposedRecord | 'unknown' | null> {
  const { resourceType: type, id = '' } = record;
  const today = fieldsOf(record, named);
  const paths = new Set(today.paths);
  let { isUncertain } = today;
  for await (const page of pagesOf(fhir, type, `/${id}/_history`, named.signal)) {
    isUncertain ||= !page.ok;
    for (const version of page.ok ? page.value : []) {
      const fields = fieldsOf(version, named);
      for (const path of fields.paths) paths.add(path);
      isUncertain ||= fields.isUncertain;
    }
  }
  // What can't be said of one field says nothing against another.
  if (paths.size === 0) return isUncertain ? 'unknown' : null;
  const current = carriersOf(record as unknown as JsonObject).some((carrier) => isNamed(carrier, named.thumbprint));
  const [patient = null] = subjectsOf(record as unknown as JsonObject);
  return { type, id, patient, paths: [...paths].sort(), current, isWhole: !isUncertain };
}

function fieldsOf(version: FhirResource, { thumbprint, granted }: Named): Fields {
  const paths: string[] = [];
  let isUncertain = false;
  for (const carrier of carriersOf(version as unknown as JsonObject)) {
    const sealed = readSealed(jweIn(carrier));
    if (!sealed.ok) isUncertain = true;
    else if (granted.has(sealed.value.context.record) || isNamed(carrier, thumbprint)) paths.push(carrier.path);
  }
  return { paths, isUncertain };
}

function isNamed(carrier: Carrier, thumbprint: string): boolean {
  const sealed = readSealed(jweIn(carrier));
  return sealed.ok && sealed.value.jwe.recipients.some(({ header }) => header?.['kid'] === thumbprint);
}
