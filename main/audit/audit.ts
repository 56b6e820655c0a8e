import type { AuditEvent } from 'fhir/r4';
import type { AuditError, AuditStatus } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { AuditEntry, Recorder } from './events/entry.ts';
import { auditEvent } from './events/event.ts';
import { canonical } from './log/canonical.ts';
import type { Reserve } from './reserve.ts';
import type { AuditStore } from './store.ts';
import { createTelling } from './telling.ts';

/** The record of every access. `ok` means that the event is on disk. */
export interface Audit {
  /** Opens the store, so that the first event needn't wait for it. */
  prepare(): void;
  /** Several belong together: they have one request id, and are on disk all or the answer is that they aren't. */
  record(entries: AuditEntry | readonly AuditEntry[]): Promise<Result<void, AuditError>>;
  /**
   * Records what has happened by itself and nobody waits for. What can't be recorded now is kept in memory, and goes
   * before whatever is recorded next.
   */
  note(entries: AuditEntry | readonly AuditEntry[]): Promise<void>;
  /** Signs what was recorded, and anchors it outside of the log. */
  checkpoint(): Promise<void>;
  status(): AuditStatus;
  /** Begins to verify the whole log, from its start; `onStatus` tells how far it is. False where it can't be opened. */
  verify(): Promise<boolean>;
  stopVerifying(): void;
  /** Records what was found wrong with the log since it was opened. */
  tellFindings(): Promise<void>;
  /** The open log; null where it can't be opened. */
  store(): Promise<AuditStore | null>;
  close(): Promise<void>;
}

export interface AuditOptions {
  /** `damaged`: the log was found so while it was open. */
  readonly open: (damaged: boolean) => Promise<Result<AuditStore, string>>;
  /** Where events are kept while the log can't be written. */
  readonly reserve: Reserve;
  readonly recorder: () => Promise<Recorder>;
  readonly now: () => number;
  readonly newId: () => string;
  readonly after: (ms: number, callback: () => void) => () => void;
  /** Longest time from an event to the checkpoint that covers it. */
  readonly checkpointMs: number;
  readonly onStatus: (status: AuditStatus) => void;
  /** Told of events that are on disk, in their order; the alarms listen. */
  readonly onRecorded?: (events: readonly AuditEvent[]) => void;
}

