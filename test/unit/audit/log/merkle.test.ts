import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RFC9162 } from '@transmute/rfc9162';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appended,
  type CompactRange,
  consistencyProof,
  emptyRange,
  inclusionProof,
  isConsistent,
  isRange,
  leafHash,
  rangeBefore,
  rootFromInclusion,
  rootOf,
  subtreesOf,
} from '../../../../main/audit/log/merkle.ts';

const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** MTH of RFC 6962 section 2.1, word by word. */
function treeHash(leaves: readonly string[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), Buffer.from(leaves[0] ?? ''));
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return sha256(Buffer.of(1), treeHash(leaves.slice(0, half)), treeHash(leaves.slice(half)));
}

const textsOf = (size: number) => Array.from({ length: size }, (_, at) => `entry ${at}`);
const hashesOf = (size: number) => textsOf(size).map(leafHash);
const known = (hashes: readonly Buffer[]) =>
  subtreesOf((first, end) => (end - first === 1 ? hashes[first] : undefined));
const rangeOf = (size: number) =>
  hashesOf(size).reduce<CompactRange>((range, hash) => appended(range, hash), emptyRange);

interface Vector {
  readonly name: string;
  readonly wantErr: boolean;
  readonly proof: string[] | null;
  readonly [member: string]: unknown;
}

/** Of transparency-dev/merkle (Apache-2.0): proofs by RFC 9162, good ones and spoilt ones. */
const vectors = readFileSync(join(import.meta.dirname, 'rfc9162.ndjson'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);

const bytes = (text: unknown) => Buffer.from(String(text ?? ''), 'base64');

function holds(vector: Vector): boolean {
  const proof = (vector.proof ?? []).map(bytes);
  if (vector.name.startsWith('inclusion')) {
    const at = { index: Number(vector['leafIdx']), size: Number(vector['treeSize']), proof };
    return rootFromInclusion(bytes(vector['leafHash']), at)?.equals(bytes(vector['root'])) === true;
  }
  const [from, to] = [Number(vector['size1']), Number(vector['size2'])];
  return isConsistent({ from, to, rootFrom: bytes(vector['root1']), rootTo: bytes(vector['root2']), proof });
}

describe('security: the Merkle tree, by the test vectors of RFC 9162', () => {
  it('there are as many of them as were copied', () => {
    expect(vectors.filter(({ wantErr }) => wantErr).length).toBeGreaterThan(150);
    expect(vectors.filter(({ wantErr }) => !wantErr).length).toBeGreaterThan(10);
  });

  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => {
    expect(holds(vector)).toBe(!vector.wantErr);
  });
});

describe('the Merkle tree', () => {
  it('has the roots of RFC 6962 at every size', () => {
    for (let size = 0; size <= 130; size += 1) {
      expect(rootOf(rangeOf(size)).equals(treeHash(textsOf(size))), String(size)).toBe(true);
      expect(isRange(rangeOf(size))).toBe(true);
    }
  });

  it('tells of each full subtree as it is completed', () => {
    const told: [number, number][] = [];
    let range = emptyRange;
    for (const [at, hash] of hashesOf(16).entries()) range = appended(range, hash, (level) => told.push([at, level]));
    const pairs = [1, 3, 5, 7, 9, 11, 13, 15].map((at) => [at, 1]);
    const all = [...pairs, [3, 2], [7, 2], [11, 2], [15, 2], [7, 3], [15, 3], [15, 4]];
    expect(told.toSorted()).toEqual(all.toSorted());
  });

  const size = fc.integer({ min: 1, max: 300 });

  it('proves of each leaf that it is there, and of no other', () => {
    const hashes = hashesOf(300);
    const property = fc.property(size, fc.nat(), fc.nat(), (count, one, other) => {
      const [index, wrong] = [one % count, other % count];
      const proof = inclusionProof(index, count, known(hashes));
      const root = treeHash(textsOf(count));
      expect(rootFromInclusion(hashes[index] as Buffer, { index, size: count, proof })?.equals(root)).toBe(true);
      if (wrong === index) return;
      const elsewhere = rootFromInclusion(hashes[index] as Buffer, { index: wrong, size: count, proof });
      expect(elsewhere?.equals(root) === true).toBe(false);
      const forged = rootFromInclusion(hashes[wrong] as Buffer, { index, size: count, proof });
      expect(forged?.equals(root) === true).toBe(false);
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('proves that it begins with each smaller one, and with no other', () => {
    const hashes = hashesOf(300);
    const property = fc.property(size, fc.nat(), fc.nat(), (to, one, bit) => {
      const from = one % (to + 1);
      const proof = consistencyProof(from, to, known(hashes));
      const [rootFrom, rootTo] = [treeHash(textsOf(from)), treeHash(textsOf(to))];
      // Anything begins with nothing: there is nothing to prove.
      expect(isConsistent({ from, to, rootFrom, rootTo, proof })).toBe(from > 0);
      if (from === 0) return;
      const other = Buffer.from(rootFrom);
      other[bit % 32] = (other[bit % 32] ?? 0) ^ 1;
      expect(isConsistent({ from, to, rootFrom: other, rootTo, proof })).toBe(false);
      const [spoilt] = proof;
      if (!spoilt) return;
      const changed = Buffer.from(spoilt);
      changed[bit % 32] = (changed[bit % 32] ?? 0) ^ 1;
      expect(isConsistent({ from, to, rootFrom, rootTo, proof: [changed, ...proof.slice(1)] })).toBe(false);
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('proves by a library that is not ours, too, that it begins with each smaller one, and with no other', async () => {
    const hashes = hashesOf(24);
    for (let to = 2; to <= hashes.length; to += 1) {
      for (let from = 1; from < to; from += 1) {
        const proof = consistencyProof(from, to, known(hashes));
        const [rootFrom, rootTo] = [treeHash(textsOf(from)), treeHash(textsOf(to))];
        // The library leaves step 2 of RFC 9162 section 2.1.4.2 to who calls it.
        const path = Number.isInteger(Math.log2(from)) ? [rootFrom, ...proof] : proof;
        const holds = (first: Uint8Array, consistency_path: Uint8Array[]) =>
          RFC9162.verifyConsistencyProof(first, rootTo, {
            log_id: '',
            tree_size_1: from,
            tree_size_2: to,
            consistency_path,
          });
        expect(await holds(rootFrom, path), `${from} of ${to}`).toBe(true);
        expect(await holds(rootFrom, [...path.slice(0, -1), Buffer.alloc(32)])).toBe(false);
        expect(await holds(treeHash(textsOf(from + 1)), path)).toBe(false);
      }
    }
  });

  it('goes on from the subtrees before any entry', () => {
    const hashes = hashesOf(300);
    for (const [first, end] of [
      [0, 5],
      [1, 2],
      [100, 300],
      [255, 257],
      [256, 300],
      [299, 300],
    ] as const) {
      const before = rangeBefore(first, known(hashes));
      expect(isRange(before)).toBe(true);
      const range = hashes.slice(first, end).reduce<CompactRange>((at, hash) => appended(at, hash), before);
      expect(rootOf(range).equals(treeHash(textsOf(end)))).toBe(true);
    }
  });
});
