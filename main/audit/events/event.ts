import type { AuditEvent } from 'fhir/r4';
import { codesOf, outcomeOf, type Pattern } from './actions.ts';
import { agentsOf, purposesOf, workstation } from './agents.ts';
import { entitiesOf } from './entities.ts';
import type { AuditEntry, Recorder } from './entry.ts';

export interface Stamp {
  /** Made here, so that an event that is delivered twice is known to be one. */
  readonly id: string;
  /** ISO instant. */
  readonly recorded: string;
  readonly requestId: string;
  readonly recorder: Recorder;
}

const BALP = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.';

const PROFILES: Record<NonNullable<Pattern>, readonly [plain: string | null, patient: string]> = {
  read: ['Read', 'PatientRead'],
  query: ['Query', 'PatientQuery'],
  create: ['Create', 'PatientCreate'],
  update: ['Update', 'PatientUpdate'],
  delete: ['Delete', 'PatientDelete'],
  disclosure: [null, 'PrivacyDisclosure.Source'],
};

/** BALP's profiles are of what succeeded; what was refused follows the same pattern and claims none. */
function profileOf(pattern: Pattern, outcome: string, patientId: string | undefined): string | null {
  if (pattern === null || outcome !== '0') return null;
  const name = PROFILES[pattern][patientId === undefined ? 0 : 1];
  return name === null ? null : `${BALP}${name}`;
}

/** A FHIR R4 AuditEvent after IHE Basic Audit Log Patterns, of one patient or none. */
export function auditEvent(entry: AuditEntry, { id, recorded, requestId, recorder }: Stamp): AuditEvent {
  const { type, subtype, letter, pattern } = codesOf(entry.action, entry.attempted);
  const outcome = outcomeOf(entry.action);
  const profile = profileOf(pattern, outcome, entry.patientId);
  return {
    resourceType: 'AuditEvent',
    id,
    ...(profile !== null && { meta: { profile: [profile] } }),
    type,
    subtype: [...subtype],
    action: letter,
    recorded,
    outcome,
    purposeOfEvent: purposesOf(entry),
    agent: agentsOf(entry, pattern, recorder),
    source: {
      ...(entry.server !== '' && { site: entry.server }),
      observer: workstation(recorder),
      type: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
          code: '1',
          display: 'User Device',
        },
      ],
    },
    entity: entitiesOf(entry, pattern, entry.requestId ?? requestId),
  };
}
