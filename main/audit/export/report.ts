import type { NoteVerifier } from '../log/note.ts';
import { type CheckedFile, checkFile, followsOn, type Problem } from './check.ts';

/** One log, as far as the files prove it. */
export interface CheckedLog {
  readonly origin: string;
  /** Entries of the newest checkpoint. */
  readonly size: number;
  /** When that was signed, by the workstation's clock. */
  readonly time: string | null;
  /** Entries that are proved, from … to before …. */
  readonly ranges: readonly (readonly [number, number])[];
  /** Pairs of files that couldn't be compared: neither holds what the other needs. */
  readonly uncompared: readonly (readonly [string, string])[];
}

export interface CheckReport {
  readonly ok: boolean;
  readonly logs: readonly CheckedLog[];
  readonly problems: readonly Problem[];
}

export interface NamedFile {
  readonly name: string;
  /** Reads it from the beginning. */
  readonly lines: () => Iterable<string> | AsyncIterable<string>;
}

/**
 * Verifies files that left one log or several, each by itself and against the others. `first`: entries before it are not
 * asked for.
 */
export async function checkFiles(
  files: readonly NamedFile[],
  verifierOf: (origin: string) => NoteVerifier | null,
  first = 0,
): Promise<CheckReport> {
  const sizes = new Set<number>();
  for (const file of files) {
    for await (const line of file.lines()) {
      for (const size of sizesIn(line)) sizes.add(size);
      break;
    }
  }
  const checked: CheckedFile[] = [];
  for (const { name, lines } of files) checked.push(await checkFile({ name, lines: lines(), verifierOf, sizes }));
  const problems = checked.flatMap((file) => file.problems);
  const origins = [...new Set(checked.flatMap(({ header }) => header?.origin ?? []))];
  const logs = origins.map((origin) => {
    const mine = checked.filter(({ header }) => header?.origin === origin);
    return describeLog(origin, mine, first, problems);
  });
  return { ok: problems.length === 0 && files.length > 0, logs, problems };
}

function sizesIn(header: string): number[] {
  return [...header.matchAll(/"(?:size|end|first)":(\d{1,15})/g)].map((match) => Number(match[1]));
}

function describeLog(origin: string, files: readonly CheckedFile[], first: number, problems: Problem[]): CheckedLog {
  const uncompared: [string, string][] = [];
  files.forEach((one, at) => {
    for (const other of files.slice(at + 1)) {
      const verdict = compare(one, other);
      if (verdict === 'unknown') uncompared.push([one.name, other.name]);
      else if (verdict) problems.push({ code: 'fork', file: `${one.name}, ${other.name}`, ...verdict });
    }
  });
  const segments = files.filter(({ header }) => header?.format === 'wardlight-audit-segment');
  for (const before of segments) {
    for (const after of segments.filter(({ header }) => firstOf(header) === before.checkpoint?.size)) {
      if (!followsOn(before, after)) {
        problems.push({ code: 'proof-wrong', file: after.name, first: 0, end: before.checkpoint?.size ?? 0 });
      }
    }
  }
  const ranges = joined(files.flatMap((file) => file.ranges));
  const newest = files.reduce<CheckedFile['checkpoint']>(
    (best, { checkpoint }) => (checkpoint && checkpoint.size > (best?.size ?? -1) ? checkpoint : best),
    null,
  );
  const isWhole = files.some(({ header }) => header && !isSelection(header));
  const size = newest?.size ?? 0;
  if (isWhole) {
    for (const [from, to] of missing(ranges, first, size)) {
      problems.push({ code: 'gap', file: files.map(({ name }) => name).join(', '), first: from, end: to });
    }
  }
  return { origin, size, time: newest?.time ?? null, ranges, uncompared };
}

type Header = CheckedFile['header'];

function firstOf(header: Header): number | null {
  return header?.format === 'wardlight-audit-segment' ? header.first : null;
}

function isSelection(header: NonNullable<Header>): boolean {
  return header.format === 'wardlight-audit-export' && header.content === 'selected';
}

/** Where two files of one log differ; null where they agree, `unknown` where that can't be told. */
function compare(one: CheckedFile, other: CheckedFile): { first: number; end: number } | 'unknown' | null {
  const [fewer, more] = one.hashes.size <= other.hashes.size ? [one, other] : [other, one];
  for (const [seq, hash] of fewer.hashes) {
    const same = more.hashes.get(seq);
    if (same && !same.equals(hash)) return { first: seq, end: seq + 1 };
  }
  if (!one.checkpoint || !other.checkpoint) return null;
  const [older, newer] =
    one.checkpoint.size <= other.checkpoint.size ? ([one, other] as const) : ([other, one] as const);
  const { size, root } = older.checkpoint as NonNullable<CheckedFile['checkpoint']>;
  const there = size === 0 ? root : newer.rootAt(size);
  if (!there) return 'unknown';
  return there.equals(root) ? null : { first: 0, end: size };
}

function joined(ranges: readonly (readonly [number, number])[]): [number, number][] {
  const all: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}

function* missing(ranges: readonly (readonly [number, number])[], first: number, size: number) {
  let at = first;
  for (const [from, to] of ranges) {
    if (from > at) yield [at, from] as const;
    at = Math.max(at, to);
  }
  if (at < size) yield [at, size] as const;
}
