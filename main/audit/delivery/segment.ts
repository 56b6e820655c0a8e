import * as z from 'zod';
import type { FindingCode } from '../../../preload/contract/audit.ts';
import { base64Of } from '../log/base64.ts';
import { type Checkpoint, openCheckpoint } from '../log/checkpoint.ts';
import { type CompactRange, isConsistent, isRange, rootOf } from '../log/merkle.ts';
import type { NoteVerifier } from '../log/note.ts';
import { createWalk } from '../log/verify.ts';

/*
 * A part of the log in the clear: NDJSON, first the header, then one entry a line. With the public key of its log alone
 * it can be checked: the hashes before it and its entries give the root at its end, which the checkpoint has signed.
 */

const proof = z.array(z.string().length(44)).max(200);
const position = z.int().min(0);

const headerSchema = z
  .strictObject({
    format: z.literal('wardlight-audit-segment'),
    version: z.literal(1),
    origin: z.string().max(200),
    /** Entries from `first` to before `end`. */
    first: position,
    end: position,
    /** Signed note over `end` entries or more. */
    checkpoint: z.string().max(2_000),
    /** Roots of the full subtrees before `first`: where the segment before this one has ended. */
    inclusion: proof,
    /** That the log up to `first` is the beginning of the one up to `end`; for who has no entries (RFC 9162, 2.1.4). */
    consistency: proof,
    /** The same from `end` to the checkpoint's size; empty where they are one. */
    extension: proof,
  })
  .refine(({ first, end }) => first < end);
export type SegmentHeader = z.infer<typeof headerSchema>;

/** A segment as text. */
export function segmentText(header: SegmentHeader, leaves: readonly string[]): string {
  return `${[JSON.stringify(header), ...leaves].join('\n')}\n`;
}

const DIGITS = 12;

/** The name of a segment wherever it is kept; the same whenever it is brought. */
export function segmentName(origin: string, first: number, end: number): string {
  const id = origin.slice(origin.lastIndexOf('/') + 1);
  const padded = (number: number) => String(number).padStart(DIGITS, '0');
  return `audit/${id}/${padded(first)}-${padded(end)}.jwe`;
}

export interface SegmentFinding {
  readonly code: FindingCode;
  readonly first: number;
  readonly end: number;
}

export interface Segment {
  readonly header: SegmentHeader;
  readonly leaves: readonly string[];
}

/** Reads a segment; null where it is none, or not whole. */
export function readSegment(text: string): Segment | null {
  if (!text.endsWith('\n')) return null;
  const [line = '', ...leaves] = text.slice(0, -1).split('\n');
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return null;
  }
  const header = headerSchema.safeParse(said);
  if (!header.success || leaves.length !== header.data.end - header.data.first) return null;
  return { header: header.data, leaves };
}

/** What is wrong with a segment, by the keys that its log may be signed with; nothing where it holds. */
export function checkSegment({ header, leaves }: Segment, verifiers: readonly NoteVerifier[]): SegmentFinding[] {
  const { origin, first, end } = header;
  const checkpoint = openCheckpoint(header.checkpoint, verifiers);
  if (checkpoint?.origin !== origin || checkpoint.size < end) return [{ code: 'checkpoint-signature', first, end }];
  const before = rangeOf(first, header.inclusion);
  if (!before) return [{ code: 'checkpoint-root', first, end }];
  const findings: SegmentFinding[] = [];
  const walk = createWalk({
    start: { range: before, chain: null },
    onFinding: (code, from, to) => findings.push({ code, first: from, end: to }),
  });
  leaves.forEach((leaf, at) => {
    walk.entry(first + at, leaf);
  });
  if (checkpoint.size === end) walk.checkpoint(checkpoint);
  else if (!reaches(walk.head()?.range, checkpoint, header.extension)) {
    findings.push({ code: 'checkpoint-root', first, end });
  }
  if (findings.length === 0 && !isGrown(before, walk.head()?.range, header.consistency)) {
    findings.push({ code: 'checkpoint-root', first, end });
  }
  return findings;
}

/** Whether a segment goes on where the one before has ended: the same root at the same place. */
export function follows(segment: Segment, before: Segment): boolean {
  const range = rangeOf(segment.header.first, segment.header.inclusion);
  const start = rangeOf(before.header.first, before.header.inclusion);
  if (!range || !start || before.header.end !== range.size || before.header.origin !== segment.header.origin)
    return false;
  const walk = createWalk({ start: { range: start, chain: null }, onFinding: () => undefined });
  before.leaves.forEach((leaf, at) => {
    walk.entry(start.size + at, leaf);
  });
  const end = walk.head()?.range;
  return end !== undefined && rootOf(end).equals(rootOf(range));
}

function reaches(range: CompactRange | undefined, checkpoint: Checkpoint, extension: readonly string[]): boolean {
  const hashes = hashesOf(extension);
  if (!range || !hashes) return false;
  const { size: to, root: rootTo } = checkpoint;
  return isConsistent({ from: range.size, to, rootFrom: rootOf(range), rootTo, proof: hashes });
}

function isGrown(before: CompactRange, after: CompactRange | undefined, consistency: readonly string[]): boolean {
  const hashes = hashesOf(consistency);
  if (!after || !hashes) return false;
  const [from, to] = [before.size, after.size];
  return isConsistent({ from, to, rootFrom: rootOf(before), rootTo: rootOf(after), proof: hashes });
}

function hashesOf(texts: readonly string[]): Buffer[] | null {
  const hashes = texts.map(base64Of);
  return hashes.every((one) => one !== null) ? hashes : null;
}

function rangeOf(size: number, texts: readonly string[]): CompactRange | null {
  const hashes = hashesOf(texts);
  const range = hashes && { size, hashes };
  return range && isRange(range) ? range : null;
}
