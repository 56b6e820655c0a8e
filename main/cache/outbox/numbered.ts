import type { Result } from '../../../preload/contract/channel.ts';
import type { Duplicate } from '../../../preload/contract/sync.ts';
import { dateText } from '../dates.ts';
import { bound, conceptText, field, items, text } from '../json.ts';
import type { ReadDb, WriteDb } from '../open.ts';
import type { FoundDuplicate, NewChange, NumberedRecord, Subject } from '../operations.ts';
import { subjectOf } from '../reads/standing.ts';
import { sql } from '../statements.ts';
import { cachedRow, type Key, type Parts } from './follow.ts';
import { patientNameOf } from './list.ts';
import { openRows, serverIdOf } from './rows.ts';

interface Numbered {
  readonly type: string;
  readonly resource: string;
  readonly patient: string;
  readonly system: string;
  readonly value: string;
  readonly title: string;
  readonly madeAt: string;
  /** Ids, as a JSON list. */
  readonly known: string;
}

const COLUMNS = 'n.type, n.resource, n.patient, n.system, n.value, n.title, n.made_at AS madeAt, n.known';

/**
 * A record has another number from now on, or its first one; or was corrected, and is called otherwise. What the chart had
 * is what it had at first.
 */
export function keepNumber(
  { db, cache }: Parts,
  change: NewChange,
  { system, value }: NonNullable<NewChange['number']>,
): void {
  const { type, resourceId: resource, patientId: patient, title, changedAt: madeAt } = change;
  const renamed = sql(
    db,
    'UPDATE numbered SET title = ? WHERE type = ? AND resource = ? AND system = ? AND value = ?',
  ).run(title, type, resource, system, value);
  if (renamed.changes > 0) return;
  const before = sql(db, 'SELECT known FROM numbered WHERE type = ? AND resource = ?').pluck().get(type, resource);
  const known = typeof before === 'string' ? before : JSON.stringify(idsOf(cache, patient, type));
  sql(
    db,
    `INSERT OR REPLACE INTO numbered (type, resource, patient, system, value, title, made_at, known)
     VALUES (@type, @resource, @patient, @system, @value, @title, @madeAt, @known)`,
  ).run({ type, resource, patient, system, value, title, madeAt, known });
  sql(db, 'DELETE FROM duplicate WHERE type = ? AND resource = ?').run(type, resource);
}

/** Records of a type that the cache has of a patient. */
function idsOf(cache: ReadDb, patient: string, type: string): string[] {
  return sql(
    cache,
    `SELECT r.id FROM entry e JOIN resource r ON r.rid = e.rid
     WHERE e.patient = (SELECT pid FROM patient WHERE id = ?) AND e.type = (SELECT tid FROM term WHERE text = ?)`,
  )
    .pluck()
    .all(patient, type) as string[];
}

/** It was taken back before it was sent, so that nobody can have it twice. */
export function dropNumber(db: WriteDb, { type, resource }: Key): void {
  sql(db, 'DELETE FROM numbered WHERE type = ? AND resource = ?').run(type, resource);
  sql(db, 'DELETE FROM duplicate WHERE type = ? AND resource = ?').run(type, resource);
}

export function listNumbered(parts: Parts, { since }: { since: string }): NumberedRecord[] {
  const rows = sql(parts.db, `SELECT ${COLUMNS} FROM numbered n ORDER BY n.made_at`).all() as Numbered[];
  return rows.flatMap((row) => {
    const found = standingOf(parts, row);
    if (!found || (found.isSent && row.madeAt < since)) return [];
    const { resource: localId, patient: patientId, title: _, known, ...rest } = row;
    return [{ ...rest, localId, patientId, known: JSON.parse(known) as string[], ...found }];
  });
}

type Where = Pick<NumberedRecord, 'id' | 'changeId' | 'createId' | 'isSent' | 'body'>;

