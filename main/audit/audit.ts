import type { AuditEvent } from 'fhir/r4';
import type { Result } from '../../preload/contract/channel.ts';
import type { AuditEntry, Recorder } from './events/entry.ts';
import { auditEvent } from './events/event.ts';

type Recorded = Result<void, 'audit-unavailable'>;

/** The record of every access. `ok` means that the event is on disk. */
export interface Audit {
  /** Opens the store, so that the first event needn't wait for it. */
  prepare(): void;
  /** Several belong together: they have one request id, and are on disk all or the answer is that they aren't. */
  record(entries: AuditEntry | readonly AuditEntry[]): Promise<Recorded>;
  /**
   * Records what has happened by itself and nobody waits for. What can't be recorded now is kept in memory, and goes
   * before whatever is recorded next.
   */
  note(entries: AuditEntry | readonly AuditEntry[]): Promise<void>;
  close(): Promise<void>;
}

/** Where events are kept: a database of its own, in a process of its own. */
export interface AuditStore {
  append(event: string): Promise<unknown>;
  close(): Promise<void>;
}

export interface AuditOptions {
  open: () => Promise<Result<AuditStore, string>>;
  recorder: () => Promise<Recorder>;
  now: () => number;
  newId: () => string;
  /** Told of events that are on disk, in their order; the alarms listen. */
  onRecorded?: (events: readonly AuditEvent[]) => void;
}

/** Notes that wait for the store; beyond it the oldest are given up, as memory is no place for a record. */
const NOTES_MAX = 1_000;

/**
 * Opens the store when it is first needed, and anew when it could not be opened or has ended: a keyring that was
 * locked at the start must not keep charts closed after it is unlocked.
 */
export function createAudit({ open, recorder, now, newId, onRecorded = () => undefined }: AuditOptions): Audit {
  let opening: Promise<AuditStore | null> | null = null;
  let waiting: AuditEvent[] = [];

  function store(): Promise<AuditStore | null> {
    if (opening) return opening;
    const attempt = open().then(
      (opened) => (opened.ok ? opened.value : null),
      () => null,
    );
    opening = attempt;
    void attempt.then((opened) => {
      if (!opened && opening === attempt) opening = null;
    });
    return attempt;
  }

  async function append(events: readonly AuditEvent[]): Promise<boolean> {
    const opened = await store();
    if (!opened) return false;
    try {
      // At once, so that the store makes one durable write of what waits together.
      await Promise.all(events.map((event) => opened.append(JSON.stringify(event))));
      return true;
    } catch {
      opening = null;
      await opened.close().catch(() => undefined);
      return false;
    }
  }

  async function write(events: readonly AuditEvent[]): Promise<boolean> {
    const before = waiting;
    waiting = [];
    const all = [...before, ...events];
    // Twice, as the store may have ended since the last event; the same event recorded twice harms nobody.
    const written = (await append(all)) || (await append(all));
    if (written) onRecorded(all);
    else waiting = [...before, ...waiting];
    return written;
  }

  async function eventsOf(given: AuditEntry | readonly AuditEntry[]): Promise<AuditEvent[]> {
    const entries = 'action' in given ? [given] : given;
    const recorded = new Date(now()).toISOString();
    const requestId = newId();
    const by = await recorder();
    return entries.map((entry) => auditEvent(entry, { id: newId(), recorded, requestId, recorder: by }));
  }

  return {
    prepare() {
      void store();
    },
    async record(entries) {
      const events = await eventsOf(entries);
      return (await write(events))
        ? { ok: true, value: undefined }
        : { ok: false, error: { code: 'audit-unavailable' } };
    },
    async note(entries) {
      const events = await eventsOf(entries);
      if (!(await write(events))) waiting = [...waiting, ...events].slice(-NOTES_MAX);
    },
    async close() {
      const opened = await opening;
      await opened?.close();
    },
  };
}
