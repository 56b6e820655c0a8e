import type { HumanName, Patient } from 'fhir/r4';
import { DAY, date, hl7, YEAR } from './basics.ts';
import { type NamePool, pools } from './names.ts';
import type { Random } from './random.ts';

const STREETS = ['Harbour Road', 'Cedar Lane', 'Mill Street', 'Station Approach', 'Queen’s Crescent', 'Rue des Lilas'];
const TOWNS = [
  ['Northhaven', 'NH1 4QT'],
  ['Eastbridge', 'EB7 2LP'],
  ['Saint-Clair', 'SC3 9RW'],
] as const;

/** A cohort is not a sample: the extremes of age come first, so that small ones have them too. */
const FIRST_AGES = [3 / 365.25, 101.4, 34, 82, 0.6, 61, 7, 73, 16, 49];

function ageOf(i: number, random: Random): number {
  const first = FIRST_AGES[i];
  if (first !== undefined) return first < 1 ? first : first + random.next() * 0.9;
  return Math.min(98, Math.max(0.1, random.normal(58, 21)));
}

function humanNames(random: Random, pool: NamePool, female: boolean, infant: boolean): HumanName[] {
  const family = random.pick(pool.family);
  const given = infant ? 'Baby' : random.pick(female ? pool.female : pool.male);
  const names: HumanName[] = [{ use: 'official', text: `${given} ${family}`, family, given: [given] }];
  const native = pool.native;
  if (native?.[family] && native[given]) {
    const [f, g] = [native[family], native[given]];
    const text = /\p{Script=Han}/u.test(f) ? `${f}${g}` : `${g} ${f}`;
    names.push({
      use: 'usual',
      text,
      family: f,
      given: [g],
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/language', valueCode: pool.language }],
    });
  }
  return names;
}

/** Two people whom a careless eye takes for one: same family name and date of birth, one letter apart. */
const LOOKALIKES: readonly HumanName[] = [
  { use: 'official', text: 'Jon Andersson', family: 'Andersson', given: ['Jon'] },
  { use: 'official', text: 'John Anderson', family: 'Anderson', given: ['John'] },
];
const LOOKALIKE_AT = 2;

export interface Demographics {
  patient: Patient;
  born: number;
  female: boolean;
}

export function demographics(i: number, random: Random, now: number): Demographics {
  const twin = LOOKALIKES[i - LOOKALIKE_AT];
  const age = twin ? 66.2 : ageOf(i < LOOKALIKE_AT ? i : i - LOOKALIKES.length, random);
  const born = Math.floor((now - age * YEAR) / DAY) * DAY;
  const female = twin ? false : random.chance(0.5);
  const [city, postalCode] = random.pick(TOWNS);
  const pool = pools[i % pools.length]!;
  const deceased = i > 12 && random.chance(0.04);
  const patient: Patient = {
    resourceType: 'Patient',
    id: random.uuid(),
    active: true,
    identifier: [
      {
        use: 'usual',
        type: hl7('v2-0203', 'MR', 'Medical record number'),
        system: 'urn:wardlight:dev:mrn',
        value: `MRN${String(100_000 + i * 37).padStart(8, '0')}`,
      },
      {
        use: 'official',
        type: hl7('v2-0203', 'NI', 'National unique individual identifier'),
        system: 'urn:wardlight:dev:national-id',
        value: `999 ${random.int(100, 999)} ${random.int(1000, 9999)}`,
      },
    ],
    name: twin ? [twin] : humanNames(random, pool, female, age < 0.05),
    telecom: [{ system: 'phone', value: `+44 1632 960${random.int(100, 999)}`, use: age > 60 ? 'home' : 'mobile' }],
    gender: !twin && random.chance(0.02) ? 'other' : female ? 'female' : 'male',
    birthDate: date(born),
    address: [
      { use: 'home', line: [`${random.int(1, 199)} ${random.pick(STREETS)}`], city, postalCode, country: 'GB' },
    ],
    communication: [
      { language: { coding: [{ system: 'urn:ietf:bcp:47', code: pool.language }] }, preferred: pool.language !== 'en' },
    ],
  };
  if (deceased) patient.deceasedDateTime = date(now - random.int(20, 400) * DAY);
  return { patient, born, female };
}
