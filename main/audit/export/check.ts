import type { FindingCode } from '../../../preload/contract/audit.ts';
import { base64Of } from '../log/base64.ts';
import { type Checkpoint, openCheckpoint } from '../log/checkpoint.ts';
import { readLeaf } from '../log/entry.ts';
import {
  type CompactRange,
  emptyRange,
  isConsistent,
  isRange,
  leafHash,
  rootFromInclusion,
  rootOf,
} from '../log/merkle.ts';
import type { NoteVerifier } from '../log/note.ts';
import { createWalk, startOf } from '../log/verify.ts';
import { type ExportHeader, type FileHeader, fileHeader, type SegmentHeader, selectedLine } from './format.ts';

/** What is wrong with files that left a log, beside what can be wrong with the log itself. */
export type CheckCode =
  | FindingCode
  | 'format-invalid'
  /** No key was given by which the log of the file could be verified. */
  | 'key-unknown'
  | 'proof-wrong'
  /** Two files of one log tell two histories. */
  | 'fork'
  /** Entries are in none of the files. */
  | 'gap';

export interface Problem {
  readonly code: CheckCode;
  readonly file: string;
  readonly first: number;
  readonly end: number;
}

/** One file, as far as it holds. */
export interface CheckedFile {
  readonly name: string;
  readonly header: FileHeader | null;
  /** What was signed. */
  readonly checkpoint: Checkpoint | null;
  /** Entries that are proved by it, in order, from `first` to before `end`. */
  readonly ranges: readonly (readonly [number, number])[];
  /** Hashes of its entries, by number. */
  readonly hashes: ReadonlyMap<number, Buffer>;
  /** The tree as it was before each of some sizes; for the comparison with other files. */
  readonly rootAt: (size: number) => Buffer | null;
  readonly problems: readonly Problem[];
}

export interface CheckOptions {
  readonly name: string;
  readonly lines: Iterable<string> | AsyncIterable<string>;
  /** Keys that can be trusted; the one of a log is found by its name. */
  readonly verifierOf: (origin: string) => NoteVerifier | null;
  /** Sizes at which other files of the same log end. */
  readonly sizes?: ReadonlySet<number>;
}

/** Verifies one file by itself: its format, its signature, and each of its entries. */
export async function checkFile(options: CheckOptions): Promise<CheckedFile> {
  const problems: Problem[] = [];
  const tell = (code: CheckCode, first = 0, end = first) => {
    problems.push({ code, file: options.name, first, end });
  };
  const hashes = new Map<number, Buffer>();
  const roots = new Map<number, Buffer>();
  const ranges: [number, number][] = [];
  const lines = iterate(options.lines);
  const first = await lines.next();
  const header = first.done ? null : read(first.value);
  const verifier = header && options.verifierOf(header.origin);
  const checkpoint = header && verifier ? signedFor(header, verifier) : null;
  if (!header) tell('format-invalid');
  else if (!verifier) tell('key-unknown');
  else if (!checkpoint) tell('checkpoint-signature');
  else if (header.format === 'wardlight-audit-export' && header.content === 'selected') {
    await checkSelected({ lines, checkpoint, tell, hashes, ranges });
  } else
    await checkWhole({ lines, header, checkpoint, tell, hashes, ranges, roots, sizes: options.sizes ?? new Set() });
  return {
    name: options.name,
    header,
    checkpoint,
    ranges,
    hashes,
    rootAt: (size) => (checkpoint?.size === size ? checkpoint.root : (roots.get(size) ?? null)),
    problems,
  };
}

