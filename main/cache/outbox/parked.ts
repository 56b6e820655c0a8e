import type { ParkedAsked, ParkedChange } from '../operations.ts';
import type { Parts } from './follow.ts';
import { pendingChange } from './list.ts';
import { openRows, type Row, rowById, serverIdOf } from './rows.ts';

/** The rejected change of an id or of a record; null where there is none, or where it was written over since. */
export function parkedChange(parts: Parts, asked: ParkedAsked): ParkedChange | null {
  const row = 'id' in asked ? rowById(parts.db, asked.id) : lastRow(parts, asked);
  if (!row || !isCorrectable(parts, row)) return null;
  const { baseBody, baseVersion, mine, provenance } = row;
  return { change: pendingChange(parts, row), base: baseBody, baseVersionId: baseVersion, mine, provenance };
}

function lastRow({ db }: Parts, { type, resourceId }: Extract<ParkedAsked, { type: string }>): Row | undefined {
  return openRows(db, type, serverIdOf(db, type, resourceId)).at(-1);
}

/** True where a change is parked, and nothing of the same record comes after it. */
export function isCorrectable({ db }: Pick<Parts, 'db'>, { id, type, resource, state }: Row): boolean {
  return state === 'parked' && openRows(db, type, resource).at(-1)?.id === id;
}
