import type { AuditError, AuditStatus, Finding } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import { type AuditEntry, auditEvent } from './event.ts';
import type { Reserve } from './reserve.ts';
import type { AuditStore } from './store.ts';

/** The record of every access. `ok` means that the event is on disk. */
export interface Audit {
  /** Opens the store, so that the first event needn't wait for it. */
  prepare(): void;
  record(entry: AuditEntry): Promise<Result<void, AuditError>>;
  /** Signs what was recorded, and anchors it outside of the log. */
  checkpoint(): Promise<void>;
  status(): AuditStatus;
  /** Begins to verify the whole log, from its start; `onStatus` tells how far it is. False where it can't be opened. */
  verify(): Promise<boolean>;
  stopVerifying(): void;
  /** The open log; null where it can't be opened. */
  store(): Promise<AuditStore | null>;
  close(): Promise<void>;
}

export interface AuditOptions {
  /** `damaged`: the log was found so while it was open. */
  readonly open: (damaged: boolean) => Promise<Result<AuditStore, string>>;
  /** Where events are kept while the log can't be written. */
  readonly reserve: Reserve;
  readonly now: () => number;
  readonly newId: () => string;
  readonly after: (ms: number, callback: () => void) => () => void;
  /** Longest time from an event to the checkpoint that covers it. */
  readonly checkpointMs: number;
  readonly onStatus: (status: AuditStatus) => void;
}

/** After the start, before the whole log is verified; and between two slices of that, for who waits for a record. */
const VERIFY_AFTER_MS = 20_000;
const PAUSE_MS = 10;
/** Of entries that nobody has made. */
const BY_PROGRAM = { practitioner: null, server: '' } as const;

/**
 * Opens the store when it is first needed, and anew when it could not be opened or has ended: a keyring that was
 * locked at the start must not keep charts closed after it is unlocked.
 */
