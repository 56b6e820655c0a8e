import { idKey } from '../id-key.ts';
import { labelsText } from '../ingest/labels.ts';
import { cachedLabel } from '../ingest/names.ts';
import type { ReadDb } from '../open.ts';
import { isShown, type Sight } from '../sight.ts';
import { sql } from '../statements.ts';

/*
 * Which version of what was the current one here at a moment: `known_from` to before `known_until`, in milliseconds of
 * the server's clock. Of a record that is unsent it is the server's version; a clinician's own text has no past.
 */

/** An earlier version that was the current one at a moment. */
export interface PastVersion {
  readonly type: string;
  readonly id: string;
  readonly body: string;
  readonly since: number;
}

/** The server has said since that it may not be read any longer, and nothing has brought it back. */
const UNAVAILABLE = `EXISTS (
  SELECT 1 FROM history u WHERE u.type = h.type AND u.id = h.id AND u.hid >= h.hid AND u.ended = 'unavailable'
    AND NOT EXISTS (SELECT 1 FROM resource r WHERE r.type = u.type AND r.key = id_key(u.id) AND r.id = u.id))`;

const AT = `h.known_from <= @at AND (h.known_until IS NULL OR h.known_until > @at) AND NOT ${UNAVAILABLE}`;
const COLUMNS = 't.text AS type, h.id, h.body, h.known_from AS since';

/** Earlier versions of a patient's records, in the order in which they were kept. */
export function versionsOf(db: ReadDb, pid: number, at: number): PastVersion[] {
  return sql(
    db,
    `SELECT ${COLUMNS} FROM history h JOIN term t ON t.tid = h.type WHERE h.patient = @pid AND ${AT} ORDER BY h.hid`,
  ).all({ pid, at }) as PastVersion[];
}

/** The version of one record that belongs to no patient; null where none was known. */
export function sharedVersion(db: ReadDb, type: string, id: string, at: number): PastVersion | null {
  const current = sql(
    db,
    `SELECT body, stored_at AS since FROM resource
     WHERE type = (SELECT tid FROM term WHERE text = ?) AND key = ? AND id = ? AND patient IS NULL AND stored_at <= ?`,
  ).get(type, idKey(id), id, at) as Pick<PastVersion, 'body' | 'since'> | undefined;
  if (current) return { type, id, ...current };
  const earlier = sql(
    db,
    `SELECT ${COLUMNS} FROM history h JOIN term t ON t.tid = h.type
     WHERE h.type = (SELECT tid FROM term WHERE text = @type) AND h.id = @id AND h.patient IS NULL AND ${AT}
     ORDER BY h.hid DESC LIMIT 1`,
  ).get({ type, id, at }) as PastVersion | undefined;
  return earlier ?? null;
}

/**
 * The label that decides whether a version may be seen, as a number: its own, or that of what the record says by now
 * where that is the stricter one. What has been restricted since isn't opened by a look at the past.
 */
export function rulingLabel(db: ReadDb, { type, id, body }: Omit<PastVersion, 'since'>, sight: Sight): number {
  const [own, latest] = [labelOf(db, type, body), latestLabel(db, type, id)];
  return latest !== 0 && !isShown(sight, type, latest) ? latest : own === 0 ? latest : own;
}

/** Number of a version's labels. */
function labelOf(db: ReadDb, type: string, body: string): number {
  return body.includes('"security"') || body.includes('\\u00')
    ? cachedLabel(db, type, labelsText(JSON.parse(body)))
    : 0;
}

/** Of the current version, or of the last one of what is gone. */
function latestLabel(db: ReadDb, type: string, id: string): number {
  const current = sql(
    db,
    'SELECT label FROM resource WHERE type = (SELECT tid FROM term WHERE text = ?) AND key = ? AND id = ?',
  ).get(type, idKey(id), id) as { label: number } | undefined;
  if (current) return current.label;
  const last = sql(
    db,
    `SELECT body FROM history WHERE type = (SELECT tid FROM term WHERE text = ?) AND id = ? ORDER BY hid DESC LIMIT 1`,
  ).get(type, id) as { body: string } | undefined;
  return last ? labelOf(db, type, last.body) : 0;
}
