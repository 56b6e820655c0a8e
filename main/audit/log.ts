import type { AuditFilter } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { StoreError } from '../../preload/contract/session.ts';
import type { Operations } from '../cache/rpc.ts';
import { CodedError, storeErrorOf } from '../cache/store-error.ts';
import { type Anchor, lastCheckpoint, type SignedCheckpoint, setAnchored, signHead } from './checkpoints.ts';
import { entriesIn, entryOf, insertEntry, queryEntries, rangeAt, type StoredEntry, storedSubtrees } from './entries.ts';
import { keepFinding, type PendingFinding, pendingFindings, settleFinding } from './findings.ts';
import { consistencyProof, inclusionProof } from './log/merkle.ts';
import { type LogRequest, type OpenLog, openLog } from './opening.ts';
import { verification } from './verification.ts';

/** What main learns of a log when it is opened. */
export interface OpenedLog {
  readonly origin: string;
  readonly vkey: string;
  /** Where the log before it stood (`Anchor` as JSON), if that could not be gone on with. */
  readonly predecessor: string | null;
  readonly size: number;
  /** Signed now, because it was missing: to be anchored. */
  readonly checkpoint: SignedCheckpoint | null;
}

/** How far a verification of the whole log is. */
export interface VerificationProgress {
  readonly checked: number;
  readonly size: number;
  readonly done: boolean;
}

/** What the audit process does. All of it is of one log. */
export interface LogOperations {
  open(request: LogRequest & { readonly time: string }): Result<OpenedLog, StoreError>;
  /** Resolves once the event is on disk; what waits is written together. */
  append(event: string): Promise<{ seq: number }>;
  /** Signs how the log stands; null where nothing was added since the last time. */
  checkpoint(request: { time: string }): SignedCheckpoint | null;
  /** The checkpoint of that size is kept outside of the log. */
  anchored(request: { size: number }): void;
  query(filter: AuditFilter): StoredEntry[];
  /** Entries from `first` to before `end`. */
  range(request: { first: number; end: number }): StoredEntry[];
  newestCheckpoint(request: { size: number | null }): { size: number; note: string } | null;
  /** Base64 hashes: for each entry, that it is among the first `size`. */
  inclusion(request: { seqs: readonly number[]; size: number }): string[][];
  /** Base64 hashes: that the first `from` entries are the beginning of the first `to`. */
  consistency(request: { from: number; to: number }): string[];
  /** Base64 hashes of the full subtrees before `first`. */
  frontier(request: { first: number }): string[];
  findings(): PendingFinding[];
  settleFinding(request: { id: number; seq: number }): void;
  /** Goes on with verifying the whole log, a slice each time; `anew` begins, with what the anchor outside is now. */
  verify(request: { anew: { anchor: Anchor | null } | null }): VerificationProgress;
  close(): void;
}

interface Waiting {
  readonly event: object;
  readonly resolve: (entry: { seq: number }) => void;
  readonly reject: (error: Error) => void;
}

/** The operations of the audit process. */
export function createAuditLog(): LogOperations & Operations {
  let opened: OpenLog | null = null;
  let waiting: Waiting[] = [];
  let verifying: { steps: Generator<number, void>; size: number; checked: number } | null = null;

  function log(): OpenLog {
    if (!opened) throw new CodedError('audit-closed');
    return opened;
  }

  /** All that waits in one transaction: one write to the disk for all of it. */
  function commit(): void {
    const group = waiting;
    waiting = [];
    if (group.length === 0) return;
    try {
      const { db, head: before } = log();
      let head = before;
      const write = db.transaction(() => {
        for (const { event } of group) {
          const entry = entryOf(head, event);
          insertEntry(db, entry);
          head = entry.head;
        }
      });
      write.immediate();
      opened = { ...log(), head };
      group.forEach(({ resolve }, at) => {
        resolve({ seq: before.range.size + at });
      });
    } catch (error) {
      const code = error instanceof CodedError ? error.code : storeErrorOf(error);
      for (const { reject } of group) reject(new CodedError(code));
    }
  }

  function checkpoint({ time }: { time: string }): SignedCheckpoint | null {
    commit();
    const { db, head, signer } = log();
    return lastCheckpoint(db)?.size === head.range.size ? null : signHead(db, head, signer, time);
  }

  return {
    open({ time, ...request }) {
      const result = openLog(request);
      request.key.fill(0);
      request.seed.fill(0);
      if (!result.ok) return result;
      opened = result.value;
      const { origin, vkey, predecessor } = opened.identity;
      const size = opened.head.range.size;
      return { ok: true, value: { origin, vkey, predecessor, size, checkpoint: checkpoint({ time }) } };
    },
    append: (event) =>
      new Promise((resolve, reject) => {
        log();
        if (waiting.length === 0) setImmediate(commit);
        waiting.push({ event: parsed(event), resolve, reject });
      }),
    checkpoint,
    anchored: ({ size }) => setAnchored(log().db, size),
    query: (filter) => queryEntries(log().db, filter),
    range: ({ first, end }) => entriesIn(log().db, first, end).map(({ seq, leaf }) => ({ seq, leaf })),
    newestCheckpoint({ size }) {
      const found = lastCheckpoint(log().db, size ?? undefined);
      return found && { size: found.size, note: found.note };
    },
    inclusion({ seqs, size }) {
      const of = storedSubtrees(log().db);
      return seqs.map((seq) => inclusionProof(seq, size, of).map(base64));
    },
    consistency: ({ from, to }) => consistencyProof(from, to, storedSubtrees(log().db)).map(base64),
    frontier: ({ first }) => rangeAt(log().db, first).hashes.map(base64),
    findings: () => pendingFindings(log().db),
    settleFinding: (request) => settleFinding(log().db, request),
    verify({ anew }) {
      const { db, verifier, head } = log();
      if (anew) {
        const { size } = head.range;
        const onFinding = (finding: Parameters<typeof keepFinding>[1]) => keepFinding(db, finding);
        verifying = { steps: verification({ db, verifier, size, anchor: anew.anchor, onFinding }), size, checked: 0 };
      }
      if (!verifying) return { checked: 0, size: 0, done: true };
      const step = verifying.steps.next();
      if (!step.done) verifying.checked = step.value;
      const { checked, size } = verifying;
      if (step.done) verifying = null;
      return { checked, size, done: step.done === true };
    },
    close() {
      commit();
      opened?.db.close();
      opened = null;
      verifying = null;
    },
  };
}

function parsed(event: string): object {
  const value: unknown = JSON.parse(event);
  if (typeof value !== 'object' || value === null) throw new CodedError('audit-event-invalid');
  return value;
}

function base64(hash: Buffer): string {
  return hash.toString('base64');
}
