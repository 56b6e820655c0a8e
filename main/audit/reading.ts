import type { AuditFilter } from '../../preload/contract/audit.ts';
import type { ReadDb } from '../cache/open.ts';
import { lastCheckpoint } from './checkpoints.ts';
import { entriesIn, rangeAt, type StoredEntry, storedSubtrees } from './entries.ts';
import { type KnownFinding, knownFindings } from './findings.ts';
import { consistencyProof, inclusionProof } from './log/merkle.ts';
import { agentsOf, alarmEntries, queryEntries } from './lookup.ts';

/** What is read of a log, by whoever builds on it. Hashes are base64. */
export interface LogReading {
  query(filter: AuditFilter): StoredEntry[];
  /** Alarms, and what persons have found of them, newest first. */
  alarms(request: { limit: number }): StoredEntry[];
  /** Everybody who has had to do with a patient's records, as references. */
  people(request: { patient: string; limit: number }): string[];
  /** What was found wrong with the log, newest first, and when that was recorded. */
  knownFindings(request: { limit: number }): KnownFinding[];
  /** Entries from `first` to before `end`. */
  range(request: { first: number; end: number }): StoredEntry[];
  /** The newest checkpoint, of at most `size` entries. */
  newestCheckpoint(request: { size: number | null }): { size: number; note: string } | null;
  /** For each entry, that it is among the first `size`. */
  inclusion(request: { seqs: readonly number[]; size: number }): string[][];
  /** That the first `from` entries are the beginning of the first `to`. */
  consistency(request: { from: number; to: number }): string[];
  /** The full subtrees before `first`. */
  frontier(request: { first: number }): string[];
}

/** Reading operations over an open log. */
export function createReading(db: () => ReadDb): LogReading {
  return {
    query: (filter) => queryEntries(db(), filter),
    alarms: ({ limit }) => alarmEntries(db(), limit),
    people: ({ patient, limit }) => agentsOf(db(), patient, limit),
    knownFindings: ({ limit }) => knownFindings(db(), limit),
    range: ({ first, end }) => entriesIn(db(), first, end).map(({ seq, leaf }) => ({ seq, leaf })),
    newestCheckpoint({ size }) {
      const found = lastCheckpoint(db(), size ?? undefined);
      return found && { size: found.size, note: found.note };
    },
    inclusion({ seqs, size }) {
      const of = storedSubtrees(db());
      return seqs.map((seq) => inclusionProof(seq, size, of).map(base64));
    },
    consistency: ({ from, to }) => consistencyProof(from, to, storedSubtrees(db())).map(base64),
    frontier: ({ first }) => rangeAt(db(), first).hashes.map(base64),
  };
}

function base64(hash: Buffer): string {
  return hash.toString('base64');
}
