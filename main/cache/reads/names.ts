import type { PersonName } from '../../../preload/contract/names.ts';
import { labelsText } from '../ingest/labels.ts';
import { cachedResource } from '../ingest/location.ts';
import { chooseName } from '../ingest/patient.ts';
import { parseReference } from '../json.ts';
import type { ReadDb } from '../open.ts';

/** Names of patients and of practitioners without labels, by their references. */
export function readNames(db: ReadDb, references: readonly string[]): Record<string, PersonName> {
  const named = references.flatMap((reference): [string, PersonName][] => {
    const { type, id } = parseReference(reference) ?? {};
    if (id === undefined || (type !== 'Patient' && type !== 'Practitioner')) return [];
    const resource = cachedResource(db, type, id);
    if (resource === undefined || (type === 'Practitioner' && labelsText(resource) !== '')) return [];
    const name = chooseName(resource);
    return name.family || name.given ? [[reference, name]] : [];
  });
  return Object.fromEntries(named);
}
