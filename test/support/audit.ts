import { type Audit, type AuditOptions, createAudit } from '../../main/audit/audit.ts';
import { entriesIn } from '../../main/audit/entries.ts';
import type { Reserve } from '../../main/audit/reserve.ts';
import { auditMigrations } from '../../main/audit/schema.ts';
import type { AuditStore } from '../../main/audit/store.ts';
import { openDatabase, type WriteDb } from '../../main/cache/open.ts';
import { recorder } from '../unit/audit/support.ts';

const nothing = () => undefined;

/** As if there were no room beside the log. */
export const noReserve: Reserve = {
  prepare: async () => false,
  keep: async () => false,
  kept: async () => [],
  clear: async () => undefined,
  close: async () => undefined,
};

/** Audit as the program has it, with a timer that never rings and no reserve unless the test brings them. */
export function auditWith(options: Pick<AuditOptions, 'open'> & Partial<AuditOptions>): Audit {
  return createAudit({
    reserve: noReserve,
    recorder: async () => recorder,
    now: () => Date.now(),
    newId: () => crypto.randomUUID(),
    after: () => nothing,
    checkpointMs: 60_000,
    onStatus: nothing,
    ...options,
  });
}

/** A log that is somewhere else, and was there before: `append` is what it does with an event. */
export function storeThat(append: AuditStore['append'], change: Partial<AuditStore> = {}): AuditStore {
  const refuse = () => Promise.reject(new Error('not asked for'));
  return {
    segments: {
      seal: refuse,
      sealed: refuse,
      undelivered: refuse,
      sealedBody: refuse,
      events: refuse,
      keepReceipt: refuse,
      receipts: refuse,
    },
    sendings: { alarmsDue: refuse, keepOutcome: refuse, outcomes: refuse, signRequest: refuse },
    identity: { origin: 'wardlight.org/audit/test', vkey: '', predecessor: null },
    openedSize: 1,
    signedAt: null,
    append,
    async appendAll(events) {
      const kept = await Promise.all(events.map(append));
      return kept[0] ?? { seq: 0 };
    },
    checkpoint: async () => null,
    query: refuse,
    alarms: refuse,
    people: refuse,
    knownFindings: refuse,
    range: refuse,
    newestCheckpoint: refuse,
    inclusion: refuse,
    consistency: refuse,
    frontier: refuse,
    compareKnown: refuse,
    enrolled: refuse,
    findings: async () => [],
    settleFinding: refuse,
    verify: refuse,
    close: async () => undefined,
    ...change,
  };
}

/** A log that keeps what it is given in a list. */
export function storeInto(kept: string[]): AuditStore {
  return storeThat(async (event) => ({ seq: kept.push(event) - 1 }));
}

/** The log's file, opened with its key and without what the program does to a file that it opens. */
export function openLogFile(file: string, key: Uint8Array): WriteDb {
  const migrations = auditMigrations({ origin: '', vkey: '', predecessor: null }).map(() => nothing);
  const opened = openDatabase({ file, key, mode: 'write', migrations });
  if (!opened.ok) throw new Error(opened.error.code);
  return opened.value;
}

/** Events of a log's file, oldest first, without those by which the log begins. */
export function eventsInFile(file: string, key: Uint8Array): Record<string, unknown>[] {
  const db = openLogFile(file, key);
  const entries = entriesIn(db, 0, Number.MAX_SAFE_INTEGER);
  db.close();
  const events = entries.map(({ leaf }) => (JSON.parse(leaf) as { event: Record<string, unknown> }).event);
  return events.filter((event) => !JSON.stringify(event['subtype'] ?? '').includes('110134'));
}
