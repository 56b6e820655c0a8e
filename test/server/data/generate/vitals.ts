import type { Observation, Reference } from 'fhir/r4';
import { concept, DAY, decimal, HOUR, hl7, instant, LOINC, type Making, quantity, UCUM, YEAR } from './basics.ts';

/** Vital signs: FHIR R4 observation-vitalsigns.html. */
const VITAL_SIGNS = [hl7('observation-category', 'vital-signs', 'Vital Signs')];

interface Normals {
  heart: number;
  breaths: number;
  systolic: number;
  weight: number;
}

/** What is normal depends on age above all. */
function normals(age: number): Normals {
  if (age < 0.2) return { heart: 138, breaths: 42, systolic: 72, weight: 3.4 };
  if (age < 3) return { heart: 118, breaths: 28, systolic: 92, weight: 4 + age * 4 };
  if (age < 13) return { heart: 92, breaths: 21, systolic: 104, weight: 8 + age * 3 };
  return { heart: 76, breaths: 16, systolic: 118 + age / 5, weight: 74 };
}

function sign(
  making: Making,
  code: string,
  display: string,
  time: number,
  encounter: Reference | undefined,
): Observation {
  return {
    resourceType: 'Observation',
    id: making.newId(),
    status: 'final',
    category: VITAL_SIGNS,
    code: concept(LOINC, code, display),
    subject: making.subject,
    ...(encounter && { encounter }),
    effectiveDateTime: instant(time),
  };
}

/** One round of observations; `strain` from 0 (well) to 1 (unwell). */
function round(making: Making, usual: Normals, strain: number, time: number, encounter: Reference | undefined): void {
  const { random, add } = making;
  const one = (code: string, display: string, value: number, digits: number, unit: string, ucum: string) =>
    add({ ...sign(making, code, display, time, encounter), valueQuantity: quantity(value, digits, unit, ucum) });
  one('8867-4', 'Heart rate', random.normal(usual.heart * (1 + strain / 3), 6), 0, 'beats/min', '/min');
  one('9279-1', 'Respiratory rate', random.normal(usual.breaths * (1 + strain / 3), 1.5), 0, 'breaths/min', '/min');
  one('8310-5', 'Body temperature', random.normal(36.7 + strain * 1.4, 0.2), 1, '°C', 'Cel');
  one(
    '59408-5',
    'Oxygen saturation in Arterial blood by Pulse oximetry',
    Math.min(100, random.normal(97 - strain * 5, 0.8)),
    0,
    '%',
    '%',
  );
  const systolic = random.normal(usual.systolic - strain * 10, 7);
  const part = (code: string, display: string, value: number) => ({
    code: concept(LOINC, code, display),
    valueQuantity: { value: decimal(value, 0), unit: 'mmHg', system: UCUM, code: 'mm[Hg]' },
  });
  add({
    ...sign(making, '85354-9', 'Blood pressure panel with all children optional', time, encounter),
    component: [
      part('8480-6', 'Systolic blood pressure', systolic),
      part('8462-4', 'Diastolic blood pressure', systolic * 0.62),
    ],
  });
}

export function vitals(making: Making, encounter: Reference | undefined, admitted: number | undefined): void {
  const { random, now, ageYears } = making;
  const years = Math.min(5, ageYears * 0.9);
  for (let y = years; y > 0.4; y -= 0.9) {
    const time = now - y * YEAR;
    const usual = normals(ageYears - y);
    round(making, usual, 0, time, undefined);
    making.add({
      ...sign(making, '29463-7', 'Body weight', time, undefined),
      valueQuantity: quantity(random.normal(usual.weight, usual.weight / 20), 2, 'kg', 'kg'),
    });
  }
  if (admitted === undefined) return;
  const rounds = Math.min(9, Math.max(2, Math.floor((now - admitted) / (DAY / 2))));
  for (let i = rounds; i > 0; i -= 1) {
    const time = Math.max(admitted, now - i * 6 * HOUR + random.int(0, 50) * 60_000);
    round(making, normals(ageYears), Math.min(1, i / 8), time, encounter);
  }
}
