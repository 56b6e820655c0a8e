import type { Encounter, FhirResource, Location, Patient } from 'fhir/r4';
import type { Repository } from '../store/store.ts';
import type { DevUser } from '../users.ts';
import { careTeamOf, panelOf, practitionerOf } from './dev-users.ts';

/**
 * Makes loaded patients the development users' own: practitioners, care teams, panels, and a bed for some, since
 * Synthea's data know none of it. The first user has all but one patient, so that access has someone to refuse.
 */
export function adoptPatients(store: Repository, users: readonly DevUser[], now: Date): void {
  const patients = store.list('Patient') as Patient[];
  const ids = patients.flatMap((patient) => patient.id ?? []);
  const start = new Date(now.getTime() - 86_400_000).toISOString();
  const [first, second] = users;
  const firstIds = ids.length > 5 ? ids.slice(0, -1) : ids;
  const secondIds = ids.filter((_id, i) => i % 2 === 0);
  const put = (resource: FhirResource) => store.put(resource);
  for (const user of users) put(practitionerOf(user));
  for (const id of ids) {
    const members = users.filter(
      (u) => (u === first && firstIds.includes(id)) || (u === second && secondIds.includes(id)),
    );
    if (members.length > 0) put(careTeamOf(`dev-team-${id}`.slice(0, 64), id, members, start));
  }
  for (const user of users) put(panelOf(user, user === first ? firstIds : user === second ? secondIds : []));
  if (!(store.list('Encounter') as Encounter[]).some((encounter) => encounter.status === 'in-progress')) {
    admit(
      put,
      patients.filter((patient) => !patient.deceasedDateTime && !patient.deceasedBoolean),
      start,
    );
  }
}

const BEDS = 12;

/** Every third of the living has a bed on the one ward, until that is full. */
function admit(put: (resource: FhirResource) => void, patients: Patient[], start: string): void {
  put({
    resourceType: 'Location',
    id: 'dev-ward',
    status: 'active',
    name: 'Ward 7 East',
    mode: 'instance',
  } as Location);
  for (const [i, patient] of patients
    .filter((_p, n) => n % 3 === 0)
    .slice(0, BEDS)
    .entries()) {
    const bed = `dev-bed-${i + 1}`;
    put({
      resourceType: 'Location',
      id: bed,
      status: 'active',
      name: `Bed ${i + 1}`,
      physicalType: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/location-physical-type', code: 'bd', display: 'Bed' },
        ],
      },
      partOf: { reference: 'Location/dev-ward', display: 'Ward 7 East' },
    } as Location);
    put({
      resourceType: 'Encounter',
      id: `dev-stay-${i + 1}`,
      status: 'in-progress',
      class: {
        system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
        code: 'IMP',
        display: 'inpatient encounter',
      },
      subject: { reference: `Patient/${patient.id}` },
      period: { start },
      location: [
        { location: { reference: 'Location/dev-ward', display: 'Ward 7 East' }, status: 'active' },
        { location: { reference: `Location/${bed}`, display: `Ward 7 East, Bed ${i + 1}` }, status: 'active' },
      ],
    } as Encounter);
  }
}
