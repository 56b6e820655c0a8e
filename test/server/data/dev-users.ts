import type { CareTeam, Group, Practitioner } from 'fhir/r4';
import type { DevUser } from '../users.ts';

/** FHIR resources that stand for the development users. */
export function practitionerOf({ practitionerId, username, display }: DevUser): Practitioner {
  const words = display.replace(/ RN$| \(locum\)$|^Dr /g, '').split(' ');
  return {
    resourceType: 'Practitioner',
    id: practitionerId,
    active: true,
    identifier: [{ system: 'urn:wardlight:dev:staff', value: username }],
    name: [
      {
        text: display,
        family: words.at(-1)!,
        given: words.slice(0, -1),
        ...(display.startsWith('Dr ') && { prefix: ['Dr'] }),
      },
    ],
  };
}

const CLINICIAN = {
  coding: [{ system: 'http://snomed.info/sct', code: '223366009', display: 'Healthcare professional' }],
};

export function careTeamOf(id: string, patientId: string, users: readonly DevUser[], start: string): CareTeam {
  return {
    resourceType: 'CareTeam',
    id,
    status: 'active',
    name: 'Ward team',
    subject: { reference: `Patient/${patientId}` },
    period: { start },
    participant: users.map((user) => ({
      role: [CLINICIAN],
      member: { reference: `Practitioner/${user.practitionerId}`, display: user.display },
    })),
  };
}

/** The user's patients as a Group, for bulk export. FHIR R4 forbids an empty `member` array. */
export function panelOf(user: DevUser, patientIds: readonly string[]): Group {
  return {
    resourceType: 'Group',
    id: `panel-${user.username}`,
    active: true,
    type: 'person',
    actual: true,
    name: `Patients of ${user.display}`,
    quantity: patientIds.length,
    managingEntity: { reference: `Practitioner/${user.practitionerId}` },
    ...(patientIds.length > 0 && {
      member: patientIds.map((id) => ({ entity: { reference: `Patient/${id}` } })),
    }),
  };
}
