import type { FindingCode } from '../../../preload/contract/audit.ts';
import type { Checkpoint } from './checkpoint.ts';
import { chained, chainStart, isAtPlace, readLeaf } from './entry.ts';
import { appended, type CompactRange, emptyRange, leafHash, rootOf } from './merkle.ts';

/** Where a log stands after some of its entries. */
export interface Head {
  readonly range: CompactRange;
  readonly chain: Buffer;
}

/** The beginning of a log. */
export function startOf(origin: string): Head {
  return { range: emptyRange, chain: chainStart(origin) };
}

/** The head with one entry more. */
export function headAfter(head: Head, hash: Buffer, onNode?: (level: number, hash: Buffer) => void): Head {
  return { range: appended(head.range, hash, onNode), chain: chained(head.chain, hash) };
}

/** Told of what is wrong, with the entries that it is about. */
export type OnFinding = (code: FindingCode, first: number, end: number) => void;

export interface Walk {
  /** The next entry; `stored` is the hash that was kept of it. */
  entry(seq: number, leaf: string, stored?: Buffer): void;
  /** A checkpoint of as many entries as there were; `frontier` is where to go on if they are not those. */
  checkpoint(checkpoint: Checkpoint, frontier?: CompactRange | null): void;
  /** How many entries there were, gaps included. */
  size(): number;
  /** Up to which entry a checkpoint has confirmed them, without a break from the start of the walk. */
  confirmed(): number;
  /** Where the log stands; null where it can't be told since something was missing. */
  head(): Head | null;
}

export interface WalkOptions {
  /** Where the walk begins. `chain` null: as the first entry says, which the next checkpoint confirms. */
  readonly start: { readonly range: CompactRange; readonly chain: Buffer | null };
  readonly onFinding: OnFinding;
  /** Hears of each full subtree (`appended`). */
  readonly onNode?: (level: number, hash: Buffer) => void;
}

/**
 * Goes through the entries of a log in order, and tells which are not as they were signed. After something wrong it goes
 * on by what the next entry or checkpoint says, so that each thing is told once and where it is.
 */
export function createWalk({ start, onFinding, onNode }: WalkOptions): Walk {
  let size = start.range.size;
  let range: CompactRange | null = start.range;
  let { chain } = start;
  let confirmed = size;
  let isUnbroken = true;
  let since = size;

  function place(seq: number, leaf: string): Buffer | null {
    if (chain && isAtPlace(leaf, seq, chain)) return chain;
    const said = readLeaf(leaf);
    if (!said) onFinding('entry-altered', seq, seq + 1);
    else if (said.seq !== seq) onFinding('entry-misplaced', seq, seq + 1);
    else if (chain) onFinding('chain-broken', Math.max(0, seq - 1), seq + 1);
    return said?.seq === seq ? said.previous : chain;
  }

  return {
    entry(seq, leaf, stored) {
      if (seq < size) {
        onFinding('entry-misplaced', seq, seq + 1);
        return;
      }
      if (seq > size) {
        onFinding('entry-missing', size, seq);
        [range, chain, isUnbroken] = [null, null, false];
      }
      const own = leafHash(leaf);
      const isAltered = stored !== undefined && !own.equals(stored);
      if (isAltered) onFinding('entry-altered', seq, seq + 1);
      // By the kept hash, so that an altered entry is told alone, and not all that follow it.
      const hash = isAltered ? stored : own;
      const previous = isAltered ? chain : place(seq, leaf);
      chain = previous && chained(previous, hash);
      range = range && appended(range, hash, onNode);
      size = seq + 1;
    },
    checkpoint(checkpoint, frontier = null) {
      const holds = range !== null && rootOf(range).equals(checkpoint.root);
      const follows = chain === null || chain.equals(checkpoint.chain);
      if (range !== null && !(holds && follows)) onFinding('checkpoint-root', since, checkpoint.size);
      if (!holds) {
        isUnbroken = false;
        range = frontier && rootOf(frontier).equals(checkpoint.root) ? frontier : null;
      }
      if (holds && follows && isUnbroken) confirmed = checkpoint.size;
      chain = checkpoint.chain;
      since = checkpoint.size;
    },
    size: () => size,
    confirmed: () => confirmed,
    head: () => range && chain && { range, chain },
  };
}
