import type { ReviewedPerson } from '../../../preload/contract/audit.ts';
import type { PersonName } from '../../../preload/contract/names.ts';

/** Who they are whom lines speak of. */
export interface Named {
  person(reference: string): ReviewedPerson;
  patient(id: string): { id: string; name: PersonName | null };
}

export interface NamesOptions {
  readonly names: (args: { references: readonly string[] }) => Promise<Record<string, PersonName>>;
  /** Whether a patient may be named: the record of access to her may be looked at. */
  readonly mayReviewAccess: (patientId: string) => Promise<boolean>;
}

/** Looks up the names of some persons and patients, of patients only those who may be named. */
export async function nameAll(
  { names, mayReviewAccess }: NamesOptions,
  { people, patients }: { people: readonly (string | null)[]; patients: readonly (string | null)[] },
): Promise<Named> {
  const ids = [...new Set(patients)].filter((id) => id !== null);
  const may = await Promise.all(ids.map((id) => mayReviewAccess(id)));
  const asked = [
    ...new Set(people.filter((one) => one !== null)),
    ...ids.filter((_, at) => may[at]).map((id) => `Patient/${id}`),
  ];
  const known = asked.length === 0 ? {} : await names({ references: asked });
  const nameOf = (reference: string) => (Object.hasOwn(known, reference) ? known[reference] : undefined) ?? null;
  return {
    person: (reference) => ({ reference, name: nameOf(reference) }),
    patient: (id) => ({ id, name: nameOf(`Patient/${id}`) }),
  };
}
