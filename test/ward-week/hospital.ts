import type { PatientFacts } from '../../main/audit/events/details.ts';
import type { Random } from '../sim/random.ts';

const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;

/** Kinds of clinicians by the code of their role (SNOMED CT), and how many of a ward's staff they are. */
export const kinds = {
  nurse: { role: 'http://snomed.info/sct|224535009', share: 0.56 },
  physician: { role: 'http://snomed.info/sct|309343006', share: 0.22 },
  consultant: { role: 'http://snomed.info/sct|768839008', share: 0.08 },
  therapist: { role: 'http://snomed.info/sct|36682004', share: 0.07 },
  clerk: { role: 'http://snomed.info/sct|224608005', share: 0.07 },
} as const;
export type Kind = keyof typeof kinds;

export interface Clinician {
  readonly id: string;
  readonly kind: Kind;
  readonly ward: number;
  readonly family: string;
  /** The usual workstation, and another one of the ward's. */
  readonly devices: readonly [string, string];
  /** First day of work; most have always been there. */
  readonly since: number;
}

export interface Patient {
  readonly id: string;
  readonly ward: number;
  readonly family: string;
  readonly labels: readonly string[];
  /** Days of the simulation, from one to before the other. */
  readonly from: number;
  readonly until: number;
  /** A clinician of the hospital lies here. */
  readonly staff: string | null;
}

export interface Hospital {
  readonly clinicians: readonly Clinician[];
  readonly wards: number;
  /** Who lies on a ward on a day. */
  inpatients(ward: number, day: number): readonly Patient[];
  /** Whoever left so many days ago or more. */
  former(day: number, daysAgo: number): readonly Patient[];
}

const STAFF_OF_A_WARD = 25;
const BEDS = 28;
const STAY_DAYS = 6;

/** Family names as they are spread: a few are common, most are rare. */
function family(random: Random): string {
  return `family-${Math.floor(3_000 * random.next() ** 2.2)}`;
}

/** Of a ward's staff in a row, from 0 to 1, whoever stands at a place. */
function kindAt(place: number): Kind {
  let rest = place;
  for (const [kind, { share }] of Object.entries(kinds)) {
    rest -= share;
    if (rest <= 0) return kind as Kind;
  }
  return 'clerk';
}

function staffOf(random: Random, count: number, evaluatedFrom: number): Clinician[] {
  const wards = Math.ceil(count / STAFF_OF_A_WARD);
  return Array.from({ length: count }, (_, index): Clinician => {
    const ward = index % wards;
    // The same mixture on each ward, whichever its size.
    const place = (Math.floor(index / wards) + 0.5) / Math.ceil(count / wards);
    const kind = kindAt(place);
    const [usual, other] = [random.below(4), random.below(4)];
    return {
      id: `Practitioner/c${index}`,
      kind,
      ward,
      family: family(random),
      devices: [`ward-${ward}-pc-${usual}`, `ward-${ward}-pc-${other}`],
      since: random.chance(0.01) ? evaluatedFrom + random.below(5) : -1,
    };
  });
}

function labelsOf(random: Random): string[] {
  if (random.chance(0.002)) return ['V', 'CEL'];
  return random.chance(0.03) ? ['R'] : [];
}

/** Each bed has one patient after another. */
function patientsOf(random: Random, wards: number, days: number, staff: readonly Clinician[]): Patient[] {
  const patients: Patient[] = [];
  for (let ward = 0; ward < wards; ward += 1) {
    for (let bed = 0; bed < BEDS; bed += 1) {
      let from = -400;
      // Long ago it is enough to know of some.
      for (let turn = 0; from < days; turn += 1) {
        const stay = 1 + Math.floor(-Math.log(1 - random.next()) * STAY_DAYS);
        const isStaff = random.chance(0.004);
        const member = random.pick(staff);
        patients.push({
          id: `p-${ward}-${bed}-${turn}`,
          ward,
          family: isStaff ? member.family : family(random),
          labels: labelsOf(random),
          from,
          until: from + stay,
          staff: isStaff ? member.id : null,
        });
        from += stay + (from < -40 ? 30 : random.below(2));
      }
    }
  }
  return patients;
}

/** A hospital with its staff and its patients, all by the seed. */
export function createHospital(
  random: Random,
  { clinicians: count, days, evaluatedFrom }: { clinicians: number; days: number; evaluatedFrom: number },
): Hospital {
  const clinicians = staffOf(random, count, evaluatedFrom);
  const wards = Math.ceil(count / STAFF_OF_A_WARD);
  const patients = patientsOf(random, wards, days, clinicians);
  const there = new Map<string, Patient[]>();
  for (const patient of patients) {
    for (let day = Math.max(0, patient.from); day < Math.min(days, patient.until); day += 1) {
      const key = `${patient.ward} ${day}`;
      const known = there.get(key) ?? [];
      known.push(patient);
      there.set(key, known);
    }
  }
  return {
    clinicians,
    wards,
    inpatients: (ward, day) => there.get(`${ward % wards} ${day}`) ?? [],
    former: (day, daysAgo) => patients.filter(({ until }) => until <= day - daysAgo),
  };
}

/** What the cache would know of a patient as this clinician opens her chart. */
export function factsOf(
  clinician: Clinician,
  patient: Patient,
  relation: PatientFacts['relation'],
  startMs: number,
  day: number,
): PatientFacts {
  return {
    relation,
    labels: patient.labels,
    discharged: patient.until <= day ? new Date(startMs + patient.until * DAY_MS).toISOString() : null,
    sameFamilyName: patient.family === clinician.family,
    ownRecord: patient.staff === clinician.id,
    colleague: patient.staff !== null && patient.staff !== clinician.id,
  };
}
