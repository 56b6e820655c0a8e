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

/** Claims that name the one who signed in (OpenID Connect Core 1.0, section 5.1), those first that people go by. */
const NAMES = ['name', 'preferred_username', 'nickname'] as const;

/** The name that an ID token says, or null: its claims need not be there, nor be texts. */
export function claimedName(claims: Readonly<Record<string, unknown>> | undefined): string | null {
  const said = (claim: string) => {
    const value = claims?.[claim];
    return typeof value === 'string' ? value.trim().slice(0, NAME_MAX) : '';
  };
  const parts = [said('given_name'), said('family_name')].filter(Boolean).join(' ');
  const [name, ...others] = NAMES.map(said);
  return [name, parts, ...others].find(Boolean) ?? null;
}

const NAME_MAX = 200;

/** What a clinician is called of whom no name is known: her id, without what FHIR puts before it. */
export function nameFromReference(practitioner: string): string {
  return practitioner.replace(/^Practitioner\//, '');
}
