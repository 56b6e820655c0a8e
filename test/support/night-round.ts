import type { Observation } from 'fhir/r4';

const LOINC = 'http://loinc.org';
const SNOMED = 'http://snomed.info/sct';
const UCUM = 'http://unitsofmeasure.org';
const VITAL_SIGNS = [
  { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
];

/** As a server names them. */
const NAMES: Readonly<Record<string, string>> = {
  rr: 'Respiratory rate',
  sat: 'Oxygen saturation',
  sys: 'Systolic blood pressure',
  hr: 'Heart rate',
  temp: 'Body temperature',
  air: 'Breathing room air',
  acvpu: 'ACVPU scale score',
};

/** A whole set of observations of a quarter of an hour ago; the temperature in °F. */
export function nightRound(patientId: string): Observation[] {
  const effectiveDateTime = new Date(Date.now() - 15 * 60_000).toISOString();
  const one = (id: string, system: string, code: string, value: object): Observation => ({
    resourceType: 'Observation',
    id: `night-${id}`,
    status: 'final',
    category: VITAL_SIGNS,
    code: { coding: [{ system, code, display: NAMES[id] }] },
    subject: { reference: `Patient/${patientId}` },
    effectiveDateTime,
    ...value,
  });
  const of = (value: number, unit: string, code = unit) => ({ valueQuantity: { value, unit, system: UCUM, code } });
  return [
    one('rr', LOINC, '9279-1', of(24, '/min')),
    one('sat', LOINC, '59408-5', of(93, '%')),
    one('sys', LOINC, '8480-6', of(96, 'mmHg', 'mm[Hg]')),
    one('hr', LOINC, '8867-4', of(112, '/min')),
    one('temp', LOINC, '8310-5', of(100.4, '°F', '[degF]')),
    one('air', SNOMED, '722742002', {}),
    one('acvpu', SNOMED, '1104441000000107', {
      valueCodeableConcept: { coding: [{ system: SNOMED, code: '130987000', display: 'Acute confusion' }] },
    }),
  ];
}
