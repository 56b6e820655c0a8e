import type { ChartSummary } from '../../../../preload/contract/chart.ts';
import type { PatientRow } from '../../../../preload/contract/patients.ts';
import type { EarlyWarning, ResultGroup, Trend } from '../../../../preload/contract/results.ts';
import type { SaidItems } from '../../../../preload/contract/said.ts';
import type { Conflict, PendingChange } from '../../../../preload/contract/sync.ts';
import { said } from '../../../support/said.ts';

/** The time at which the invented records were fetched. */
/** Everything of a section may be seen. */
export const NOTHING_WITHHELD = { restricted: null, denied: false };

export const AS_OF = '2026-03-12T14:32:00Z';

const FAMILIES = ['Okafor', 'Lindqvist', "O'Brien", 'García', 'Nowak', 'Haddad', 'Smith', 'Tanaka', 'Müller', 'Osei'];
const GIVEN = ['Grace', 'Erik', 'Siobhán', 'Lucía', 'Jan', 'Leila', 'Thomas', 'Yuki', 'Anna', 'Kwame', 'Ruth', 'Ivan'];
const WARDS = ['Ward 4 West', 'Ward 7', 'Acute Medical Unit', 'Paediatrics', 'Coronary Care'];

/** Invented patients, the same every time. */
export function fakePatients(count: number): PatientRow[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `p${index}`,
    name: {
      family: FAMILIES[index % FAMILIES.length]!,
      given: GIVEN[(index * 7 + Math.floor(index / 10)) % GIVEN.length]!,
      prefix: index % 2 === 0 ? 'Mrs' : 'Mr',
    },
    birthDate: index % 37 === 5 ? '1961' : `${1930 + ((index * 13) % 95)}-0${1 + (index % 9)}-1${index % 10}`,
    deceased: index % 29 === 11 ? '2026-02-03' : false,
    sex: index % 2 === 0 ? 'female' : 'male',
    mrn: `${700_000 + index * 37}`,
    location: index % 6 === 4 ? null : `${WARDS[index % WARDS.length]}, bed ${1 + (index % 28)}`,
    lastUpdated: '2026-03-12T13:05:00Z',
    appointment: null,
    alike: false,
    similar: false,
    marks: [],
  }));
}

function section<Item>(items: Item[], total = items.length) {
  const known = { state: 'complete' as const, asOf: AS_OF, deletionsUnknown: false };
  return { ...known, items, total, omittedSince: null, withheld: NOTHING_WITHHELD };
}

const HOUR = 3_600_000;
const hoursAgo = (hours: number) => new Date(Date.parse(AS_OF) - hours * HOUR).toISOString();

type Observation = ChartSummary['vitals']['items'][number];

function observation(
  id: string,
  name: string,
  value: string,
  unit: string | null,
  flag: Observation['flag'],
  range: string | null,
  hours: number,
): Observation {
  return {
    id,
    code: `http://loinc.org|${id}`,
    name,
    value,
    unit,
    flag,
    range,
    effective: hoursAgo(hours),
    status: 'final',
    versionId: '1',
    encrypted: [],
    unsent: null,
  };
}

const VITALS = [
  observation('8867-4', 'Heart rate', '112', '/min', 'high', '60–100', 2),
  observation('85354-9', 'Blood pressure', '96/58', 'mmHg', 'low', null, 2),
  observation('8310-5', 'Body temperature', '38.40', 'Cel', 'high', '36.1–37.8', 2),
  observation('9279-1', 'Respiratory rate', '24', '/min', 'critical-high', '12–20', 2),
  observation('59408-5', 'Oxygen saturation', '93', '%', 'low', '94–98', 2),
  observation('29463-7', 'Body weight', '71.5', 'kg', null, null, 340),
];

const LABS = [
  observation('2823-3', 'Potassium', '6.10', 'mmol/L', 'critical-high', '3.5–5.1', 5),
  observation('2951-2', 'Sodium', '134', 'mmol/L', 'low', '136–145', 5),
  observation('2160-0', 'Creatinine', '1.50', 'mg/dL', 'high', '0.6–1.2', 5),
  observation('718-7', 'Haemoglobin', '11.2', 'g/dL', 'low', '12.0–15.5', 29),
  observation('6690-2', 'Leukocytes', '14.8', '10*9/L', 'high', '4.0–11.0', 29),
  observation('1988-5', 'C-reactive protein', '<0.5', 'mg/L', 'normal', '< 5', 29),
  observation('5792-7', 'Glucose, urine test strip', 'Negative', null, 'abnormal', null, 80),
];

