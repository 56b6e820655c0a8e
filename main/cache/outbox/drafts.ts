import type { Draft, DraftItem } from '../../../preload/contract/drafts.ts';
import { labelsOf } from '../ingest/labels.ts';
import type { WriteDb } from '../open.ts';
import type { KeptDraft } from '../operations.ts';
import { sql } from '../statements.ts';
import type { Parts } from './follow.ts';
import { patientNameOf } from './list.ts';
import { serverIdOf } from './rows.ts';

/** Which text it is: of a note, or of a new one where `noteId` is null. One each is kept. */
export type DraftKey = Pick<Draft, 'patientId' | 'noteId'>;

const NOTE = 'DocumentReference';
const NEW = '';

interface Row {
  readonly patient: string;
  readonly note: string;
  readonly kind: Draft['kind'];
  readonly version: string;
  readonly title: string;
  readonly body: string;
  readonly changedAt: string;
  readonly labels: string | null;
}

const SELECT = 'SELECT patient, note, kind, version, title, body, changed_at AS changedAt, labels FROM draft';

/** Takes the place of the draft that there was. */
export function keepDraft({ db }: Pick<Parts, 'db'>, draft: KeptDraft<Draft>): void {
  const replace = db.transaction(() => {
    dropDraft(db, draft);
    const { patientId, noteId, kind, versionId, title, body, changedAt, labels } = draft;
    sql(
      db,
      'INSERT INTO draft (patient, note, kind, version, title, body, changed_at, labels) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(
      ...[patientId, noteOf(db, noteId), kind, versionId, title, body, changedAt],
      labels && JSON.stringify(labels),
    );
  });
  replace.immediate();
}

/** A note that was written here may be known by its local id or by the server's: both are the same draft. */
export function dropDraft(db: WriteDb, { patientId, noteId }: DraftKey): void {
  sql(
    db,
    `DELETE FROM draft WHERE patient = @patient AND (note = @note OR
       (@note <> '' AND note IN (SELECT local FROM alias WHERE type = '${NOTE}' AND server = @note)))`,
  ).run({ patient: patientId, note: noteOf(db, noteId) });
}

/** Drafts of one patient, or of all; the newest first. */
export function listDrafts(parts: Parts, { patientId }: { patientId?: string | undefined }): KeptDraft<DraftItem>[] {
  const rows = (
    patientId === undefined
      ? sql(parts.db, `${SELECT} ORDER BY changed_at DESC`).all()
      : sql(parts.db, `${SELECT} WHERE patient = ? ORDER BY changed_at DESC`).all(patientId)
  ) as Row[];
  return rows.map(({ patient, note, version, labels, ...rest }) => ({
    ...rest,
    labels: labels === null ? null : labelsOf(labels),
    patientId: patient,
    patient: patientNameOf(parts.cache, patient),
    noteId: note === NEW ? null : serverIdOf(parts.db, NOTE, note),
    versionId: version,
  }));
}

function noteOf(db: WriteDb, noteId: string | null): string {
  return noteId === null ? NEW : serverIdOf(db, NOTE, noteId);
}
