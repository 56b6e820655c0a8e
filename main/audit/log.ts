import type { Result } from '../../preload/contract/channel.ts';
import type { StoreError } from '../../preload/contract/session.ts';
import type { Operations } from '../cache/rpc.ts';
import { CodedError, storeErrorOf } from '../cache/store-error.ts';
import { type Anchor, lastCheckpoint, type SignedCheckpoint, setAnchored, signHead, trusted } from './checkpoints.ts';
import { createSegments, type SegmentOperations } from './delivery/segments.ts';
import { createEnrolmentOperations, type EnrolmentOperations } from './enrolment/compare.ts';
import { entryOf, insertEntry } from './entries.ts';
import { keepFinding, type PendingFinding, pendingFindings, settleFinding } from './findings.ts';
import { type EntryIndex, indexOf, updateLookup } from './lookup.ts';
import { type LogRequest, type OpenLog, openLog } from './opening.ts';
import { createReading, type LogReading } from './reading.ts';
import { createSendingOperations, type SendingOperations } from './sending/operations.ts';
import { verification } from './verification.ts';

/** What main learns of a log when it is opened. */
export interface OpenedLog {
  readonly origin: string;
  readonly vkey: string;
  /** Where the log before it stood (`Anchor` as JSON), if that could not be gone on with. */
  readonly predecessor: string | null;
  readonly size: number;
  /** When it was last signed before it was opened, as the checkpoint says. */
  readonly signedAt: string | null;
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
export interface LogOperations extends LogReading, SegmentOperations, SendingOperations, EnrolmentOperations {
  open(request: LogRequest & { readonly time: string }): Result<OpenedLog, StoreError>;
  /** Resolves once the event is on disk; what waits is written together. */
  append(event: string): Promise<{ seq: number }>;
  /** All of them or none; `seq` is that of the first. */
  appendAll(events: readonly string[]): Promise<{ seq: number }>;
  /** Signs how the log stands; null where nothing was added since the last time. */
  checkpoint(request: { time: string }): SignedCheckpoint | null;
  /** The checkpoint of that size is kept outside of the log. */
  anchored(request: { size: number }): void;
  findings(): PendingFinding[];
  settleFinding(request: { id: number; seq: number }): void;
  /** Goes on with verifying the whole log, a slice each time; `anew` begins, with what the anchor outside is now. */
  verify(request: { anew: { anchor: Anchor | null } | null }): VerificationProgress;
  close(): void;
}

/** Entries that are looked through one by one, at most. */
const UNINDEXED_MAX = 4_096;

interface Waiting {
  readonly events: readonly object[];
  readonly resolve: (entry: { seq: number }) => void;
  readonly reject: (error: Error) => void;
}

/** The operations of the audit process. */
export function createAuditLog(segmentBytes?: number): LogOperations & Operations {
  let opened: OpenLog | null = null;
  let waiting: Waiting[] = [];
  /** Entries that can be found by what they are about, and what those after them are found by. */
  let indexed = 0;
  let unindexed: EntryIndex[] = [];
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
      const events = group.flatMap((one) => one.events);
      const write = db.transaction(() => {
        for (const event of events) {
          const entry = entryOf(head, event);
          insertEntry(db, entry);
          head = entry.head;
        }
      });
      write.immediate();
      opened = { ...log(), head };
      for (const event of events) unindexed.push(indexOf(event));
      let seq = before.range.size;
      for (const one of group) {
        one.resolve({ seq });
        seq += one.events.length;
      }
      if (head.range.size - indexed >= UNINDEXED_MAX) setImmediate(makeFindableSoon);
    } catch (error) {
      const code = error instanceof CodedError ? error.code : storeErrorOf(error);
      for (const { reject } of group) reject(new CodedError(code));
    }
  }

  /** What entries are found by, when there is nothing to be written. */
  function makeFindable(): void {
    if (!opened) return;
    const { size } = opened.head.range;
    updateLookup(opened.db, size, { first: size - unindexed.length, indexes: unindexed });
    [indexed, unindexed] = [size, []];
  }

  /** Where there is no room for it now, more is looked through one by one. */
  function makeFindableSoon(): void {
    try {
      makeFindable();
    } catch {
      [indexed, unindexed] = [opened?.head.range.size ?? 0, []];
    }
  }

  function checkpoint({ time }: { time: string }): SignedCheckpoint | null {
    commit();
    const { db, head, signer } = log();
    makeFindable();
    return lastCheckpoint(db)?.size === head.range.size ? null : signHead(db, head, signer, time);
  }

  const appendAll: LogOperations['appendAll'] = (events) =>
    new Promise((resolve, reject) => {
      log();
      if (waiting.length === 0) setImmediate(commit);
      waiting.push({ events: events.map(parsed), resolve, reject });
    });

  return {
    ...createSegments(log, segmentBytes),
    ...createSendingOperations(log),
    ...createEnrolmentOperations(log),
    open({ time, ...request }) {
      const result = openLog(request);
      request.key.fill(0);
      request.seed.fill(0);
      if (!result.ok) return result;
      opened = result.value;
      const { origin, vkey, predecessor } = opened.identity;
      const size = opened.head.range.size;
      const signedAt = lastSigned(opened);
      return { ok: true, value: { origin, vkey, predecessor, size, signedAt, checkpoint: checkpoint({ time }) } };
    },
    append: (event) => appendAll([event]),
    appendAll,
    checkpoint,
    anchored: ({ size }) => setAnchored(log().db, size),
    ...createReading(() => log().db),
    findings: () => pendingFindings(log().db),
    settleFinding: (request) => settleFinding(log().db, request),
    verify({ anew }) {
      const { db, verifier, head } = log();
      if (anew) {
        makeFindable();
        const { size } = head.range;
        const onFinding = (finding: Parameters<typeof keepFinding>[1]) => keepFinding(db, finding);
        verifying = { steps: verification({ db, verifier, size, anchor: anew.anchor, onFinding }), size, checked: 0 };
      }
      if (!verifying) return { checked: 0, size: 0, done: true };
      const step = nextStep(verifying.steps, () => {
        const finding = { code: 'log-damaged', log: verifier.name, first: verifying?.checked ?? 0 } as const;
        keepFinding(db, { ...finding, end: head.range.size });
      });
      if (!step.done) verifying.checked = step.value;
      const { checked, size } = verifying;
      if (step.done) verifying = null;
      return { checked, size, done: step.done === true };
    },
    close() {
      commit();
      opened?.db.close();
      [opened, unindexed] = [null, []];
      verifying = null;
    },
  };
}

function lastSigned({ db, verifier }: OpenLog): string | null {
  const newest = lastCheckpoint(db);
  return (newest && trusted(newest, verifier)?.time) ?? null;
}

/** One step; a file that can't be read on is something that was found, and ends it. */
function nextStep(steps: Generator<number, void>, onDamage: () => void): IteratorResult<number, void> {
  try {
    return steps.next();
  } catch (error) {
    if (storeErrorOf(error) !== 'cache-damaged') throw error;
    onDamage();
    return { done: true, value: undefined };
  }
}

function parsed(event: string): object {
  const value: unknown = JSON.parse(event);
  if (typeof value !== 'object' || value === null) throw new CodedError('audit-event-invalid');
  return value;
}
