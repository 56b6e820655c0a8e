import type { Result } from '../../preload/contract/channel.ts';
import type { ChartSummary } from '../../preload/contract/chart.ts';
import type { NoteText } from '../../preload/contract/notes.ts';
import type { PatientPage } from '../../preload/contract/patients.ts';
import type { Trend } from '../../preload/contract/results.ts';
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
}

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

  return {
    async patients(request) {
      const recorded = await audit.record({ action: 'search', practitioner, server, view: 'patients.list' });
      if (!recorded.ok) return { ok: false, error: { code: 'audit-unavailable' } };
      return { ok: true, value: await cache.read.patientList(request) };
    },
    chart: (patientId) => read('chart.read', patientId, () => cache.read.chartSummary({ patientId })),
    resultGroups: (patientId) => read('results.list', patientId, () => cache.read.resultGroups({ patientId })),
    trend: (patientId, code) => read('results.trend', patientId, () => cache.read.trend({ patientId, code })),
    note: (patientId, noteId) => read('notes.read', patientId, () => cache.read.note({ patientId, noteId })),
  };
}
