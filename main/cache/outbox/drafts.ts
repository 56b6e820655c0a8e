import type { Draft, DraftItem, DraftKey } from '../../../preload/contract/drafts.ts';
import { fieldLayer } from '../fields/layer.ts';
import { labelsOf } from '../ingest/labels.ts';
import type { ReadDb, WriteDb } from '../open.ts';
import type { KeptDraft } from '../operations.ts';
import { sql } from '../statements.ts';
import { CodedError } from '../store-error.ts';
import type { Parts } from './follow.ts';
import { patientNameOf } from './list.ts';
import { serverIdOf } from './rows.ts';

const NEW = '';

interface Row {
  readonly patient: string;
  readonly type: Draft['resourceType'];
  readonly resource: string;
  readonly kind: Draft['kind'];
  readonly version: string;
  readonly title: string;
  readonly body: string;
  readonly changedAt: string;
  readonly labels: string | null;
  readonly sealed: number;
}

const SELECT =
  'SELECT patient, type, resource, kind, version, title, body, changed_at AS changedAt, labels, sealed FROM draft';

/** Takes the place of the draft that there was: one each is kept of a record, and of a new one of a type. */
export function keepDraft({ db }: Pick<Parts, 'db'>, draft: KeptDraft<Draft>): void {
  const replace = db.transaction(() => {
    dropDraft(db, draft);
    const { patientId, resourceType, kind, versionId, title, body, changedAt, labels, sealed } = draft;
    const resource = resourceOf(db, draft);
    const typed = typeof body === 'string' ? body : JSON.stringify(body);
    const text = sealed
      ? fieldLayer(db).close(typed, belonging({ patient: patientId, type: resourceType, resource, changedAt }))
      : typed;
    sql(
      db,
      `INSERT INTO draft (patient, type, resource, kind, version, title, body, changed_at, labels, sealed)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      ...[patientId, resourceType, resource, kind, versionId, title],
      ...[text, changedAt, labels && JSON.stringify(labels), sealed ? 1 : 0],
    );
  });
  replace.immediate();
}

/** A record that was written here may be known by its local id or by the server's: both are the same draft. */
export function dropDraft(db: WriteDb, key: DraftKey): void {
  sql(
    db,
    `DELETE FROM draft WHERE patient = @patient AND type = @type AND (resource = @resource OR
       (@resource <> '' AND resource IN (SELECT local FROM alias WHERE type = @type AND server = @resource)))`,
  ).run({ patient: key.patientId, type: key.resourceType, resource: resourceOf(db, key) });
}

/** Drafts of one patient, or of all; the newest first. */
export function listDrafts(parts: Parts, { patientId }: { patientId?: string | undefined }): KeptDraft<DraftItem>[] {
  const rows = (
    patientId === undefined
      ? sql(parts.db, `${SELECT} ORDER BY changed_at DESC`).all()
      : sql(parts.db, `${SELECT} WHERE patient = ? ORDER BY changed_at DESC`).all(patientId)
  ) as Row[];
  return rows.map((row) => itemOf(parts, row));
}

type Closed = Pick<Row, 'patient' | 'type' | 'resource' | 'changedAt'>;

/** One text can't stand in for another, nor an older one for the newest. */
function belonging({ patient, type, resource, changedAt }: Closed) {
  return { type: `draft ${type}`, id: `${patient}/${resource}`, at: 'body', version: changedAt };
}

/** What was typed. @throws where a sealed one was put in the place of another. */
export function draftBody(db: ReadDb, row: Closed & { readonly body: string; readonly sealed: number }): string {
  if (row.sealed === 0) return row.body;
  const text = fieldLayer(db).open(row.body, belonging(row));
  if (text === null) throw new CodedError('cache-damaged');
  return text;
}

function itemOf({ db, cache }: Parts, row: Row): KeptDraft<DraftItem> {
  const { patient, type, resource, version, labels } = row;
  const { kind, title, changedAt } = row;
  const body = draftBody(db, row);
  return {
    kind,
    title,
    changedAt,
    sealed: row.sealed === 1,
    body: type === 'DocumentReference' ? body : JSON.parse(body),
    labels: labels === null ? null : labelsOf(labels),
    patientId: patient,
    patient: patientNameOf(cache, patient),
    resourceType: type,
    resourceId: resource === NEW ? null : serverIdOf(db, type, resource),
    versionId: version,
    // What was kept had the shape of its type.
  } as KeptDraft<DraftItem>;
}

function resourceOf(db: WriteDb, { resourceType, resourceId }: DraftKey): string {
  return resourceId === null ? NEW : serverIdOf(db, resourceType, resourceId);
}