/** A chart with something in every section, and cases that must not be mixed up. */
export function fakeChart(patient: PatientRow): ChartSummary {
  return {
    patient: {
      ...patient,
      identifiers: [
        { label: 'MRN', value: patient.mrn ?? 'none' },
        { label: 'NHS number', value: '943 476 5919' },
        { label: 'Visit', value: 'V-20260311-17' },
      ],
      encrypted: [],
      replacedBy: null,
    },
    asOf: AS_OF,
    allergyStatement: 'recorded',
    allergies: section<ChartSummary['allergies']['items'][number]>([
      allergy('a2', 'Latex', { criticality: 'low', verificationStatus: 'unconfirmed' }),
      allergy('a1', 'Penicillin G', { reactions: [{ manifestation: 'Anaphylaxis', severity: 'severe' }] }),
      allergy('a3', 'Peanut', { clinicalStatus: 'resolved' }),
      allergy('a4', 'Codeine', { verificationStatus: 'refuted' }),
      allergy('a5', 'Aspirin', { verificationStatus: 'entered-in-error' }),
    ]),
    problems: section<ChartSummary['problems']['items'][number]>([
      problem('c1', 'Community acquired pneumonia', '2026-03-10'),
      problem('c2', 'Type 2 diabetes mellitus', '2011'),
      problem('c3', 'Chronic kidney disease stage 3', '2019-06'),
      problem('c4', 'Essential hypertension', '2008-11-20'),
      { ...problem('c5', 'Acute bronchitis', '2022-01-14'), clinicalStatus: 'resolved', abatement: '2022-02-01' },
    ]),
    medications: section<ChartSummary['medications']['items'][number]>([
      medication('m1', 'Ceftriaxone 2 g powder for injection', '2 g intravenous once daily', 'active'),
      medication('m2', 'Clarithromycin 500 mg tablet', '500 mg oral twice daily', 'active'),
      medication('m3', 'Metformin 1000 mg tablet', '1000 mg oral twice daily with meals', 'on-hold'),
      { ...medication('m4', 'Paracetamol 500 mg tablet', '1 g oral up to four times daily', 'active'), asNeeded: true },
      medication('m5', 'Amlodipine 5 mg tablet', '5 mg oral once daily', 'stopped'),
    ]),
    alerts: section<ChartSummary['alerts']['items'][number]>([
      {
        id: 'f1',
        text: 'Not for resuscitation (ward policy 7)',
        category: 'Code status',
        since: '2026-03-10',
        warns: 'code-status',
        encrypted: [],
      },
    ]),
    vitals: section(VITALS, 431),
    results: section(LABS),
    encounters: section<ChartSummary['encounters']['items'][number]>([
      encounter('e1', 'Emergency admission', 'inpatient', 'in-progress', '2026-03-10T21:14:00Z', null),
      encounter('e2', 'Diabetes clinic', 'ambulatory', 'finished', '2025-11-04T09:00:00Z', '2025-11-04T09:30:00Z'),
    ]),
    notes: section<ChartSummary['notes']['items'][number]>([
      note('n1', 'Ward round', '2026-03-12T09:10:00Z'),
      note('n2', 'Admission clerking', '2026-03-10T22:05:00Z'),
      { ...note('n3', 'Discharge letter (scan)', '2025-11-04T10:00:00Z'), author: null },
    ]),
    stated: [],
    ...fakeBackground(),
  };
}

/** One of each of what stands behind the first sections. */
function fakeBackground(): Pick<
  ChartSummary,
  'immunizations' | 'careTeam' | 'goals' | 'carePlans' | 'social' | 'family' | 'devices'
> {
  const encrypted: string[] = [];
  const seen = { encrypted, status: 'completed' };
  const phone = { kind: 'phone' as const, value: 'ext. 4471' };
  return {
    immunizations: section([
      {
        ...seen,
        id: 'i1',
        vaccine: 'Influenza, seasonal',
        reason: null,
        date: '2025-10-02',
        dose: '1',
        series: null,
        lot: 'LOT-77',
      },
    ]),
    careTeam: section([
      {
        encrypted,
        id: 't1',
        kind: 'team',
        name: 'Ward 4 West team',
        members: [{ name: 'Dr Amara Nwosu', role: 'Consultant', contacts: [phone] }],
      },
    ]),
    goals: section([
      {
        encrypted,
        id: 'g1',
        text: 'Walk to the shop unaided',
        status: 'active',
        achievement: null,
        start: '2026-02-01',
        due: null,
      },
    ]),
    carePlans: section([
      {
        encrypted,
        id: 'cp1',
        title: 'Plan for pneumonia',
        status: 'active',
        start: '2026-03-10',
        end: null,
        activities: ['Daily review'],
      },
    ]),
    social: section([observation('72166-2', 'Tobacco smoking status', 'Former smoker', null, null, null, 900)]),
    family: section([
      {
        ...seen,
        id: 'fm1',
        relationship: 'Mother',
        deceased: true,
        conditions: [{ text: 'Breast cancer', onset: '52 a' }],
      },
    ]),
    devices: section([
      {
        encrypted,
        id: 'd1',
        name: 'Cardiac pacemaker',
        status: 'active',
        lot: null,
        serial: 'SN-1',
        mri: 'conditional' as const,
      },
    ]),
  };
}

