import type { CareTeam, Encounter, HumanName, Observation, Patient } from 'fhir/r4';
import { devUsers } from '../../server/users.ts';

export interface Resource {
  readonly type: string;
  readonly text: string;
}

/** LOINC's glucose, of which one patient has a long trend. */
export const TREND_CODE = 'http://loinc.org|2339-0';
const FIRST_POINT = Date.parse('2016-01-01T06:00:00Z');
const POINT_EVERY_MS = 18 * 3_600_000;
const ADMITTED_EVERY = 12;
const BEDS = 24;
const DAY_MS = 86_400_000;

export function typeOf(text: string): string {
  return /"resourceType":\s*"([A-Za-z]+)"/.exec(text)?.[1] ?? '';
}

type Stored<Resource> = Resource & { readonly id: string };

/** As many patients as are asked for, with the names of a set put together anew; the first have ids of their own choice. */
export function panelFrom(texts: readonly string[], count: number, ids: readonly string[]): Stored<Patient>[] {
  const set = texts.map((text) => JSON.parse(text) as Patient);
  const names = set.flatMap(({ name }) => name?.[0] ?? []);
  return Array.from({ length: count }, (_, at) => {
    const { gender, birthDate } = set[at % set.length] ?? {};
    const born = Date.parse(birthDate ?? '1970-01-01') + Math.floor(at / set.length) * 37 * DAY_MS;
    return {
      resourceType: 'Patient',
      id: ids[at] ?? `bench-patient-${at}`,
      meta: { versionId: '1', lastUpdated: '2026-10-01T00:00:00Z' },
      // Those with ids of their own stand at the top of the list.
      name: [at < ids.length ? { family: 'Aaltonen', given: [`Number ${at}`] } : nameOf(names, at)],
      ...(gender && { gender }),
      birthDate: new Date(born).toISOString().slice(0, 10),
      identifier: [
        {
          type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
          value: `9${String(at).padStart(7, '0')}`,
        },
      ],
    };
  });
}

function nameOf(names: readonly HumanName[], at: number): HumanName {
  const plain = (name: string | undefined) => (name ?? 'Unknown').replace(/\d+/g, '');
  const [family, given] = [
    names[(at * 7) % names.length],
    names[(at * 13 + Math.floor(at / names.length)) % names.length],
  ];
  return { use: 'official', family: plain(family?.family), given: [plain(given?.given?.[0])] };
}

export function careTeamOf(patientId: string): Stored<CareTeam> {
  return {
    resourceType: 'CareTeam',
    id: `team-${patientId}`,
    meta: { versionId: '1', lastUpdated: '2026-10-01T00:00:00Z' },
    status: 'active',
    subject: { reference: `Patient/${patientId}` },
    participant: [{ member: { reference: `Practitioner/${devUsers[0]?.practitionerId}` } }],
  };
}

/** One patient in a dozen lies in a bed. */
export function admissionOf(patientId: string, at: number): Stored<Encounter>[] {
  if (at % ADMITTED_EVERY !== 0) return [];
  const bed = Math.floor(at / ADMITTED_EVERY);
  return [
    {
      resourceType: 'Encounter',
      id: `stay-${patientId}`,
      meta: { versionId: '1', lastUpdated: '2026-10-28T00:00:00Z' },
      status: 'in-progress',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
      subject: { reference: `Patient/${patientId}` },
      period: { start: '2026-10-28T09:00:00Z' },
      location: [{ location: { display: `Ward ${Math.floor(bed / BEDS) + 1}, Bed ${(bed % BEDS) + 1}` } }],
    },
  ];
}

/** Readings of one test over years, some of them out of their range. */
export function pointsOf(patientId: string, count: number): Stored<Observation>[] {
  const [system = '', code = ''] = TREND_CODE.split('|');
  return Array.from({ length: count }, (_, at) => {
    const value = Math.round((5.4 + 2.2 * Math.sin(at / 40) + ((at * 31) % 17) / 10) * 10) / 10;
    return {
      resourceType: 'Observation',
      id: `point-${at}`,
      meta: { versionId: '1', lastUpdated: '2026-10-01T00:00:00Z' },
      status: 'final',
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
      ],
      code: { coding: [{ system, code, display: 'Glucose' }], text: 'Glucose' },
      subject: { reference: `Patient/${patientId}` },
      effectiveDateTime: new Date(FIRST_POINT + at * POINT_EVERY_MS).toISOString(),
      valueQuantity: { value, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
      referenceRange: [
        {
          low: { value: 3.9, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
          high: { value: 7.8, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
        },
      ],
    };
  });
}
