import type { Finding, FindingCode } from '../../../preload/contract/audit.ts';
import type { ReadDb, WriteDb } from '../../cache/open.ts';
import { sql } from '../../cache/statements.ts';
import { CodedError } from '../../cache/store-error.ts';
import { type Anchor, lastCheckpoint } from '../checkpoints.ts';
import { rangeAt } from '../entries.ts';
import { keepFinding } from '../findings.ts';
import { type Checkpoint, openCheckpoint } from '../log/checkpoint.ts';
import { rootOf } from '../log/merkle.ts';
import { readVerifier } from '../log/note.ts';
import type { OpenLog } from '../opening.ts';

/** A log of this workstation as a server knows it. */
export interface KnownLog {
  /** The public key, under the log's name. */
  readonly vkey: string;
  /** Signed notes: how it stood, and what didn't agree with that. */
  readonly checkpoints: readonly string[];
}

/** What the audit process does for the enrolment with a server. */
export interface EnrolmentOperations {
  /**
   * Compares the log with what a server knows of this workstation's logs, in the order in which they came there, and
   * keeps what is wrong as findings. The answer is what is to be known of this log from now on.
   */
  compareKnown(request: { server: string; known: readonly KnownLog[] }): { own: KnownLog; size: number };
  /** The server knows the log as it stood at that size. */
  enrolled(request: { server: string; size: number }): void;
}

/** Histories that are kept beside our own; each is told, and nobody needs a hundred to see it. */
const OTHERS_MAX = 16;

type Tell = (finding: Omit<Finding, 'log'> & { readonly log?: string }) => void;

/** The operations on the log that is open. */
export function createEnrolmentOperations(log: () => OpenLog): EnrolmentOperations {
  return {
    compareKnown({ server, known }) {
      const { db, identity } = log();
      const newest = lastCheckpoint(db);
      if (!newest) throw new CodedError('checkpoint-missing');
      const tell: Tell = ({ log: about = identity.origin, ...finding }) => keepFinding(db, { ...finding, log: about });
      const at = known.findIndex(({ vkey }) => vkey === identity.vkey);
      const before = sql(db, 'SELECT size FROM enrolled WHERE server = ?').pluck().get(server) as number | undefined;
      if (at < 0) {
        if (before !== undefined) tell({ code: 'anchor-missing', first: 0, end: before });
        checkPredecessor(log(), known.at(-1), tell);
      } else tellStrangers(known.slice(at + 1), tell);
      const { others, largest } = compareNotes(log(), known[at]?.checkpoints ?? [], tell);
      if (at >= 0 && before !== undefined && largest < before) {
        tell({ code: 'anchor-behind', first: largest, end: before });
      }
      const own = { vkey: identity.vkey, checkpoints: [...others.slice(0, OTHERS_MAX), newest.note] };
      return { own, size: newest.size };
    },
    enrolled({ server, size }) {
      const text = `INSERT INTO enrolled (server, size) VALUES (?, ?)
        ON CONFLICT (server) DO UPDATE SET size = max(size, excluded.size)`;
      sql(log().db, text).run(server, size);
    },
  };
}

/** Logs that came after this one, which goes on: nothing of this workstation has begun them. */
function tellStrangers(strangers: readonly KnownLog[], tell: Tell): void {
  for (const { vkey } of strangers) tell({ code: 'device-key-changed', log: nameOf(vkey), first: 0, end: 0 });
}

/** A log that the server hears of for the first time must come after the last one that it knows. */
function checkPredecessor({ identity }: OpenLog, last: KnownLog | undefined, tell: Tell): void {
  if (!last) return;
  const predecessor = identity.predecessor === null ? null : (JSON.parse(identity.predecessor) as Anchor);
  const verifier = readVerifier(last.vkey);
  if (!predecessor || !verifier || predecessor.origin !== verifier.name) {
    tellStrangers([last], tell);
    return;
  }
  for (const note of last.checkpoints) {
    const checkpoint = openCheckpoint(note, [verifier]);
    const { origin: log, size } = predecessor;
    if (!checkpoint) continue;
    if (checkpoint.size > size) tell({ code: 'log-truncated', log, first: size, end: checkpoint.size });
    else if (checkpoint.size === size && checkpoint.root.toString('base64') !== predecessor.root) {
      tell({ code: 'log-differs', log, first: 0, end: size });
    }
  }
}

/** Compares the log with notes that are said to be of it; `others`: those of another history, which are evidence. */
function compareNotes(log: OpenLog, notes: readonly string[], tell: Tell): { others: string[]; largest: number } {
  const { db, verifier, head } = log;
  const { size } = head.range;
  const others: string[] = [];
  let largest = 0;
  for (const note of notes) {
    const checkpoint = openCheckpoint(note, [verifier]);
    if (checkpoint?.origin !== verifier.name) {
      tell({ code: 'checkpoint-signature', first: size, end: size });
      continue;
    }
    largest = Math.max(largest, checkpoint.size);
    const code = contradiction(log, checkpoint);
    if (code === null) continue;
    others.push(note);
    const first = code === 'log-truncated' ? size : 0;
    // How much is missing grows less as the log goes on: told once.
    if (!isTold(db, code, verifier.name, checkpoint.size)) tell({ code, first, end: checkpoint.size });
  }
  return { others, largest };
}

/** Why the log can't be the one that the checkpoint was signed for; null where it contains it. */
function contradiction({ db, head }: OpenLog, { size, root }: Checkpoint): FindingCode | null {
  if (size > head.range.size) return 'log-truncated';
  return rootAt(db, size)?.equals(root) ? null : 'log-differs';
}

/** Null where an entry that it would take is missing. */
function rootAt(db: WriteDb, size: number): Buffer | null {
  try {
    return rootOf(rangeAt(db, size));
  } catch {
    return null;
  }
}

function isTold(db: ReadDb, code: FindingCode, log: string, end: number): boolean {
  const text = 'SELECT 1 FROM finding WHERE code = ? AND log = ? AND "end" = ?';
  return sql(db, text).get(code, log, end) !== undefined;
}

/** Name of the log of a key, also of one that is none. */
function nameOf(vkey: string): string {
  return (vkey.split('+')[0] ?? '').slice(0, 200);
}