type Allergy = ChartSummary['allergies']['items'][number];

export function allergy(id: string, substance: string, change: Partial<Allergy> = {}): Allergy {
  return {
    id,
    substance,
    clinicalStatus: 'active',
    verificationStatus: 'confirmed',
    criticality: 'high',
    type: 'allergy',
    category: ['medication'],
    reactions: [],
    recorded: '2014-05-02',
    note: null,
    encrypted: [],
    versionId: '1',
    unsent: null,
    ...change,
  };
}

function problem(id: string, text: string, onset: string): ChartSummary['problems']['items'][number] {
  return {
    id,
    text,
    clinicalStatus: 'active',
    verificationStatus: 'confirmed',
    onset,
    abatement: null,
    recorded: null,
    recorder: 'Dr Amara Nwosu',
    warns: null,
    encrypted: [],
    versionId: '1',
    unsent: null,
  };
}

function medication(
  id: string,
  drug: string,
  dosage: string,
  status: string,
): ChartSummary['medications']['items'][number] {
  const author = 'Dr Amara Nwosu';
  const authored = '2026-03-10';
  const taken = { dosage, doses: [], written: true, asNeeded: false };
  const stands = { changed: '2026-03-11T08:00:00Z', versionId: '1', unsent: null };
  return { id, source: 'MedicationRequest', drug, ...taken, status, authored, author, encrypted: [], ...stands };
}

function encounter(
  id: string,
  type: string,
  kind: string,
  status: string,
  start: string,
  end: string | null,
): ChartSummary['encounters']['items'][number] {
  const [location, reason] = ['Ward 4 West', 'Cough and fever'];
  const own = { number: null, voidNumbers: [], isOurs: false, versionId: '1', unsent: null };
  return { id, type, class: kind, classCode: null, status, start, end, location, reason, encrypted: [], ...own };
}

function note(id: string, title: string, date: string): ChartSummary['notes']['items'][number] {
  return { id, title, author: 'Dr Amara Nwosu', date, status: 'current', encrypted: [], unsent: null };
}

/** The groups of the results view: every vital and result of the chart. */
export function fakeGroups(): ResultGroup[] {
  const vitals = VITALS.map((latest) => ({ latest, category: 'vital-signs' as const }));
  const labs = LABS.map((latest) => ({ latest, category: 'laboratory' as const }));
  return [...vitals, ...labs].map(({ latest, category }, index) => ({
    code: latest.code,
    name: latest.name,
    category,
    count: 1 + ((index * 17) % 90),
    latest,
    flagFrom: latest.flag && (index % 2 === 0 ? 'interpretation' : 'range'),
    delta: latest.code.endsWith('|2160-0') ? { change: '+0.30', before: '1.20', time: hoursAgo(29) } : null,
    was: latest.code.endsWith('|2951-2') ? '143 mmol/L' : null,
    panel: CHEMISTRY.includes(latest.id) ? { code: 'http://loinc.org|51990-0', name: 'Basic metabolic panel' } : null,
  }));
}

const CHEMISTRY = ['2823-3', '2951-2', '2160-0'];

/** A whole set of observations, of two hours ago; `change` is what is otherwise. */
export function fakeWarning(change: Partial<EarlyWarning> = {}): EarlyWarning {
  const input = (
    name: EarlyWarning['inputs'][number]['input'],
    value: string,
    unit: string | null,
    score: number,
  ): EarlyWarning['inputs'][number] => ({
    input: name,
    problem: null,
    value,
    unit,
    original: null,
    time: hoursAgo(2),
    score,
    unsent: null,
  });
  return {
    inputs: [
      input('respiration', '24', '/min', 2),
      input('oxygen-saturation', '93', '%', 2),
      input('supplemental-oxygen', 'Air', null, 0),
      input('systolic', '96', 'mmHg', 2),
      input('pulse', '112', '/min', 2),
      input('consciousness', 'New confusion', null, 3),
      { ...input('temperature', '38.0', '°C', 0), original: '100.4 [degF]' },
    ],
    scale: 1,
    scaleTime: null,
    total: 11,
    risk: 'high',
    notFor: null,
    validUntil: new Date(Date.parse(AS_OF) + 10 * HOUR).toISOString(),
    setHours: 1,
    ageHours: 12,
    state: 'complete',
    asOf: AS_OF,
    deletionsUnknown: false,
    withheld: NOTHING_WITHHELD,
    ...change,
  };
}