/** Notes that wait for the store; beyond it the oldest are given up, as memory is no place for a record. */
const NOTES_MAX = 1_000;

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
  const { open, reserve, recorder, now, newId, after, checkpointMs, onStatus, onRecorded = () => undefined } = options;
  let opening: Promise<AuditStore | null> | null = null;
  let problem = 'not-opened';
  let degraded: { readonly code: string } | null = null;
  let verification: AuditStatus['verification'] = null;
  let isDamaged = false;
  let closed = false;
  let verifying: object | null = null;
  let cancelCheckpoint: (() => void) | null = null;
  let waiting: AuditEvent[] = [];

  const tellFindings = createTelling({ eventsOf, onRecorded });
  const status = (): AuditStatus => ({ degraded: degraded?.code ?? null, verification });

  async function eventsOf(entries: readonly AuditEntry[]): Promise<AuditEvent[]> {
    const recorded = new Date(now()).toISOString();
    const requestId = newId();
    const by = await recorder();
    return entries.map((entry) => auditEvent(entry, { id: newId(), recorded, requestId, recorder: by }));
  }

  async function textOf(entry: AuditEntry): Promise<string> {
    const [event] = await eventsOf([entry]);
    return canonical(event as AuditEvent);
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
      isDamaged = problem === 'cache-damaged';
      await opened.value.close().catch(() => undefined);
      return null;
    }
    return opened.value;
  }

  /** What a log that was just opened has to be told first. */
  async function begin(opened: AuditStore): Promise<void> {
    const { origin, predecessor } = opened.identity;
    // What is known of the log before tells nothing of this one.
    if (verification) {
      [verifying, verification] = [null, null];
      onStatus(status());
    }
    if (opened.openedSize === 0) {
      const details = { log: origin, ...(predecessor !== null && { predecessor }) };
      await opened.append(await textOf({ action: 'log-begun', ...BY_PROGRAM, details }));
    }
    await tellFindings(opened);
    await reserve.prepare();
    await bringBack(opened);
    if (degraded) {
      degraded = null;
      onStatus(status());
    }
    after(VERIFY_AFTER_MS, () => {
      // Somebody may have asked for it before.
      if (!verifying && !verification) void verifyAll(opened).catch((error) => leave(opened, codeOf(error)));
    });
    await opened.checkpoint();
  }

  /** What was kept beside the log while it could not be written. Twice, if this is cut off: with the same ids. */
  async function bringBack(opened: AuditStore, stopped = degraded !== null): Promise<void> {
    const events = await reserve.kept();
    if (events.length > 0) await opened.appendAll(events);
    if (events.length === 0 && !stopped) return;
    const details = { kept: String(events.length) };
    await opened.append(await textOf({ action: 'log-resumed', ...BY_PROGRAM, details }));
    await reserve.clear(events.length);
  }

  /** One at a time: who begins anew ends the one before. */
  async function verifyAll(opened: AuditStore): Promise<void> {
    const own = {};
    verifying = own;
    let told = -1;
    try {
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
    } finally {
      // Also of one that has failed: another can be begun.
      if (verifying === own) verifying = null;
    }
    await tellFindings(opened);
  }

  function checkpointSoon(opened: AuditStore): void {
    cancelCheckpoint ??= after(checkpointMs, () => {
      cancelCheckpoint = null;
      void opened.checkpoint().catch(() => undefined);
    });
  }

  /** Null once the events are in the log; else why they aren't. */
  async function append(events: readonly AuditEvent[]): Promise<string | null> {
    const opened = await store();
    if (!opened) return problem;
    try {
      await opened.appendAll(events.map(canonical));
      if (degraded) await recover(opened);
      checkpointSoon(opened);
      return null;
    } catch (error) {
      const code = codeOf(error);
      await leave(opened, code);
      return code;
    }
  }

  /** The log is opened anew at the next event; set aside before, if it is damaged. */
  async function leave(opened: AuditStore, code: string): Promise<void> {
    isDamaged ||= code === 'cache-damaged';
    // A full disk is no reason to open it anew: it is the same one then.
    if (closed || code === 'disk-full') return;
    opening = null;
    await opened.close().catch(() => undefined);
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

  /** Writes events after those that wait; null once they are in the log. */
  async function write(events: readonly AuditEvent[]): Promise<string | null> {
    const before = waiting;
    waiting = [];
    const all = [...before, ...events];
    // Twice, as the store may have ended since the last event; the same event recorded twice harms nobody.
    const code = (await append(all)) && (await append(all));
    if (code === null) onRecorded(all);
    else waiting = [...before, ...waiting];
    return code;
  }

  /** Where the log can't be written: what stops nothing is kept if there is room, and what an emergency needs is. */
  async function keepBeside(
    entries: readonly AuditEntry[],
    events: readonly AuditEvent[],
    code: string,
  ): Promise<boolean> {
    const isUsable = await reserve.prepare();
    if (isUsable && degraded?.code !== code) {
      const stopped = { action: 'log-stopped', ...BY_PROGRAM, details: { code } } as const;
      if (!degraded) await reserve.keep(await textOf(stopped), false);
      degraded = { code };
      onStatus(status());
    }
    const isUrgent = entries.some(({ action, emergency }) => emergency === true || action.startsWith('emergency'));
    if (!isUsable || !(isUrgent || entries.every(opensNoChart))) return false;
    for (const event of events) if (!(await reserve.keep(canonical(event), isUrgent))) return false;
    onRecorded(events);
    return true;
  }

  return {
    prepare() {
      void store();
    },
    async record(given) {
      const entries = 'action' in given ? [given] : given;
      const events = await eventsOf(entries);
      const code = await write(events);
      if (code === null || (await keepBeside(entries, events, code))) return { ok: true, value: undefined };
      return { ok: false, error: { code: degraded ? 'audit-degraded' : 'audit-unavailable' } };
    },
    async note(given) {
      const entries = 'action' in given ? [given] : given;
      const events = await eventsOf(entries);
      const code = await write(events);
      if (code === null || (await keepBeside(entries, events, code))) return;
      waiting = [...waiting, ...events].slice(-NOTES_MAX);
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
    async tellFindings() {
      const opened = await opening;
      if (opened) await tellFindings(opened).catch(() => undefined);
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

/** A list is needed to find the patient of an emergency, and what one has written oneself and not sent is to be found again. */
const lists: ReadonlySet<string | undefined> = new Set([
  'patients.list',
  'patients.lists',
  'sync.changes',
  'sync.duplicates',
  'drafts.list',
]);

/** Nothing else of a patient is shown without the log. */
function opensNoChart({ patientId, action, view }: AuditEntry): boolean {
  if (action === 'search') return lists.has(view);
  return patientId === undefined || action === 'denied' || action === 'alarm';
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? 'store-failed');
}
