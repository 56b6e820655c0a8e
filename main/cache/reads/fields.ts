import { stringify } from 'lossless-json';
import { contentOf, KEPT, maskedBy, type Place, placesAt, SEALED } from '../../documents/fields/elements.ts';
import { type Box, createBox } from '../fields/box.ts';
import { readFieldKey } from '../fields/key.ts';
import { belonging, openKept } from '../fields/layer.ts';
import { idKey } from '../id-key.ts';
import type { ReadDb } from '../open.ts';
import type { FieldFound, FieldRead, ReadOperations } from '../operations.ts';
import { identifiersOf, readResource } from '../outbox/content.ts';
import { sql } from '../statements.ts';

type Resource = Record<string, unknown>;

/** Runs with what opens fields, for one request: a reader keeps nothing that does. */
function withBox<Value>(db: ReadDb, wrapping: Uint8Array, work: (box: Box | null) => Value): Value {
  const key = readFieldKey(db, wrapping);
  try {
    return work(key && createBox(key));
  } finally {
    key?.fill(0);
    wrapping.fill(0);
  }
}

/** The fields at a path of one record; null where there is no such record. */
export function readField(
  db: ReadDb,
  { type, id, path, wrapping }: { type: string; id: string; path: string; wrapping: Uint8Array },
): FieldRead | null {
  const row = sql(
    db,
    'SELECT body FROM resource WHERE type = (SELECT tid FROM term WHERE text = ?) AND key = ? AND id = ?',
  ).get(type, idKey(id), id) as { body: string } | undefined;
  if (!row) return null;
  const resource = readResource(row.body) as Resource;
  return withBox(db, wrapping, (box) => ({
    identifiers: identifiersOf(resource),
    fields: placesFor(resource, path).flatMap((place) => fieldOf(place, resource, box) ?? []),
  }));
}

/** The elements at a path; those around them where these are masked whole. A digest says nothing to anybody. */
function placesFor(resource: Resource, path: string): Place[] {
  const found = placesAt(resource, path).filter(({ name }) => path.endsWith(name) || name !== 'hash');
  const outer = path.slice(0, Math.max(0, path.lastIndexOf('.')));
  if (found.length > 0 || outer === '') return found;
  return placesFor(resource, outer).filter((place) => [KEPT, SEALED].some((url) => maskedBy(contentOf(place), url)));
}

function fieldOf(place: Place, resource: Resource, box: Box | null): FieldRead['fields'][number] | null {
  const { at, path } = place;
  const stored = contentOf(place);
  const kept = maskedBy(stored, KEPT);
  const content = kept === undefined ? stored : box && openKept(kept, belonging(resource, at), box);
  if (!content) return { at, path, how: 'damaged' };
  const sealed = maskedBy(content, SEALED);
  if (sealed !== undefined) return { at, path, how: 'sealed', sealed };
  // What isn't masked is for other views to show, and what is masked by somebody else has nothing in it.
  return kept === undefined ? null : { at, path, how: 'kept', content: stringify(content) ?? '' };
}

/** Records with a value in a marked field that policy lets be found by its value. */
export function findField(db: ReadDb, asked: Parameters<ReadOperations['findField']>[0]): FieldFound[] {
  const { type, path, value, hash, wrapping } = asked;
  return withBox(db, wrapping, (box) => {
    const hashes = [value, ...(hash === null ? [] : [hash])].map((one) => box?.blind(type, path, one) ?? null);
    return sql(
      db,
      `SELECT DISTINCT r.id, p.id AS patientId FROM field_index i JOIN resource r ON r.rid = i.rid
       LEFT JOIN patient p ON p.pid = r.patient WHERE i.hash IN (?, ?) ORDER BY r.id`,
    ).all(hashes[0] ?? null, hashes[1] ?? null) as FieldFound[];
  });
}