export function createAudit(options: AuditOptions): Audit {
  const { open, reserve, now, newId, after, checkpointMs, onStatus } = options;
  let opening: Promise<AuditStore | null> | null = null;
  let problem = 'not-opened';
  let degraded: { readonly code: string } | null = null;
  let verification: AuditStatus['verification'] = null;
  let isDamaged = false;
  let closed = false;
  let verifying: object | null = null;
  let cancelCheckpoint: (() => void) | null = null;

  const status = (): AuditStatus => ({ degraded: degraded?.code ?? null, verification });

  function textOf(entry: AuditEntry): string {
    return JSON.stringify({ ...auditEvent(entry, new Date(now()).toISOString(), newId()), id: newId() });
  }

  function store(): Promise<AuditStore | null> {
    if (opening) return opening;
    const attempt = openStore().catch(() => null);
    opening = attempt;
    void attempt.then((opened) => {
      if (!opened && opening === attempt) opening = null;
    });
    return attempt;
  }

  async function openStore(): Promise<AuditStore | null> {
    const opened = await open(isDamaged);
    if (!opened.ok) {
      problem = opened.error.code;
      return null;
    }
    isDamaged = false;
    try {
      await begin(opened.value);
    } catch (error) {
      problem = codeOf(error);
      await opened.value.close().catch(() => undefined);
      return null;
    }
    return opened.value;
  }

  /** What a log that was just opened has to be told first. */
  async function begin(opened: AuditStore): Promise<void> {
    const { origin, predecessor } = opened.identity;
    if (opened.openedSize === 0) {
      const details = { log: origin, ...(predecessor !== null && { predecessor }) };
      await opened.append(textOf({ action: 'log-begun', ...BY_PROGRAM, details }));
    }
    await tellFindings(opened);
    await reserve.prepare();
    await bringBack(opened);
    if (degraded) {
      degraded = null;
      onStatus(status());
    }
    after(VERIFY_AFTER_MS, () => void verifyAll(opened).catch(() => undefined));
    await opened.checkpoint();
  }

  async function tellFindings(opened: AuditStore): Promise<void> {
    for (const { id, ...finding } of await opened.findings()) {
      const { seq } = await opened.append(
        textOf({ action: 'log-finding', ...BY_PROGRAM, details: detailsOf(finding) }),
      );
      await opened.settleFinding(id, seq);
    }
  }

  /** What was kept beside the log while it could not be written. Twice, if this is cut off: with the same ids. */
  async function bringBack(opened: AuditStore, stopped = degraded !== null): Promise<void> {
    const events = await reserve.kept();
    for (const event of events) await opened.append(event);
    if (events.length === 0 && !stopped) return;
    await opened.append(textOf({ action: 'log-resumed', ...BY_PROGRAM, details: { kept: String(events.length) } }));
    await reserve.clear(events.length);
  }

  /** One at a time: who begins anew ends the one before. */
  async function verifyAll(opened: AuditStore): Promise<void> {
    const own = {};
    verifying = own;
    let told = -1;
    for (let anew = true; !closed && verifying === own; anew = false) {
      const progress = await opened.verify(anew);
      if (verifying !== own) return;
      verification = progress;
      const percent = Math.floor((100 * progress.checked) / Math.max(1, progress.size));
      if (percent !== told || progress.done) onStatus(status());
      told = percent;
      if (progress.done) break;
      await new Promise<void>((resolve) => after(PAUSE_MS, resolve));
    }
    if (verifying === own) verifying = null;
    await tellFindings(opened);
  }

  function checkpointSoon(opened: AuditStore): void {
    cancelCheckpoint ??= after(checkpointMs, () => {
      cancelCheckpoint = null;
      void opened.checkpoint().catch(() => undefined);
    });
  }

  /** Null once the event is in the log; else why it isn't. */
  async function append(event: string): Promise<string | null> {
    const opened = await store();
    if (!opened) return problem;
    try {
      await opened.append(event);
      if (degraded) await recover(opened);
      checkpointSoon(opened);
      return null;
    } catch (error) {
      const code = codeOf(error);
      isDamaged ||= code === 'cache-damaged';
      // A full disk is no reason to open it anew: it is the same one then.
      if (code === 'disk-full') return code;
      opening = null;
      await opened.close().catch(() => undefined);
      return code;
    }
  }

  async function recover(opened: AuditStore): Promise<void> {
    const before = degraded;
    // At once, so that the next event doesn't do the same.
    degraded = null;
    try {
      await bringBack(opened, true);
    } catch (error) {
      degraded = before;
      throw error;
    }
    onStatus(status());
  }

  /** Where the log can't be written: what stops nothing is kept if there is room, and what an emergency needs is. */
  async function keepBeside(entry: AuditEntry, event: string, code: string): Promise<Result<void, AuditError>> {
    const isUsable = await reserve.prepare();
    if (isUsable && degraded?.code !== code) {
      if (!degraded) await reserve.keep(textOf({ action: 'log-stopped', ...BY_PROGRAM, details: { code } }), false);
      degraded = { code };
      onStatus(status());
    }
    const isUrgent = entry.emergency === true || entry.action.startsWith('emergency');
    const opensNoChart = entry.patientId === undefined || entry.action === 'denied';
    if (isUsable && (isUrgent || opensNoChart) && (await reserve.keep(event, isUrgent))) {
      return { ok: true, value: undefined };
    }
    return { ok: false, error: { code: isUsable ? 'audit-degraded' : 'audit-unavailable' } };
  }

  return {
    prepare() {
      void store();
    },
    async record(entry) {
      const event = textOf(entry);
      // Twice, as the store may have ended since the last event; the same event recorded twice harms nobody.
      const code = (await append(event)) && (await append(event));
      return code === null ? { ok: true, value: undefined } : keepBeside(entry, event, code);
    },
    async checkpoint() {
      const opened = await opening;
      await opened?.checkpoint().catch(() => undefined);
    },
    status,
    async verify() {
      const opened = await store();
      if (!opened) return false;
      void verifyAll(opened).catch(() => undefined);
      return true;
    },
    stopVerifying() {
      if (!verifying) return;
      verifying = null;
      verification = null;
      onStatus(status());
    },
    store,
    async close() {
      closed = true;
      cancelCheckpoint?.();
      const opened = await opening;
      await opened?.checkpoint().catch(() => undefined);
      await opened?.close();
      await reserve.close();
    },
  };
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? 'store-failed');
}

function detailsOf({ code, log, first, end }: Finding): Record<string, string> {
  return { code, log, first: String(first), end: String(end) };
}