/** Where a record stands; null where it is gone, or says of itself that it was made in error. */
function standingOf({ db, cache }: Parts, { type, resource }: Key): (Where & { readonly versionId: string }) | null {
  const id = serverIdOf(db, type, resource);
  const open = openRows(db, type, id);
  const create = open.find(({ action }) => action === 'create');
  const cached = cachedRow(cache, type, id);
  const body = open.at(-1)?.mine ?? cached?.body;
  if (body === undefined || text(JSON.parse(body), 'status') === 'entered-in-error') return null;
  const isWaiting = create?.state === 'waiting' || create?.state === 'parked';
  return {
    id,
    changeId: isWaiting ? create.id : null,
    createId: create?.id ?? null,
    isSent: create === undefined,
    body,
    versionId: create === undefined ? (cached?.versionId ?? '') : '',
  };
}

export function noteDuplicates(
  { db, newId }: Parts,
  { type, localId, found, at }: { type: string; localId: string; found: readonly FoundDuplicate[]; at: string },
): boolean {
  const note = db.transaction(() => {
    const known = sql(db, 'SELECT other, kind FROM duplicate WHERE type = ? AND resource = ?').all(type, localId) as {
      other: string;
      kind: string;
    }[];
    // What a person has decided about stays decided, unless it turns out to be something else.
    const gone = known.filter((one) => !found.some(({ other, kind }) => other === one.other && kind === one.kind));
    for (const { other } of gone)
      sql(db, 'DELETE FROM duplicate WHERE type = ? AND resource = ? AND other = ?').run(type, localId, other);
    const added = found.map(({ kind, other, body }) =>
      sql(
        db,
        `INSERT INTO duplicate (id, type, resource, kind, other, body, found_at) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (type, resource, other) DO NOTHING`,
      ).run(newId(), type, localId, kind, other, body, at),
    );
    return gone.length > 0 || added.some(({ changes }) => changes > 0);
  });
  return note.immediate();
}

interface Row extends Numbered {
  readonly id: string;
  readonly kind: Duplicate['kind'];
  readonly other: string;
  readonly body: string | null;
  readonly foundAt: string;
}

const LISTED_MAX = 500;

export function listDuplicates(parts: Parts): { item: Duplicate; subjects: Subject[] }[] {
  const rows = sql(
    parts.db,
    `SELECT ${COLUMNS}, d.id, d.kind, d.other, d.body, d.found_at AS foundAt FROM duplicate d
     JOIN numbered n ON n.type = d.type AND n.resource = d.resource
     WHERE d.kept = 0 ORDER BY d.found_at, d.id LIMIT ${LISTED_MAX}`,
  ).all() as Row[];
  return rows.flatMap((row) => {
    const standing = standingOf(parts, row);
    if (!standing) return [];
    const texts = [standing.body, ...(row.body === null ? [] : [row.body])];
    return [{ item: itemOf(parts, row, standing), subjects: texts.flatMap((body) => subjectOf(body) ?? []) }];
  });
}

export function keepBoth({ db }: Parts, { id }: { id: string }): Result<null, 'not-found'> {
  const { changes } = sql(db, 'UPDATE duplicate SET kept = 1 WHERE id = ? AND kept = 0').run(id);
  return changes > 0 ? { ok: true, value: null } : { ok: false, error: { code: 'not-found' } };
}

function itemOf({ cache }: Parts, row: Row, { id, versionId }: { id: string; versionId: string }): Duplicate {
  return {
    id: row.id,
    kind: row.kind,
    patientId: row.patient,
    patient: patientNameOf(cache, row.patient),
    resourceType: row.type === 'Encounter' ? 'Encounter' : 'Specimen',
    resourceId: id,
    versionId,
    title: bound(row.title),
    madeAt: row.madeAt,
    number: row.value,
    other: row.body === null ? null : otherOf(row.other, JSON.parse(row.body)),
    foundAt: row.foundAt,
    withheld: false,
  };
}

/** What the other one is, in the record's own words. */
function otherOf(id: string, resource: unknown): NonNullable<Duplicate['other']> {
  const type = items(resource, 'type')[0] ?? field(resource, 'type');
  const reason = conceptText(items(resource, 'reasonCode')[0]);
  const words = [
    conceptText(type),
    text(field(resource, 'class'), 'display') ?? text(field(resource, 'class'), 'code'),
    reason,
  ];
  const collected = dateText(field(resource, 'collection', 'collectedDateTime'));
  return {
    id,
    title: bound(words.filter(Boolean).join(', ')),
    start: dateText(field(resource, 'period', 'start')) ?? collected,
    end: dateText(field(resource, 'period', 'end')),
  };
}
