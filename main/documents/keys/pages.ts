import type { Bundle, FhirResource } from 'fhir/r4';
import type { FhirClient } from '../../fhir/client.ts';
import { no } from '../errors.ts';
import type { Answer } from '../types.ts';
import type { DirectoryError } from './directory.ts';

interface Page<One> {
  readonly records: One[];
  readonly next: string | null;
}

/** Pages of a search or a history of a type: what is of another doesn't count. `rest`: after the type in the address. */
export async function* pagesOf<One extends FhirResource>(
  fhir: Pick<FhirClient, 'get'>,
  type: One['resourceType'],
  rest: string,
  signal?: AbortSignal,
): AsyncGenerator<Answer<One[], DirectoryError>> {
  for (let url: string | null = `${type}${rest}`; url !== null; ) {
    const answer = await fhir.get(url, signal);
    const page: Page<One> | null = answer.ok ? pageOf<One>(type, answer.value.text) : null;
    if (!page) {
      const isRefused = answer.ok || ['unauthorized', 'forbidden', 'not-found', 'rejected'].includes(answer.error.code);
      yield no(signal?.aborted ? 'cancelled' : isRefused ? 'directory-refused' : 'directory-unreachable');
      return;
    }
    url = page.next;
    yield { ok: true, value: page.records };
  }
}

function pageOf<One extends FhirResource>(type: One['resourceType'], text: string): Page<One> | null {
  try {
    const { entry = [], link = [] } = JSON.parse(text) as Bundle<FhirResource>;
    const records = entry.flatMap(({ resource }) => (resource?.resourceType === type ? [resource as One] : []));
    return { records, next: link.find(({ relation }) => relation === 'next')?.url ?? null };
  } catch {
    return null;
  }
}
