import type { DiagnosticReport, Observation, Reference } from 'fhir/r4';
import {
  concept,
  DAY,
  decimal,
  HOUR,
  hl7,
  instant,
  LOINC,
  type Making,
  quantity,
  reference,
  UCUM,
  YEAR,
} from './basics.ts';
import type { Picture } from './pictures.ts';

/** Laboratory results over the years, with the faults that real ones have. */
interface Lab {
  name: string;
  code: string;
  display: string;
  unit: string;
  ucum: string;
  digits: number;
  low: number;
  high: number;
  /** Beyond this it is critical. */
  panic: number;
  usual: number;
  /** What some other laboratory reports: another unit for the same code. */
  other?: { unit: string; ucum: string; factor: number; digits: number };
}

const LABS: readonly Lab[] = [
  {
    name: 'creatinine',
    code: '2160-0',
    display: 'Creatinine [Mass/volume] in Serum or Plasma',
    unit: 'µmol/L',
    ucum: 'umol/L',
    digits: 0,
    low: 59,
    high: 104,
    panic: 300,
    usual: 76,
    other: { unit: 'mg/dL', ucum: 'mg/dL', factor: 1 / 88.4, digits: 2 },
  },
  {
    name: 'potassium',
    code: '2823-3',
    display: 'Potassium [Moles/volume] in Serum or Plasma',
    unit: 'mmol/L',
    ucum: 'mmol/L',
    digits: 1,
    low: 3.5,
    high: 5.1,
    panic: 6,
    usual: 4.3,
  },
  {
    name: 'sodium',
    code: '2951-2',
    display: 'Sodium [Moles/volume] in Serum or Plasma',
    unit: 'mmol/L',
    ucum: 'mmol/L',
    digits: 0,
    low: 133,
    high: 146,
    panic: 155,
    usual: 140,
  },
  {
    name: 'haemoglobin',
    code: '718-7',
    display: 'Hemoglobin [Mass/volume] in Blood',
    unit: 'g/L',
    ucum: 'g/L',
    digits: 0,
    low: 120,
    high: 165,
    panic: 220,
    usual: 138,
  },
  {
    name: 'crp',
    code: '1988-5',
    display: 'C reactive protein [Mass/volume] in Serum or Plasma',
    unit: 'mg/L',
    ucum: 'mg/L',
    digits: 0,
    low: 0,
    high: 5,
    panic: 200,
    usual: 3,
  },
  {
    name: 'glucose',
    code: '2339-0',
    display: 'Glucose [Mass/volume] in Blood',
    unit: 'mmol/L',
    ucum: 'mmol/L',
    digits: 2,
    low: 3.9,
    high: 7.8,
    panic: 20,
    usual: 5.2,
    other: { unit: 'mg/dL', ucum: 'mg/dL', factor: 18.016, digits: 0 },
  },
  {
    name: 'hba1c',
    code: '4548-4',
    display: 'Hemoglobin A1c/Hemoglobin.total in Blood',
    unit: '%',
    ucum: '%',
    digits: 1,
    low: 4,
    high: 6,
    panic: 14,
    usual: 5.4,
  },
  {
    name: 'troponin',
    code: '10839-9',
    display: 'Troponin I.cardiac [Mass/volume] in Serum or Plasma',
    unit: 'ng/L',
    ucum: 'ng/L',
    digits: 1,
    low: 0,
    high: 14,
    panic: 100,
    usual: 4,
  },
];

const LABORATORY = [hl7('observation-category', 'laboratory', 'Laboratory')];

function interpretation(lab: Lab, value: number) {
  if (value > lab.panic) return hl7('v3-ObservationInterpretation', 'HH', 'Critical high');
  if (value > lab.high) return hl7('v3-ObservationInterpretation', 'H', 'High');
  if (value < lab.low) return hl7('v3-ObservationInterpretation', 'L', 'Low');
  return hl7('v3-ObservationInterpretation', 'N', 'Normal');
}

function base(making: Making, lab: Lab, time: number, encounter: Reference | undefined): Observation {
  return {
    resourceType: 'Observation',
    id: making.newId(),
    status: 'final',
    category: LABORATORY,
    code: concept(LOINC, lab.code, lab.display),
    subject: making.subject,
    ...(encounter && { encounter }),
    effectiveDateTime: instant(time),
    issued: instant(time + 2 * HOUR),
    performer: [{ display: 'Northhaven Pathology' }],
  };
}

