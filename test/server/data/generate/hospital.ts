import type { FhirResource, Location, Organization, Practitioner, PractitionerRole, Reference } from 'fhir/r4';
import type { DevUser } from '../../users.ts';
import { practitionerOf } from '../dev-users.ts';
import { concept, reference, SNOMED } from './basics.ts';
import type { Random } from './random.ts';

export interface Bed {
  ward: Location;
  bed: Location;
}

/** The hospital that all patients are in: wards with beds, staff, and their roles. */
export interface Hospital {
  resources: FhirResource[];
  organization: Organization;
  /** Beds by ward, in the order in which they are filled. */
  beds: Record<WardId, Bed[]>;
  clinicians: Reference[];
}

const WARDS = {
  medicine: 'Ward 4A Acute Medicine',
  cardiology: 'Ward 5B Cardiology',
  surgery: 'Ward 6C Surgery',
  paediatrics: 'Ward 2P Paediatrics and Neonates',
};
export type WardId = keyof typeof WARDS;
const BEDS_PER_WARD = 12;

const STAFF: [string, string, string, string, string][] = [
  ['Dr', 'Ruth', 'Abernathy', '309343006', 'Physician'],
  ['Dr', 'Hyun-woo', 'Kim', '17561000', 'Cardiologist'],
  ['Dr', 'Siobhán', 'Ní Dhomhnaill', '304292004', 'Surgeon'],
  ['Dr', 'Emeka', 'Nwosu', '82296001', 'Geriatrician'],
  ['Ms', 'Chloé', 'Lefèvre', '224535009', 'Registered nurse'],
  ['Mr', 'Paweł', 'Zieliński', '46255001', 'Pharmacist'],
  ['Dr', 'Leila', 'Farahani', '82296001', 'Paediatrician'],
];

function location(id: string, name: string, kind: 'wa' | 'bd', display: string, partOf?: Location): Location {
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

/** Wards are numbered in their order above: bed 12 of the first is `ward-1-bed-12`. */
function wardsAndBeds(): { locations: Location[]; beds: Hospital['beds'] } {
  const locations: Location[] = [];
  const beds: Hospital['beds'] = { medicine: [], cardiology: [], surgery: [], paediatrics: [] };
  for (const [w, [key, name]] of Object.entries(WARDS).entries()) {
    const ward = location(`ward-${w + 1}`, name, 'wa', 'Ward');
    locations.push(ward);
    for (let b = 1; b <= BEDS_PER_WARD; b += 1) {
      const bed = location(`${ward.id}-bed-${b}`, `Bed ${b}`, 'bd', 'Bed', ward);
      locations.push(bed);
      beds[key as WardId].push({ ward, bed });
    }
  }
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
