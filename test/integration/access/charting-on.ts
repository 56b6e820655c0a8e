import { randomUUID } from 'node:crypto';
import type { AuditEntry } from '../../../main/audit/events/entry.ts';
import type { Cache } from '../../../main/cache/client.ts';
import { outboxNames } from '../../../main/cache/operations.ts';
import { composer } from '../../../main/writing/composer.ts';
import { accessTo, standingOf, writingFor } from '../../unit/access/support.ts';
import { listOf } from '../../unit/audit/support.ts';
import { PATIENT, type Station } from '../outbox/support.ts';

const later = (operations: object, names: readonly string[]) =>
  Object.fromEntries(
    names.map((name) => [
      name,
      async (args: unknown) => (operations as Record<string, (a: unknown) => unknown>)[name]?.(args),
    ]),
  );

/** The page's calls over both real databases of a station. */
export function chartingOn(station: Station, panel = [PATIENT], at = '2026-03-01T10:00:00Z') {
  const recorded: AuditEntry[] = [];
  const reads = station.reads();
  const read = {
    ...later(reads, Object.keys(reads)),
    standing: async ({ patientId }: { patientId: string }) => standingOf(panel, patientId),
  };
  const cache = { read, outbox: later(station.outbox, outboxNames) } as unknown as Cache;
  const audit = {
    async record(entries: AuditEntry | readonly AuditEntry[]) {
      recorded.push(...listOf(entries));
      return { ok: true, value: undefined } as const;
    },
  };
  const ehr = { isThere: false };
  const parts = writingFor({
    isOpen: () => !ehr.isThere,
    ...{ access: accessTo(cache), audit, cache, composer, server: 'https://s', newId: randomUUID },
    ...{ practitioner: 'Practitioner/dev-osei', display: 'Dr Osei', offsetMinutes: () => 0 },
    now: () => Date.parse(at),
    sealer: { seal: async (value) => ({ ok: true, value }) },
    wrapping: () => new Uint8Array(32),
    onWritten: () => undefined,
  });
  const ask = async (call: string, request: object) => {
    const made = (parts.charting as unknown as Record<string, (r: object) => Promise<never>>)[call.split('.')[1] ?? ''];
    const answer = (await made?.(request)) as unknown as {
      ok: boolean;
      value: { id: string };
      error: { code: string };
    };
    return answer.ok ? answer.value.id : answer.error.code;
  };
  return { ...parts, ask, recorded, ehr };
}
