import type { Subject } from '../operations.ts';
import { subjectOf } from '../reads/standing.ts';
import type { Parts } from './follow.ts';
import { allOpenRows, type Row, rowById } from './rows.ts';

/**
 * What access has to know of each version that an unsent change holds: they may be labelled differently, and theirs may
 * be of another patient by now.
 */
export function subjectsOf({ db }: Parts, { id }: { id: string | null }): Record<string, Subject[]> {
  const rows = id === null ? allOpenRows(db) : [rowById(db, id)].filter((row) => row !== undefined);
  return Object.fromEntries(rows.map((row) => [row.id, ofRow(row)]));
}

function ofRow({ patient, type, baseBody, mine, theirsBody }: Row): Subject[] {
  const found = [baseBody, mine, theirsBody].flatMap((body) => (body === null ? [] : (subjectOf(body) ?? [])));
  // A Provenance says whose record it is about by that record only.
  const versions = type === 'Provenance' ? found.map((one) => ({ ...one, patientId: patient })) : found;
  return versions.length > 0
    ? versions
    : [{ patientId: patient, type, labels: { confidentiality: 'N', sensitivity: [], authors: [] } }];
}