type Series = Trend['series'][number];

/** Values around a base, with flags beyond the range. */
export function fakeSeries(name: string, unit: string, count: number, base: number, low: number, high: number): Series {
  const points = Array.from({ length: count }, (_, index) => {
    const value = base + Math.sin(index / 3) * base * 0.2 + ((index * 7919) % 13) * base * 0.01;
    const flag = value > high ? ('high' as const) : value < low ? ('low' as const) : ('normal' as const);
    const time = Date.parse(AS_OF) - (count - index) * 26 * HOUR;
    return {
      time,
      value,
      text: value.toFixed(2),
      flag,
      flagFrom: 'range' as const,
      status: 'final',
      original: null,
      was: null,
    };
  });
  return { name, unit, range: { low, high }, points };
}

/** Creatinine comes in two units, as after a change of laboratory; everything else in one. */
export function fakeTrend(code: string): Trend {
  const group = fakeGroups().find((candidate) => candidate.code === code);
  const name = group?.name ?? code;
  const value = Number.parseFloat(group?.latest.value ?? '1') || 1;
  const [low, high] = (group?.latest.range ?? '').split('–').map(Number);
  const main = fakeSeries(
    name,
    group?.latest.unit ?? '',
    group?.count ?? 1,
    value * 0.9,
    low || value * 0.8,
    high || value,
  );
  const series = code.endsWith('2160-0') ? [main, fakeSeries(name, 'umol/L', 9, 128, 53, 106)] : [main];
  const omitted = { enteredInError: 1, notNumeric: 2, noTime: 0 };
  return {
    code,
    name,
    series,
    masked: [],
    worded: [],
    withdrawn: [{ id: 'w1', time: Date.parse(AS_OF) - 30 * HOUR, text: '999 mmol/L', status: 'entered-in-error' }],
    omitted,
    capped: false,
    state: 'complete',
    asOf: AS_OF,
    deletionsUnknown: false,
    withheld: NOTHING_WITHHELD,
  };
}

const code = (at: string, one: string): SaidItems => [[{ kind: 'code', at, code: one, text: one }]];
const NOTHING_ENCRYPTED = { base: false, mine: false, theirs: false };

/** An unsent change, invented. */
export function fakeChange(change: Partial<PendingChange> = {}): PendingChange {
  return {
    id: '7c1e9a52-3a8e-4a57-9d0b-1f4f6f0c2b11',
    patientId: 'p0',
    patient: { family: 'Okafor', given: 'Grace', prefix: 'Mrs' },
    resourceType: 'DocumentReference',
    resourceId: 'n1',
    title: 'Ward round',
    action: 'update',
    state: 'waiting',
    changedAt: AS_OF,
    attempts: 0,
    withheld: false,
    problem: null,
    ...change,
  };
}

/** A note that both sides have changed, and a status that one side has. */
export function fakeConflict(change: Partial<Conflict> = {}): Conflict {
  return {
    change: fakeChange({ state: 'conflict', attempts: 1 }),
    token: 'seen-1',
    deletedOnServer: false,
    theirsUpdated: AS_OF,
    decideAll: false,
    fields: [
      {
        path: 'docStatus',
        base: code('docStatus', 'final'),
        mine: code('docStatus', 'amended'),
        theirs: code('docStatus', 'final'),
        both: null,
        encrypted: NOTHING_ENCRYPTED,
        changedBy: 'mine',
        exact: { all: [{ at: 'docStatus', base: '"final"', mine: '"amended"', theirs: '"final"' }], more: 0 },
      },
      {
        path: 'content',
        base: said('Less breathless overnight. Slept four hours. No chest pain.'),
        mine: said('Less breathless overnight. Slept six hours. No chest pain.'),
        theirs: said('Less breathless overnight. Slept four hours. Chest pain at 06:00, ECG unchanged.'),
        both: null,
        encrypted: NOTHING_ENCRYPTED,
        changedBy: 'both',
        exact: { all: [], more: 0 },
      },
    ],
    ...change,
  };
}