function result(making: Making, lab: Lab, value: number, time: number, encounter: Reference | undefined): Observation {
  const { random } = making;
  const observation = base(making, lab, time, encounter);
  const swap = lab.other && random.chance(0.12) ? lab.other : undefined;
  const range = (bound: number) =>
    swap
      ? quantity(bound * swap.factor, swap.digits, swap.unit, swap.ucum)
      : quantity(bound, lab.digits, lab.unit, lab.ucum);
  observation.interpretation = [interpretation(lab, value)];
  observation.referenceRange = [
    lab.low > 0 ? { low: range(lab.low), high: range(lab.high) } : { high: range(lab.high) },
  ];
  observation.valueQuantity = range(value);
  if (lab.name === 'crp' && value < lab.high && random.chance(0.4)) {
    observation.valueQuantity = { value: decimal(1, 0), comparator: '<', unit: lab.unit, system: UCUM, code: lab.ucum };
  }
  if (random.chance(0.015)) spoil(making, observation);
  return observation;
}

/** What goes wrong with results: entered in error, not a number, or not done. */
function spoil({ random }: Making, observation: Observation): void {
  const fault = random.int(0, 2);
  if (fault === 0) {
    observation.status = 'entered-in-error';
    if (observation.valueQuantity) observation.valueQuantity.value = decimal(999, 0);
    return;
  }
  delete observation.valueQuantity;
  delete observation.interpretation;
  if (fault === 1) observation.valueString = 'Haemolysed – see comment';
  else {
    observation.status = 'cancelled';
    observation.dataAbsentReason = hl7('data-absent-reason', 'not-performed', 'Not Performed');
  }
}

/** When blood was taken: yearly at first, then more often, daily during the stay. */
function times({ now, ageYears, random }: Making, admitted: number | undefined): number[] {
  const years = Math.min(6, ageYears * 0.9);
  const found: number[] = [];
  for (let y = years; y > 0.3; y -= 0.6 + random.next() * 0.5) found.push(now - y * YEAR);
  const days = admitted === undefined ? 0 : Math.floor((now - admitted) / DAY);
  for (let d = Math.min(days, 7); d >= 0 && admitted !== undefined; d -= 1)
    found.push(Math.max(admitted, now - d * DAY - random.int(2, 5) * HOUR));
  return found;
}

function valueAt(making: Making, lab: Lab, picture: Picture, share: number): number {
  const [from, to] = picture.trends[lab.name] ?? [lab.usual, lab.usual];
  // Illness speeds up towards its end.
  const middle = from + (to - from) * share ** 2;
  return Math.max(lab.low / 4, making.random.normal(middle, middle * 0.035));
}

/** Results of each draw, gathered in a report. */
export function labs(
  making: Making,
  picture: Picture,
  encounter: Reference | undefined,
  admitted: number | undefined,
): Observation[] {
  const draws = times(making, admitted);
  const all: Observation[] = [];
  for (const [i, time] of draws.entries()) {
    const wanted = LABS.filter(
      (lab) => lab.name in picture.trends || (lab.name !== 'troponin' && making.random.chance(0.72)),
    );
    const inside = admitted !== undefined && time >= admitted ? encounter : undefined;
    const share = draws.length > 1 ? i / (draws.length - 1) : 1;
    const results = wanted.map((lab) =>
      making.add(result(making, lab, valueAt(making, lab, picture, share), time, inside)),
    );
    all.push(...results);
    making.add<DiagnosticReport>({
      resourceType: 'DiagnosticReport',
      id: making.newId(),
      status: 'final',
      category: [hl7('v2-0074', 'LAB', 'Laboratory')],
      code: concept(LOINC, '11502-2', 'Laboratory report'),
      subject: making.subject,
      ...(inside && { encounter: inside }),
      effectiveDateTime: instant(time),
      issued: instant(time + 2 * HOUR),
      performer: [{ display: 'Northhaven Pathology' }],
      result: results.map((observation) => reference(observation, observation.code.text)),
    });
  }
  return all;
}
