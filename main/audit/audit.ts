import type { Result } from '../../preload/contract/channel.ts';
import { type AuditEntry, auditEvent } from './event.ts';

/** The record of every access. `ok` means that the event is on disk. */
export interface Audit {
  record(entry: AuditEntry): Promise<Result<void, 'audit-unavailable'>>;
  close(): Promise<void>;
}

/** Where events are kept: a database of its own, in a process of its own. */
export interface AuditStore {
  append(event: string): Promise<void>;
  close(): Promise<void>;
}

export interface AuditOptions {
  /** Opened in the background at the start; until then events wait for it. */
  store: Promise<Result<AuditStore, string>>;
  now: () => number;
  newId: () => string;
}

export function createAudit({ store: opening, now, newId }: AuditOptions): Audit {
  const store = opening.catch(() => ({ ok: false, error: { code: 'store-failed' } }) as const);
  return {
    async record(entry) {
      const event = auditEvent(entry, new Date(now()).toISOString(), newId());
      const opened = await store;
      if (!opened.ok) return { ok: false, error: { code: 'audit-unavailable' } };
      try {
        await opened.value.append(JSON.stringify(event));
        return { ok: true, value: undefined };
      } catch {
        return { ok: false, error: { code: 'audit-unavailable' } };
      }
    },
    async close() {
      const opened = await store;
      if (opened.ok) await opened.value.close();
    },
  };
}
