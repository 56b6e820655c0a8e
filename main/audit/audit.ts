import type { Result } from '../../preload/contract/channel.ts';
import { type AuditEntry, auditEvent } from './event.ts';

/** The record of every access. `ok` means that the event is on disk. */
export interface Audit {
  /** Opens the store, so that the first event needn't wait for it. */
  prepare(): void;
  record(entry: AuditEntry): Promise<Result<void, 'audit-unavailable'>>;
  close(): Promise<void>;
}

/** Where events are kept: a database of its own, in a process of its own. */
export interface AuditStore {
  append(event: string): Promise<void>;
  close(): Promise<void>;
}

export interface AuditOptions {
  open: () => Promise<Result<AuditStore, string>>;
  now: () => number;
  newId: () => string;
}

/**
 * Opens the store when it is first needed, and anew when it could not be opened or has ended: a keyring that was
 * locked at the start must not keep charts closed after it is unlocked.
 */
export function createAudit({ open, now, newId }: AuditOptions): Audit {
  let opening: Promise<AuditStore | null> | null = null;

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

  async function append(event: string): Promise<boolean> {
    const opened = await store();
    if (!opened) return false;
    try {
      await opened.append(event);
      return true;
    } catch {
      opening = null;
      await opened.close().catch(() => undefined);
      return false;
    }
  }

  return {
    prepare() {
      void store();
    },
    async record(entry) {
      const event = JSON.stringify(auditEvent(entry, new Date(now()).toISOString(), newId()));
      // Twice, as the store may have ended since the last event; the same event recorded twice harms nobody.
      const recorded = (await append(event)) || (await append(event));
      return recorded ? { ok: true, value: undefined } : { ok: false, error: { code: 'audit-unavailable' } };
    },
    async close() {
      const opened = await opening;
      await opened?.close();
    },
  };
}
