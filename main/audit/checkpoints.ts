import type { ReadDb, WriteDb } from '../cache/open.ts';
import { sql } from '../cache/statements.ts';
import { type Checkpoint, openCheckpoint, signCheckpoint } from './log/checkpoint.ts';
import { type CompactRange, rootOf } from './log/merkle.ts';
import type { NoteSigner, NoteVerifier } from './log/note.ts';
import type { Head } from './log/verify.ts';

/** How a log stands, as it is kept outside of it. */
export interface Anchor {
  readonly origin: string;
  readonly size: number;
  /** Base64. */
  readonly root: string;
  readonly chain: string;
  /** ISO instant, by the workstation's clock. */
  readonly time: string;
}

/** A checkpoint as it stands in the log. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly note: string;
  readonly frontier: CompactRange;
}

/** A checkpoint that was signed now, and what is to be kept of it outside. */
export interface SignedCheckpoint {
  readonly note: string;
  readonly anchor: Anchor;
}

interface Row {
  readonly size: number;
  readonly note: string;
  readonly frontier: Buffer;
}

const HASH_BYTES = 32;

function fromRow({ size, note, frontier }: Row): StoredCheckpoint {
  const hashes = Array.from({ length: Math.floor(frontier.length / HASH_BYTES) }, (_, at) =>
    frontier.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
  return { size, note, frontier: { size, hashes } };
}

/** The newest checkpoint of at most `size` entries. */
export function lastCheckpoint(db: ReadDb, size = Number.MAX_SAFE_INTEGER): StoredCheckpoint | null {
  const row = sql(db, 'SELECT size, note, frontier FROM checkpoint WHERE size <= ? ORDER BY size DESC LIMIT 1').get(
    size,
  );
  return row ? fromRow(row as Row) : null;
}

/** Checkpoints of more than `after` entries, up to `upTo`, in order. */
export function checkpointsIn(db: ReadDb, after: number, upTo: number): StoredCheckpoint[] {
  const rows = sql(db, 'SELECT size, note, frontier FROM checkpoint WHERE size > ? AND size <= ? ORDER BY size').all(
    after,
    upTo,
  ) as Row[];
  return rows.map(fromRow);
}

/** What a stored checkpoint says, if the log's key has signed it for this place. */
export function trusted({ size, note }: StoredCheckpoint, verifier: NoteVerifier): Checkpoint | null {
  const opened = openCheckpoint(note, [verifier]);
  return opened?.origin === verifier.name && opened.size === size ? opened : null;
}

/** Signs how the log stands, and keeps it. */
export function signHead(db: WriteDb, head: Head, signer: NoteSigner, time: string): SignedCheckpoint {
  const { range, chain } = head;
  const checkpoint: Checkpoint = { origin: signer.name, size: range.size, root: rootOf(range), chain, time };
  const note = signCheckpoint(checkpoint, signer);
  sql(db, 'INSERT INTO checkpoint (size, note, frontier) VALUES (?, ?, ?)').run(
    range.size,
    note,
    Buffer.concat(range.hashes),
  );
  return { note, anchor: anchorOf(checkpoint) };
}

export function anchorOf({ origin, size, root, chain, time }: Checkpoint): Anchor {
  return { origin, size, root: root.toString('base64'), chain: chain.toString('base64'), time };
}

/** The largest size that was anchored; null where none was. */
export function anchoredSize(db: ReadDb): number | null {
  return (sql(db, 'SELECT size FROM anchored').pluck().get() as number | undefined) ?? null;
}

export function setAnchored(db: WriteDb, size: number): void {
  sql(
    db,
    'INSERT INTO anchored (one, size) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET size = max(size, excluded.size)',
  ).run(size);
}
