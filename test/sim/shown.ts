import type { PendingChange } from '../../preload/contract/sync.ts';
import { keyOf } from './checker.ts';
import type { Edit } from './ledger.ts';
import { markersOf, type RecordType, recordTypes } from './records.ts';
import type { Workstation } from './workstation.ts';

/** What a clinician can edit: records of the own patients, as the workstation shows them. */
export function shownRecords(
  station: Workstation,
): { type: RecordType; id: string; versionId: string; body: string; patient: string }[] {
  const panel = new Set(station.read.panel());
  return station.read.versions().flatMap(({ type, id, versionId }) => {
    if (!(recordTypes as readonly string[]).includes(type)) return [];
    const body = station.read.resource({ type, id }) ?? '{}';
    const resource = JSON.parse(body) as { subject?: { reference?: string }; patient?: { reference?: string } };
    const patient = (resource.subject ?? resource.patient)?.reference?.slice('Patient/'.length) ?? '';
    return panel.has(patient) ? [{ type: type as RecordType, id, versionId, body, patient }] : [];
  });
}

/** Whether an edit is to be seen where it was made. */
export function shows(station: Workstation, { type, id, what, marker }: Edit): boolean {
  const body = station.read.resource({ type, id });
  return what === 'delete' ? body === null : markersOf(type, body)[what === 'create' ? 'a' : what] === marker;
}

/** The changes in the outbox that are in one of these states. */
export function changesOf(station: Workstation, states: readonly PendingChange['state'][]): PendingChange[] {
  const all = station.attempt(() => station.outbox.list({ limit: 1_000 }));
  return all === 'died' ? [] : all.items.filter(({ state }) => states.includes(state));
}

/** Key of the version on the server that a body came from; null: none. */
export function baseOf(body: string): string | null {
  const { meta } = JSON.parse(body) as { meta?: { versionId?: string; lastUpdated?: string } };
  return meta?.versionId === undefined ? null : keyOf(meta);
}
