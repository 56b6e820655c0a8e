import type { PatientFacts } from '../../../main/audit/events/details.ts';
import type { AuditEntry, Recorder } from '../../../main/audit/events/entry.ts';

/** The workstation of the tests. */
export const recorder: Recorder = {
  id: 'workstation-1',
  system: 'urn:wardlight:workstation',
  host: 'ward-7-pc',
  version: '0.1.0',
};

/** What was recorded together, one by one. */
export function listOf(entries: AuditEntry | readonly AuditEntry[]): readonly AuditEntry[] {
  return 'action' in entries ? [entries] : entries;
}

/** Of a patient of whom nothing is out of the ordinary. */
export function plainFacts(relation: PatientFacts['relation'] = 'care-team'): PatientFacts {
  return { relation, labels: [], discharged: null, sameFamilyName: false, ownRecord: false, colleague: false };
}
