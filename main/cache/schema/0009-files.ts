import type { Database } from 'better-sqlite3-multiple-ciphers';
import { bucketOf, documentBucket } from '../ingest/buckets.ts';

interface Document {
  readonly rid: number;
  readonly patient: number;
  readonly type: number;
  readonly body: string;
}

/**
 * Documents that are files get a bucket of their own, so that they are listed as what they are and not as notes that
 * nobody can read. The resources stay as they are; what is read as text keeps its place.
 */
export function separateFiles(db: Database): void {
  const documents = db.prepare(
    `SELECT e.rid, e.patient, e.type, r.body FROM entry e JOIN resource r ON r.rid = e.rid
     WHERE e.type = (SELECT tid FROM term WHERE text = 'DocumentReference') AND e.bucket = ${documentBucket.note}`,
  );
  const move = db.prepare(
    `UPDATE entry SET bucket = ${documentBucket.file}
     WHERE patient = @patient AND type = @type AND bucket = ${documentBucket.note} AND rid = @rid`,
  );
  // By it the entry is found again when the record changes.
  const note = db.prepare(`UPDATE resource SET bucket = ${documentBucket.file} WHERE rid = ?`);
  for (const { body, ...document } of documents.all() as Document[]) {
    if (bucketOf('DocumentReference', JSON.parse(body)) !== documentBucket.file) continue;
    move.run(document);
    note.run(document.rid);
  }
}
