import type { ReadDb, WriteDb } from '../cache/open.ts';
import { sql } from '../cache/statements.ts';
import { leafOf, readLeaf } from './log/entry.ts';
import { type CompactRange, leafHash, rangeBefore, type SubtreeHash, subtreesOf } from './log/merkle.ts';
import { type Head, headAfter } from './log/verify.ts';
import { packed, unpacked } from './packing.ts';

/** An entry as it stands in the log. */
export interface StoredEntry {
  readonly seq: number;
  readonly leaf: string;
}

/** An entry that is about to be written, and how the log stands after it. */
export interface NewEntry extends StoredEntry {
  readonly hash: Buffer;
  readonly tile: { readonly number: number; readonly hash: Buffer } | null;
  readonly head: Head;
}

/** Leaves below one kept root: proofs read that many hashes at most beside the kept ones. */
export const TILE_LEVEL = 8;
const TILE = 2 ** TILE_LEVEL;

/** The entry that an event becomes at the end of a log. */
export function entryOf(head: Head, event: object): NewEntry {
  const seq = head.range.size;
  const leaf = leafOf({ seq, previous: head.chain, event });
  const hash = leafHash(leaf);
  let tile: NewEntry['tile'] = null;
  const after = headAfter(head, hash, (level, root) => {
    if (level === TILE_LEVEL) tile = { number: Math.floor(seq / TILE), hash: root };
  });
  return { seq, leaf, hash, tile, head: after };
}

/** Writes an entry. What it is found by follows (`lookup.ts`): nobody waits for that. */
export function insertEntry(db: WriteDb, { seq, leaf, hash, tile }: NewEntry): void {
  sql(db, 'INSERT INTO entry (seq, leaf, hash) VALUES (?, ?, ?)').run(seq, packed(leaf), hash);
  if (tile) sql(db, 'INSERT INTO tile (number, hash) VALUES (?, ?)').run(tile.number, tile.hash);
}

/** Entries from `first` to before `end`, in order. */
export function entriesIn(db: ReadDb, first: number, end: number): (StoredEntry & { hash: Buffer })[] {
  const rows = sql(db, 'SELECT seq, leaf, hash FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq').all(first, end);
  return (rows as (PackedEntry & { hash: Buffer })[]).map(({ hash, ...row }) => ({ ...entryIn(row), hash }));
}

/** An entry as its row holds it. */
export interface PackedEntry {
  readonly seq: number;
  readonly leaf: Uint8Array;
}

/** The entry of a row. */
export function entryIn({ seq, leaf }: PackedEntry): StoredEntry {
  return { seq, leaf: unpacked(leaf) };
}

/** Hashes of subtrees of the log as it is kept: by the kept roots, and by single hashes where it is smaller. */
export function storedSubtrees(db: ReadDb): SubtreeHash {
  const tiles = new Map<number, Buffer>();
  const tile = (number: number) => {
    const known = tiles.get(number);
    if (known) return known;
    const hash = sql(db, 'SELECT hash FROM tile WHERE number = ?').pluck().get(number) as Buffer | undefined;
    if (hash) tiles.set(number, hash);
    return hash;
  };
  let leaves: { first: number; hashes: Buffer[] } = { first: -1, hashes: [] };
  const leaf = (seq: number) => {
    const first = seq - (seq % TILE);
    if (leaves.first !== first || leaves.hashes.length <= seq - first) {
      const read = sql(db, 'SELECT hash FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq').pluck();
      leaves = { first, hashes: read.all(first, first + TILE) as Buffer[] };
    }
    return leaves.hashes[seq - first];
  };
  return subtreesOf((first, end) => {
    if (end - first === 1) return leaf(first);
    return end - first === TILE && first % TILE === 0 ? tile(first / TILE) : undefined;
  });
}

/** Where the log stood after its first `size` entries. */
export function rangeAt(db: ReadDb, size: number): CompactRange {
  return rangeBefore(size, storedSubtrees(db));
}

/** The event of an entry, as text. */
export function eventOf({ leaf }: StoredEntry): string {
  return readLeaf(leaf)?.event ?? '{}';
}
