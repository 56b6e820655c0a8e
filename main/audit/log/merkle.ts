import { hash as digest } from 'node:crypto';

/*
 * The Merkle tree of RFC 6962 section 2.1 and RFC 9162 section 2.1, with SHA-256. A node that is not there is a bug of the
 * caller; a proof that doesn't hold is an answer.
 */

const HASH_BYTES = 32;

/** What `size` leaves look like from outside: the roots of the full subtrees that they fall into, largest first. */
export interface CompactRange {
  readonly size: number;
  readonly hashes: readonly Buffer[];
}

export const emptyRange: CompactRange = { size: 0, hashes: [] };

/** RFC 6962 section 2.1: a leaf is hashed behind a zero byte, so that it can't be taken for a node. */
export function leafHash(leaf: string): Buffer {
  return digest('sha256', `\0${leaf}`, 'buffer');
}

/** One and a pair of hashes, written over each time: hashing is done before anybody else asks. */
const pair = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return digest('sha256', pair, 'buffer');
}

/** The range with one leaf more. `onNode` hears of each full subtree of 2^level leaves that the leaf completes. */
export function appended(
  { size, hashes }: CompactRange,
  leaf: Buffer,
  onNode?: (level: number, hash: Buffer) => void,
): CompactRange {
  const kept = [...hashes];
  let node = leaf;
  // As many full subtrees are merged as the size has ones at its end.
  for (let [rest, level] = [size, 1]; rest % 2 === 1; rest = Math.floor(rest / 2), level += 1) {
    node = nodeHash(kept.pop() as Buffer, node);
    onNode?.(level, node);
  }
  kept.push(node);
  return { size: size + 1, hashes: kept };
}

/** Root hash; of nothing it is the hash of an empty text (RFC 6962 section 2.1). */
export function rootOf({ hashes }: CompactRange): Buffer {
  const last = hashes.at(-1);
  if (!last) return digest('sha256', '', 'buffer');
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}

/** Whether as many hashes are there as a range of that size has. */
export function isRange({ size, hashes }: CompactRange): boolean {
  return hashes.length === ones(size) && hashes.every((one) => one.length === HASH_BYTES);
}

function ones(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** Hash of the leaves from `first` to before `end`: `(first, end) => hash`, for the aligned subtrees that proofs consist of. */
export type SubtreeHash = (first: number, end: number) => Buffer;

/** Largest power of two below `size`. */
function split(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

/** Subtree hashes by those that are known: of each single leaf, and of whichever larger ones. */
export function subtreesOf(known: (first: number, end: number) => Buffer | undefined): SubtreeHash {
  const of: SubtreeHash = (first, end) => {
    const hash = known(first, end);
    if (hash) return hash;
    if (end - first <= 1) throw new Error('a leaf is missing');
    const middle = first + split(end - first);
    return nodeHash(of(first, middle), of(middle, end));
  };
  return of;
}

/** PATH of RFC 6962 section 2.1.1: what proves that a leaf is at `index` of a tree of `size` leaves. */
export function inclusionProof(index: number, size: number, of: SubtreeHash): Buffer[] {
  const path = (first: number, end: number): Buffer[] => {
    if (end - first === 1) return [];
    const middle = first + split(end - first);
    return index < middle ? [...path(first, middle), of(middle, end)] : [...path(middle, end), of(first, middle)];
  };
  return path(0, size);
}

/** SUBPROOF of RFC 6962 section 2.1.2: what proves that a tree of `from` leaves is the beginning of one of `to`. */
export function consistencyProof(from: number, to: number, of: SubtreeHash): Buffer[] {
  const proof = (first: number, end: number, whole: boolean): Buffer[] => {
    if (end === from) return whole ? [] : [of(first, end)];
    const middle = first + split(end - first);
    return from <= middle
      ? [...proof(first, middle, whole), of(middle, end)]
      : [...proof(middle, end, false), of(first, middle)];
  };
  return from === 0 || from === to ? [] : proof(0, to, true);
}

/** The full subtrees before `first`, as a compact range: with the leaves from `first` on they give the root. */
export function rangeBefore(first: number, of: SubtreeHash): CompactRange {
  const hashes: Buffer[] = [];
  for (let at = 0; at < first; ) {
    let width = 1;
    while (at % (width * 2) === 0 && at + width * 2 <= first) width *= 2;
    hashes.push(of(at, at + width));
    at += width;
  }
  return { size: first, hashes };
}

/** The root that an inclusion proof leads to; null where it is too short or too long (RFC 9162 section 2.1.3.2). */
export function rootFromInclusion(
  leaf: Buffer,
  { index, size, proof }: { index: number; size: number; proof: readonly Buffer[] },
): Buffer | null {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size)) || index < 0 || index >= size) return null;
  if (leaf.length !== HASH_BYTES) return null;
  let [node, last, root] = [index, size - 1, leaf];
  for (const hash of proof) {
    if (last === 0 || hash.length !== HASH_BYTES) return null;
    if (node % 2 === 1 || node === last) {
      root = nodeHash(hash, root);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else root = nodeHash(root, hash);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 ? root : null;
}

export interface Consistency {
  readonly from: number;
  readonly to: number;
  readonly rootFrom: Buffer;
  readonly rootTo: Buffer;
  readonly proof: readonly Buffer[];
}

/** Whether the tree of `from` leaves, one at least, is the beginning of the one of `to` (RFC 9162 section 2.1.4.2). */
export function isConsistent({ from, to, rootFrom, rootTo, proof }: Consistency): boolean {
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to)) || from < 1 || from > to) return false;
  if (proof.some((hash) => hash.length !== HASH_BYTES)) return false;
  if (from === to) return proof.length === 0 && rootFrom.equals(rootTo);
  const path = isPowerOfTwo(from) ? [rootFrom, ...proof] : [...proof];
  const seed = path.shift();
  if (!seed) return false;
  let [node, last] = [from - 1, to - 1];
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  let [before, after] = [seed, seed];
  for (const hash of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      [before, after] = [nodeHash(hash, before), nodeHash(hash, after)];
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else after = nodeHash(after, hash);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && before.equals(rootFrom) && after.equals(rootTo);
}

function isPowerOfTwo(size: number): boolean {
  return ones(size) === 1;
}
