import type { PatientFacts } from '../../main/audit/events/details.ts';
import type { AuditEntry } from '../../main/audit/events/entry.ts';
import { type Clinician, DAY_MS, factsOf, kinds, type Patient } from './hospital.ts';

/** One event of a workstation's record, before it is written down. */
export interface Happening {
  readonly at: number;
  readonly device: string;
  readonly entry: AuditEntry;
  /** The planted abuse that it belongs to; null for what is normal. */
  readonly abuse: string | null;
}

const HOUR_MS = 60 * 60_000;
const server = 'https://fhir.hospital.example/r4';

/** Writes down what clinicians do, workstation by workstation. */
export interface Log {
  readonly happenings: Happening[];
  /** `hour`: of the day, with its fraction; may go beyond 24. */
  read(
    who: Clinician,
    patient: Patient,
    when: { day: number; hour: number },
    how?: { relation?: PatientFacts['relation']; device?: string; action?: AuditEntry['action']; abuse?: string },
  ): void;
  other(
    who: Clinician | null,
    when: { day: number; hour: number },
    entry: Partial<AuditEntry> & Pick<AuditEntry, 'action'>,
    how?: { device?: string; abuse?: string },
  ): void;
}

export function createLog(startMs: number): Log {
  const happenings: Happening[] = [];
  const at = ({ day, hour }: { day: number; hour: number }) => Math.round(startMs + day * DAY_MS + hour * HOUR_MS);

  const other: Log['other'] = (who, when, entry, { device, abuse = null } = {}) => {
    const roles = who ? [kinds[who.kind].role] : [];
    happenings.push({
      at: at(when),
      device: device ?? who?.devices[0] ?? 'nowhere',
      entry: { practitioner: who?.id ?? null, server, ...(roles.length > 0 && { roles }), ...entry },
      abuse,
    });
  };

  return {
    happenings,
    other,
    read(who, patient, when, { relation = 'care-team', action = 'read', ...how } = {}) {
      // Who lies on the ward doesn't work on it.
      if (patient.staff === who.id && how.abuse === undefined) return;
      const facts = factsOf(who, patient, relation, startMs, when.day);
      other(who, when, { action, patientId: patient.id, facts, view: 'chart.read' }, how);
    },
  };
}
