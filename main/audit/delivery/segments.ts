import { hash } from 'node:crypto';
import type { WriteDb } from '../../cache/open.ts';
import { sql } from '../../cache/statements.ts';
import { CodedError } from '../../cache/store-error.ts';
import { lastCheckpoint, signHead } from '../checkpoints.ts';
import { entriesIn, eventOf, rangeAt, storedSubtrees } from '../entries.ts';
import type { SegmentHeader } from '../export/format.ts';
import { readLeaf } from '../log/entry.ts';
import { consistencyProof } from '../log/merkle.ts';
import type { Head } from '../log/verify.ts';
import type { OpenLog } from '../opening.ts';
import { unpacked } from '../packing.ts';
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
      const built = build(log(), segmentBytes, time);
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
      return entriesIn(log().db, first, end).map((entry) => ({ seq: entry.seq, event: eventOf(entry) }));
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

/**
 * The next part of the log in the clear; null where no checkpoint covers anything that isn't sealed yet. It ends at a
 * checkpoint: where it is cut for its size, one is signed for that place.
 */
function build({ db, identity, signer }: OpenLog, bytes: number, time: string) {
  const first = (sql(db, 'SELECT max("end") FROM segment').pluck().get() as number | null) ?? 0;
  const covered = lastCheckpoint(db)?.size ?? 0;
  const leaves = leavesFrom(db, first, covered, bytes);
  if (leaves.length === 0) return null;
  const end = first + leaves.length;
  const { origin } = identity;
  const header: SegmentHeader = {
    format: 'wardlight-audit-segment',
    version: 1,
    origin,
    first,
    end,
    checkpoint: checkpointAt(db, end) ?? signHead(db, headAt(db, end), signer, time).note,
    consistency: consistencyProof(first, end, storedSubtrees(db)).map(base64),
    inclusion: rangeAt(db, first).hashes.map(base64),
  };
  return { first, end, name: segmentName(origin, first, end), text: segmentText(header, leaves) };
}

function checkpointAt(db: WriteDb, size: number): string | null {
  const found = lastCheckpoint(db, size);
  return found?.size === size ? found.note : null;
}

/** How the log stood after `size` entries, of which there are more: the next one says the chain. */
function headAt(db: WriteDb, size: number): Head {
  const [next] = entriesIn(db, size, size + 1);
  const chain = next && readLeaf(next.leaf)?.previous;
  if (!chain) throw new CodedError('segment-unreadable');
  return { range: rangeAt(db, size), chain };
}

/** Entries in order, until they are as many bytes as a segment has; one at least. */
function leavesFrom(db: WriteDb, first: number, end: number, bytes: number): string[] {
  const leaves: string[] = [];
  const rows = db.prepare('SELECT leaf FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq').pluck();
  let room = bytes;
  for (const kept of rows.iterate(first, end) as Iterable<Uint8Array>) {
    const leaf = unpacked(kept);
    room -= leaf.length;
    if (room < 0 && leaves.length > 0) break;
    leaves.push(leaf);
  }
  return leaves;
}

function base64(hash: Buffer): string {
  return hash.toString('base64');
}
