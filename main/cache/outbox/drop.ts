import type { Problem, ServerText } from '../operations.ts';
import { placed, printResource, readResource, uuidReferences } from './content.ts';
import type { Key, Parts } from './follow.ts';
import { dropNumber } from './numbered.ts';
import {
  deleteRow,
  droppedTypes,
  keepDropped,
  openRows,
  type Row,
  rowsMentioning,
  theirsOf,
  updateRow,
} from './rows.ts';
import { settleTransfer } from './transfer-rows.ts';

/** Settles a change without sending it: the cache goes back to what the server has. */
export function settleAs({ db }: Parts, row: Row, server: ServerText | null): void {
  const known = server?.body && row.doubted === 1 ? unwitnessed(server.body, row.resource) : server;
  updateRow(db, row.id, {
    state: 'withdrawn',
    finalResource: row.resource,
    finalVersion: known?.versionId ?? null,
    finalBody: known?.body ?? null,
  });
  settleTransfer(db, row, 'withdrawn');
}

/**
 * A version of before the server was reset: its number and time may be those of another one by now. Whatever the server
 * tells next takes its place.
 */
function unwitnessed(body: string, resource: string): ServerText {
  return { versionId: '', body: printResource(placed(readResource(body), resource, null)) };
}

/** What the server is known to have of a resource with an unsent change; null: nothing. */
export function serverOf(row: Row): ServerText | null {
  if (row.action === 'create') return null;
  return theirsOf(row) ?? { versionId: row.baseVersion ?? '', body: row.baseBody };
}

/** Withdraws a create; one that is found to be on the server stays there, and is shown as it is. What refers to it can't be sent as it is: it waits for a person. */
export function dropNeverSent(parts: Parts, row: Row): void {
  settleAs(parts, row, theirsOf(row));
  dropNumber(parts.db, row);
  keepDropped(parts.db, row.type, row.resource);
  for (const other of rowsMentioning(parts.db, row.resource)) {
    if (other.id !== row.id && other.state === 'waiting' && refersTo(other, row)) parkDangling(parts, other);
  }
}

/** Parks a change that refers to a create that was withdrawn. */
export function parkDangling({ db }: Parts, { id }: Row): void {
  updateRow(db, id, { state: 'parked', problem: JSON.stringify(referenceWithdrawn) });
}

const referenceWithdrawn: Problem = {
  code: 'reference-withdrawn',
  lines: ['It refers to a record that was withdrawn before it was sent.'],
};

/** True where the text of a change refers to a create that was withdrawn, whenever that was. */
export function isDangling({ db }: Parts, row: Row): boolean {
  return mentioned(row).some((resource) =>
    droppedTypes(db, resource).some((type) => refersTo(row, { type, resource })),
  );
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** UUIDs anywhere in the text of a change: those of creates are among them. */
export function mentioned({ mine }: Row): string[] {
  return [...new Set(mine?.match(UUID))];
}

/** True where the text of a change refers to the resource of an unsent create. */
export function refersTo({ mine }: Row, create: Key): boolean {
  // Most texts hold no UUID of a create: looking for it is cheaper than reading them.
  if (!mine?.includes(create.resource)) return false;
  return uuidReferences(readResource(mine)).some((reference) => isReferenceTo(reference, create));
}

/** A reference by the local id: within a bundle, or as if it were the server's. */
export function isReferenceTo(reference: string, { type, resource }: Key): boolean {
  return reference === `urn:uuid:${resource}` || reference === `${type}/${resource}`;
}

/**
 * The server has for certain not taken what was sent: an edit that came meanwhile takes its place. Answers the row that
 * is left; null where nothing is, as a create was deleted again.
 */
export function collapse(parts: Parts, row: Row): Row | null {
  const { db } = parts;
  const later = openRows(db, row.type, row.resource).find(({ sequence }) => sequence > row.sequence);
  if (!later) return row;
  deleteRow(db, later.id);
  if (row.action === 'create' && later.action === 'delete') {
    dropNeverSent(parts, row);
    return null;
  }
  const action = later.action === 'delete' ? 'delete' : row.action;
  const { mine, provenance, title, author, changedAt } = later;
  const written = { action, mine, provenance, title, author, changedAt };
  const change = { ...written, state: 'waiting', attempts: 0, problem: null } as const;
  updateRow(db, row.id, change);
  return { ...row, ...change };
}
