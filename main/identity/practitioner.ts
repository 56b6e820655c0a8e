import type { Practitioner } from 'fhir/r4';
import type { FhirClient } from '../fhir/client.ts';

/** The clinician's name for greeting her: the official one, else any, else null. */
export async function practitionerName(fhir: Pick<FhirClient, 'get'>, reference: string): Promise<string | null> {
  const answer = await fhir.get(reference);
  if (!answer.ok) return null;
  try {
    const { name = [] } = JSON.parse(answer.value.text) as Practitioner;
    const chosen = name.find(({ use }) => use === 'official') ?? name[0];
    if (!chosen) return null;
    const parts = [...(chosen.prefix ?? []), ...(chosen.given ?? []), chosen.family];
    return chosen.text ?? (parts.filter(Boolean).join(' ') || null);
  } catch {
    return null;
  }
}
