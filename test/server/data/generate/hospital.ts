import type { FhirResource, Location, Organization, Practitioner, PractitionerRole, Reference } from 'fhir/r4';
import type { DevUser } from '../../users.ts';
import { practitionerOf } from '../dev-users.ts';
import { concept, reference, SNOMED } from './basics.ts';
import type { Random } from './random.ts';

/** The hospital that all patients are in: wards with bays and beds, staff, and their roles. */
export interface Hospital {
  resources: FhirResource[];
  organization: Organization;
  /** Beds in the order in which they are filled. */
  beds: { ward: Location; bed: Location }[];
  clinicians: Reference[];
}

const WARDS = ['Ward 4A Acute Medicine', 'Ward 5B Cardiology', 'Ward 6C Surgery', 'Ward 2P Paediatrics and Neonates'];
const BEDS_PER_WARD = 12;
const BEDS_PER_BAY = 4;

const STAFF: [string, string, string, string, string][] = [
  ['Dr', 'Ruth', 'Abernathy', '309343006', 'Physician'],
  ['Dr', 'Hyun-woo', 'Kim', '17561000', 'Cardiologist'],
  ['Dr', 'Siobhán', 'Ní Dhomhnaill', '304292004', 'Surgeon'],
  ['Dr', 'Emeka', 'Nwosu', '82296001', 'Geriatrician'],
  ['Ms', 'Chloé', 'Lefèvre', '224535009', 'Registered nurse'],
  ['Mr', 'Paweł', 'Zieliński', '46255001', 'Pharmacist'],
  ['Dr', 'Leila', 'Farahani', '82296001', 'Paediatrician'],
];

function location(id: string, name: string, kind: 'wa' | 'ro' | 'bd', display: string, partOf?: Location): Location {
  return {
    resourceType: 'Location',
    id,
    status: 'active',
    name,
    mode: 'instance',
    physicalType: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/location-physical-type', code: kind, display }],
    },
    managingOrganization: { reference: 'Organization/northhaven', display: 'Northhaven General Hospital' },
    ...(partOf && { partOf: reference(partOf, partOf.name) }),
  };
}

function wardsAndBeds(): { locations: Location[]; beds: Hospital['beds'] } {
  const locations: Location[] = [];
  const perWard = WARDS.map((name, w) => {
    const ward = location(`ward-${w + 1}`, name, 'wa', 'Ward');
    locations.push(ward);
    const beds = Array.from({ length: BEDS_PER_WARD }, (_, b) => {
      const bayNumber = Math.floor(b / BEDS_PER_BAY) + 1;
      const bayId = `${ward.id}-bay-${bayNumber}`;
      let bay = locations.find((l) => l.id === bayId);
      if (!bay) {
        bay = location(bayId, `Bay ${bayNumber}`, 'ro', 'Room', ward);
        locations.push(bay);
      }
      const bed = location(`${ward.id}-bed-${b + 1}`, `Bed ${b + 1}`, 'bd', 'Bed', bay);
      locations.push(bed);
      return { ward, bed };
    });
    return beds;
  });
  // Bed by bed across the wards, so that each has patients; bed 12 of the first ward is given out on purpose.
  const beds = Array.from({ length: BEDS_PER_WARD }, (_, b) => perWard.map((ward) => ward[b]!)).flat();
  return { locations, beds };
}

export function hospital(random: Random, users: readonly DevUser[]): Hospital {
  const organization: Organization = {
    resourceType: 'Organization',
    id: 'northhaven',
    active: true,
    name: 'Northhaven General Hospital',
    type: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'prov' }] }],
  };
  const { locations, beds } = wardsAndBeds();
  const staff = STAFF.map(
    ([prefix, given, family], i): Practitioner => ({
      resourceType: 'Practitioner',
      id: `staff-${i + 1}`,
      active: true,
      identifier: [{ system: 'urn:wardlight:dev:staff', value: String(random.int(10_000, 99_999)) }],
      name: [{ text: `${prefix} ${given} ${family}`, family, given: [given], prefix: [prefix] }],
    }),
  );
  const practitioners = [...users.map(practitionerOf), ...staff];
  const roles = practitioners.map((practitioner, i): PractitionerRole => {
    const [, , , code, display] = STAFF[Math.max(0, i - users.length)]!;
    return {
      resourceType: 'PractitionerRole',
      id: `role-${practitioner.id}`,
      active: true,
      practitioner: reference(practitioner, practitioner.name?.[0]?.text),
      organization: reference(organization, organization.name),
      code: [concept(SNOMED, code, display)],
      location: [reference(locations[0]!, locations[0]!.name)],
    };
  });
  return {
    resources: [organization, ...locations, ...practitioners, ...roles],
    organization,
    beds,
    clinicians: staff.map((practitioner) => reference(practitioner, practitioner.name?.[0]?.text)),
  };
}
