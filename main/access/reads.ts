import type { Result } from '../../preload/contract/channel.ts';
import type { ChartSummary } from '../../preload/contract/chart.ts';
import type { NoteText } from '../../preload/contract/notes.ts';
import type { PatientPage } from '../../preload/contract/patients.ts';
import type { Trend } from '../../preload/contract/results.ts';
import type { Conflict, KnownSection, PendingChange } from '../../preload/contract/sync.ts';
import type { Audit } from '../audit/audit.ts';
import type { Cache } from '../cache/client.ts';
import type { PatientListRequest, ResultGroups } from '../cache/operations.ts';
import type { Access } from './access.ts';

type ReadError = 'not-permitted' | 'not-found' | 'audit-unavailable';
type Read<Value> = Promise<Result<Value, ReadError>>;

/**
 * The only way from the page to records. Each read is decided, then recorded durably, and only then answered: what
 * can't be recorded isn't shown.
 */
export interface Reads {
  patients(request: PatientListRequest): Promise<Result<PatientPage, 'audit-unavailable'>>;
  chart(patientId: string): Read<ChartSummary>;
  resultGroups(patientId: string): Read<ResultGroups>;
  trend(patientId: string, code: string): Read<Trend>;
  note(patientId: string, noteId: string): Read<NoteText>;
  /** What was fetched of a patient, kind by kind. */
  sections(patientId: string): Read<{ items: KnownSection[] }>;
  /** The clinician's own unsent changes, those of a patient who has left the panel among them. */
  changes(): Promise<Result<{ items: PendingChange[]; total: number }, 'audit-unavailable'>>;
  conflict(changeId: string): Read<Conflict>;
}

/** Most unsent changes that one answer lists. */
const CHANGES_MAX = 1_000;

export interface ReadsOptions {
  access: Access;
  audit: Pick<Audit, 'record'>;
  cache: Cache;
  practitioner: string;
  server: string;
}

export function createReads({ access, audit, cache, practitioner, server }: ReadsOptions): Reads {
  async function read<Value>(view: string, patientId: string, work: () => Promise<Value | null>): Read<Value> {
    const decision = await access.decide({ action: 'read', patientId });
    const action = decision.allowed ? 'read' : 'denied';
    const recorded = await audit.record({ action, practitioner, server, patientId, view });
    if (!decision.allowed) return { ok: false, error: { code: 'not-permitted' } };
    if (!recorded.ok) return { ok: false, error: { code: 'audit-unavailable' } };
    const value = await work();
    return value === null ? { ok: false, error: { code: 'not-found' } } : { ok: true, value };
  }

  /** A note that was shown before it was sent has another id since. */
  async function note(patientId: string, noteId: string): Promise<NoteText | null> {
    const found = await cache.read.note({ patientId, noteId });
    if (found) return found;
    const id = await cache.outbox.resolveId({ type: 'DocumentReference', id: noteId });
    return id === noteId ? null : cache.read.note({ patientId, noteId: id });
  }

  return {
    async patients(request) {
      const recorded = await audit.record({ action: 'search', practitioner, server, view: 'patients.list' });
      if (!recorded.ok) return { ok: false, error: { code: 'audit-unavailable' } };
      return { ok: true, value: await cache.read.patientList(request) };
    },
    chart: (patientId) => read('chart.read', patientId, () => cache.read.chartSummary({ patientId })),
    resultGroups: (patientId) => read('results.list', patientId, () => cache.read.resultGroups({ patientId })),
    trend: (patientId, code) => read('results.trend', patientId, () => cache.read.trend({ patientId, code })),
    note: (patientId, noteId) => read('notes.read', patientId, () => note(patientId, noteId)),
    sections: (patientId) =>
      read('sync.sections', patientId, async () => {
        const items = await cache.read.knownSections({ patientId });
        return items && { items };
      }),
    async changes() {
      const recorded = await audit.record({ action: 'search', practitioner, server, view: 'sync.changes' });
      if (!recorded.ok) return { ok: false, error: { code: 'audit-unavailable' } };
      return { ok: true, value: await cache.outbox.list({ limit: CHANGES_MAX }) };
    },
    async conflict(changeId) {
      const change = await cache.outbox.get({ id: changeId });
      if (!change) return { ok: false, error: { code: 'not-found' } };
      return read('sync.conflict', change.patientId, () => cache.outbox.conflict({ id: changeId }));
    },
  };
}