async function* iterate(lines: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string, void> {
  for await (const line of lines) if (line !== '') yield line;
}

function read(line: string): FileHeader | null {
  try {
    return fileHeader.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/** The checkpoint of a file, if it is signed for this log and of the size that the file says. */
function signedFor(header: FileHeader, verifier: NoteVerifier): Checkpoint | null {
  const checkpoint = openCheckpoint(header.checkpoint, [verifier]);
  const size = header.format === 'wardlight-audit-export' ? header.size : header.end;
  return checkpoint?.origin === header.origin && checkpoint.size === size ? checkpoint : null;
}

interface Found {
  readonly lines: AsyncGenerator<string, void>;
  readonly checkpoint: Checkpoint;
  readonly tell: (code: CheckCode, first?: number, end?: number) => void;
  readonly hashes: Map<number, Buffer>;
  readonly ranges: [number, number][];
}

async function checkSelected({ lines, checkpoint, tell, hashes, ranges }: Found): Promise<void> {
  const { size, root } = checkpoint;
  const seqs: number[] = [];
  for await (const line of lines) {
    const parsed = selectedLine.safeParse(jsonOf(line));
    if (!parsed.success) {
      tell('format-invalid');
      continue;
    }
    const { seq, leaf, proof } = parsed.data;
    const hash = leafHash(leaf);
    const proved = rootFromInclusion(hash, { index: seq, size, proof: proof.map(bytes) });
    if (!proved?.equals(root)) tell('proof-wrong', seq, seq + 1);
    else if (readLeaf(leaf)?.seq !== seq) tell('entry-misplaced', seq, seq + 1);
    else if (hashes.has(seq)) tell('format-invalid', seq, seq + 1);
    else {
      hashes.set(seq, hash);
      seqs.push(seq);
    }
  }
  for (const seq of seqs.sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === seq) last[1] = seq + 1;
    else ranges.push([seq, seq + 1]);
  }
}

interface Whole extends Found {
  readonly header: ExportHeader | SegmentHeader;
  readonly roots: Map<number, Buffer>;
  readonly sizes: ReadonlySet<number>;
}

async function checkWhole({ lines, header, checkpoint, tell, hashes, ranges, roots, sizes }: Whole): Promise<void> {
  const start = beginning(header);
  if (!start) {
    tell('proof-wrong');
    return;
  }
  const first = start.range.size;
  const isSegment = header.format === 'wardlight-audit-segment';
  const walk = createWalk({ start, onFinding: tell });
  const noteRoot = () => {
    const head = sizes.has(walk.size()) ? walk.head() : null;
    if (head) roots.set(walk.size(), rootOf(head.range));
  };
  if (isSegment) roots.set(first, rootOf(start.range));
  for await (const leaf of lines) {
    // A line that says another number stands where one is missing, or is one too many.
    const seq = readLeaf(leaf)?.seq ?? walk.size();
    if (seq >= checkpoint.size) {
      tell('entry-misplaced', seq, seq + 1);
      continue;
    }
    if (seq >= walk.size()) hashes.set(seq, leafHash(leaf));
    walk.entry(seq, leaf);
    noteRoot();
  }
  if (walk.size() < checkpoint.size) tell('log-truncated', walk.size(), checkpoint.size);
  else walk.checkpoint(checkpoint);
  if (walk.confirmed() === checkpoint.size && checkpoint.size > first) ranges.push([first, checkpoint.size]);
}

/** Where the entries of a file begin. */
function beginning(header: ExportHeader | SegmentHeader): { range: CompactRange; chain: Buffer | null } | null {
  if (header.format === 'wardlight-audit-export') return startOf(header.origin);
  const range = { size: header.first, hashes: header.inclusion.map(bytes) };
  if (header.first === 0) return { range: emptyRange, chain: startOf(header.origin).chain };
  return isRange(range) && header.first < header.end ? { range, chain: null } : null;
}

function bytes(text: string): Buffer {
  return base64Of(text) ?? Buffer.alloc(0);
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** Whether the proof that a segment brings holds for the one before it. */
export function followsOn(before: CheckedFile, after: CheckedFile): boolean {
  const [from, to] = [before.checkpoint, after.checkpoint];
  if (!from || !to || after.header?.format !== 'wardlight-audit-segment') return true;
  const proof = after.header.consistency.map(bytes);
  const { size, root } = from;
  return size === 0 || isConsistent({ from: size, to: to.size, rootFrom: root, rootTo: to.root, proof });
}
