import type { Finding, FindingCode } from '../../preload/contract/audit.ts';
import type { ReadDb } from '../cache/open.ts';
import { sql } from '../cache/statements.ts';
import { type Anchor, checkpointsIn, type StoredCheckpoint, trusted } from './checkpoints.ts';
import { entriesIn, type StoredEntry, TILE_LEVEL } from './entries.ts';
import { rootOf } from './log/merkle.ts';
import type { NoteVerifier } from './log/note.ts';
import { createWalk, startOf, type Walk } from './log/verify.ts';
import { indexOfEntry, type LookupTable, lookupTables, rowsOf } from './lookup.ts';

export interface VerificationOptions {
  readonly db: ReadDb;
  readonly verifier: NoteVerifier;
  /** Entries that there are. */
  readonly size: number;
  readonly anchor: Anchor | null;
  readonly onFinding: (finding: Finding) => void;
}

/** Entries, or rows of an index, between two pauses: about five milliseconds. */
const SLICE = 100;
const ROWS = 5_000;

/**
 * Verifies a whole log: every entry, checkpoint, kept hash and index. It pauses often, since events are recorded
 * meanwhile, and tells then how many entries it has been through.
 */
export function* verification(options: VerificationOptions): Generator<number, void> {
  const { db, verifier, size, onFinding } = options;
  const log = verifier.name;
  const tell = (code: FindingCode, first: number, end: number) => onFinding({ code, log, first, end });
  let at = -1;
  const walk = createWalk({
    start: startOf(log),
    onFinding: tell,
    onNode(level, hash) {
      if (level === TILE_LEVEL) checkTile(db, at, hash, tell);
    },
  });
  const counts: Counts = { about: 0, agent: 0, moment: 0, kind: 0 };
  for (let first = 0; first < size; first += SLICE) {
    const end = Math.min(size, first + SLICE);
    const marks = checkpointsIn(db, first, end);
    for (const entry of entriesIn(db, first, end)) {
      at = entry.seq;
      passMarks(walk, marks, entry.seq, options, tell);
      walk.entry(entry.seq, entry.leaf, entry.hash);
      checkLookup(db, entry, counts, tell);
    }
    passMarks(walk, marks, end, options, tell);
    yield end;
  }
  if (walk.size() < size) tell('entry-missing', walk.size(), size);
  yield* countRows(options, counts, tell);
}

type Tell = (code: FindingCode, first: number, end: number) => void;

/** Compares the walk with the checkpoints that it has come to. */
function passMarks(
  walk: Walk,
  marks: StoredCheckpoint[],
  upTo: number,
  { verifier, anchor }: VerificationOptions,
  tell: Tell,
): void {
  for (let mark = marks[0]; mark && mark.size <= upTo; mark = marks[0]) {
    marks.shift();
    const checkpoint = trusted(mark, verifier);
    if (!checkpoint) tell('checkpoint-signature', mark.size, mark.size);
    else if (walk.size() === mark.size) walk.checkpoint(checkpoint, mark.frontier);
    if (checkpoint && !rootOf(mark.frontier).equals(checkpoint.root)) tell('hashes-altered', 0, mark.size);
  }
  const head = anchor && walk.size() === anchor.size ? walk.head() : null;
  if (anchor && head && rootOf(head.range).toString('base64') !== anchor.root) tell('log-differs', 0, anchor.size);
}

function checkTile(db: ReadDb, last: number, hash: Buffer, tell: Tell): void {
  const number = Math.floor(last / 2 ** TILE_LEVEL);
  const kept = sql(db, 'SELECT hash FROM tile WHERE number = ?').pluck().get(number) as Buffer | undefined;
  if (!kept?.equals(hash)) tell('hashes-altered', number * 2 ** TILE_LEVEL, (number + 1) * 2 ** TILE_LEVEL);
}

/** Whether the entry is found by what its event says. */
function checkLookup(db: ReadDb, entry: StoredEntry, counts: Counts, tell: Tell): void {
  const rows = rowsOf(indexOfEntry(entry));
  for (const [table, column] of lookupTables) {
    const isThere = sql(db, `SELECT 1 FROM ${table} WHERE ${column} = ? AND seq = ?`);
    if (!rows[table].every((value) => isThere.get(value, entry.seq))) tell('index-altered', entry.seq, entry.seq + 1);
    counts[table] += rows[table].length;
  }
}

type Counts = Record<LookupTable, number>;

/** Whether there are no more rows to be found by than there should be. */
function* countRows({ db, size }: VerificationOptions, counts: Counts, tell: Tell) {
  for (const [table, column] of lookupTables) {
    let count = 0;
    const text = `SELECT ${column} AS key, seq FROM ${table} WHERE (${column}, seq) > (?, ?) ORDER BY ${column}, seq LIMIT ${ROWS}`;
    const least = column === 'time' ? Number.MIN_SAFE_INTEGER : '';
    for (let last: Row | undefined = { key: least, seq: -1 }; last; ) {
      const rows = sql(db, text).all(last.key, last.seq) as Row[];
      count += rows.filter((row) => row.seq < size).length;
      last = rows.at(-1);
      yield size;
    }
    if (count !== counts[table]) tell('index-altered', 0, size);
  }
}

interface Row {
  readonly key: string | number;
  readonly seq: number;
}
