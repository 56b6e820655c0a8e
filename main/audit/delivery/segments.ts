import { hash } from 'node:crypto';
import type { WriteDb } from '../../cache/open.ts';
import { sql } from '../../cache/statements.ts';
import { CodedError } from '../../cache/store-error.ts';
import { eventOf, rangeAt, storedSubtrees } from '../entries.ts';
import { consistencyProof } from '../log/merkle.ts';
import type { OpenLog } from '../opening.ts';
import { type Receipt, receiptSchema, type SealedSegment } from './receipt.ts';
import { readOrganisationKey, sealSegment } from './seal.ts';
import { segmentName, segmentText } from './segment.ts';

/** A segment that a target has not acknowledged, or has. */
export interface DeliveredSegment extends SealedSegment {
  readonly receipt: Receipt;
}

/** What the audit process does for delivery. */
export interface SegmentOperations {
  /**
   * Seals what was added since the last time, up to about eight megabytes, as far as a checkpoint covers it; null where
   * that is nothing. From then on it is kept until each target has acknowledged it.
   */
  seal(request: { organisationKey: string; time: string }): Promise<SealedSegment | null>;
  /** How far the log is sealed, and when that part of it was. */
  sealed(): { end: number; time: string | null };
  /** The oldest segments that a target has not acknowledged. */
  undelivered(request: { target: string; limit: number }): SealedSegment[];
  sealedBody(request: { first: number }): string;
  /** The events from `first` to before `end`, as JSON. */
  events(request: { first: number; end: number }): { seq: number; event: string }[];
  keepReceipt(request: { first: number; target: string; receipt: Receipt }): void;
  /** What a target has acknowledged, newest first. */
  receipts(request: { target: string; limit: number }): DeliveredSegment[];
}

const SEGMENT_BYTES = 8 * 2 ** 20;

/** The operations on segments of the log that is open. */
export function createSegments(log: () => OpenLog, segmentBytes = SEGMENT_BYTES): SegmentOperations {
  return {
    async seal({ organisationKey, time }) {
      const key = await readOrganisationKey(organisationKey);
      if (!key.ok) throw new CodedError(key.error.code);
      const { db } = log();
      const built = build(log(), segmentBytes);
      if (!built) return null;
      const { first, end, name, text } = built;
      const body = await sealSegment(text, name, key.value);
      const sha256 = hash('sha256', body);
      sql(db, 'INSERT INTO segment (first, "end", name, sha256, body, time) VALUES (?, ?, ?, ?, ?, ?)').run(
        first,
        end,
        name,
        sha256,
        body,
        time,
      );
      return { first, end, name, sha256 };
    },
    sealed() {
      const last = sql(log().db, 'SELECT "end", time FROM segment ORDER BY first DESC LIMIT 1').get();
      return (last as { end: number; time: string } | undefined) ?? { end: 0, time: null };
    },
    undelivered: ({ target, limit }) =>
      sql(
        log().db,
        `SELECT first, "end", name, sha256 FROM segment
         WHERE NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.target = ? AND receipt.first = segment.first)
         ORDER BY first LIMIT ?`,
      ).all(target, limit) as SealedSegment[],
    sealedBody({ first }) {
      const body = sql(log().db, 'SELECT body FROM segment WHERE first = ?').pluck().get(first);
      if (typeof body !== 'string') throw new CodedError('segment-unknown');
      return body;
    },
    events({ first, end }) {
      const rows = sql(log().db, 'SELECT seq, leaf FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq').all(first, end);
      return (rows as { seq: number; leaf: string }[]).map((row) => ({ seq: row.seq, event: eventOf(row) }));
    },
    keepReceipt({ first, target, receipt }) {
      const text = JSON.stringify(receiptSchema.parse(receipt));
      sql(log().db, 'INSERT INTO receipt (target, first, receipt) VALUES (?, ?, ?)').run(target, first, text);
    },
    receipts({ target, limit }) {
      const rows = sql(
        log().db,
        `SELECT segment.first, "end", name, sha256, receipt FROM receipt JOIN segment USING (first)
         WHERE target = ? AND receipt.id IN (SELECT max(id) FROM receipt WHERE target = ? GROUP BY first)
         ORDER BY segment.first DESC LIMIT ?`,
      ).all(target, target, limit) as (SealedSegment & { receipt: string })[];
      return rows.map((row) => ({ ...row, receipt: receiptSchema.parse(JSON.parse(row.receipt)) }));
    },
  };
}

/** The next part of the log in the clear; null where no checkpoint covers anything that isn't sealed yet. */
function build({ db, identity }: OpenLog, bytes: number) {
  const first = (sql(db, 'SELECT max("end") FROM segment').pluck().get() as number | null) ?? 0;
  const covered = (sql(db, 'SELECT max(size) FROM checkpoint').pluck().get() as number | null) ?? 0;
  const leaves = leavesFrom(db, first, covered, bytes);
  if (leaves.length === 0) return null;
  const end = first + leaves.length;
  const { size, note } = sql(db, 'SELECT size, note FROM checkpoint WHERE size >= ? ORDER BY size LIMIT 1').get(
    end,
  ) as {
    size: number;
    note: string;
  };
  const of = storedSubtrees(db);
  const { origin } = identity;
  const header = {
    format: 'wardlight-audit-segment' as const,
    version: 1 as const,
    origin,
    first,
    end,
    checkpoint: note,
    inclusion: rangeAt(db, first).hashes.map(base64),
    consistency: consistencyProof(first, end, of).map(base64),
    extension: consistencyProof(end, size, of).map(base64),
  };
  return { first, end, name: segmentName(origin, first, end), text: segmentText(header, leaves) };
}

/** Entries in order, until they are as many bytes as a segment has; one at least. */
function leavesFrom(db: WriteDb, first: number, end: number, bytes: number): string[] {
  const leaves: string[] = [];
  let room = bytes;
  for (const leaf of db
    .prepare('SELECT leaf FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq')
    .pluck()
    .iterate(first, end) as Iterable<string>) {
    room -= leaf.length;
    if (room < 0 && leaves.length > 0) break;
    leaves.push(leaf);
  }
  return leaves;
}

function base64(hash: Buffer): string {
  return hash.toString('base64');
}
