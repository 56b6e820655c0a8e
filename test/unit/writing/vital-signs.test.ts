import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correctedVitalSign, newVitalSign } from '../../../main/writing/vital-signs.ts';
import { vitalKind } from '../../../preload/contract/results.ts';
import { inEnglish } from '../../support/in-english.ts';
import { expectValid } from '../../support/valid.ts';

const writing = {
  patientId: 'p1',
  practitioner: 'Practitioner/dr',
  display: 'Dr Amara Nwosu',
  encounter: null,
  now: Date.parse('2026-03-12T14:32:05.250Z'),
  offsetMinutes: -300,
  id: '7c1e9a52-3a8e-4a57-9d0b-1f4f6f0c2b11',
};

const USUAL = {
  'heart-rate': '82',
  'respiratory-rate': '16',
  'body-temperature': '37.0',
  'oxygen-saturation': '97',
  'oxygen-flow': '2',
  'blood-pressure': '120',
  'body-weight': '71.50',
} as const;

describe('a new vital sign', () => {
  it.each(vitalKind.options)('of kind %s is valid for R4 and in the vital signs category', (kind) => {
    const diastolic = kind === 'blood-pressure' ? '80' : null;
    const made = newVitalSign({ kind, value: USUAL[kind], diastolic }, writing);
    if (!made.ok) throw new Error(made.error.code);
    const resource = JSON.parse(made.value.body);
    expectValid(resource);
    expect(resource).toMatchObject({
      status: 'final',
      category: [{ coding: [{ code: 'vital-signs' }] }],
      subject: { reference: 'Patient/p1' },
      performer: [{ reference: 'Practitioner/dr' }],
      effectiveDateTime: '2026-03-12T09:32:05.250-05:00',
    });
  });

  it('keeps the digits as they were typed', () => {
    const made = newVitalSign({ kind: 'body-temperature', value: '37.0', diastolic: null }, writing);
    expect(made.ok && made.value.body).toContain(
      '"value":37.0,"unit":"°C","system":"http://unitsofmeasure.org","code":"Cel"',
    );
    expect(made.ok && inEnglish(made.value.title)).toBe('Body temperature 37.0 °C');
  });

  it('of a blood pressure is one Observation with two components', () => {
    const made = newVitalSign({ kind: 'blood-pressure', value: '120', diastolic: '80' }, writing);
    const resource = JSON.parse(made.ok ? made.value.body : '{}');
    expect(resource.code.coding[0].code).toBe('85354-9');
    expect(resource.component.map((one: { valueQuantity: { value: number } }) => one.valueQuantity.value)).toEqual([
      120, 80,
    ]);
    expect(resource).not.toHaveProperty('valueQuantity');
  });

  it.each([
    ['body-temperature', '370', null],
    ['body-temperature', '19.9', null],
    ['heart-rate', '351', null],
    ['heart-rate', '-1', null],
    ['oxygen-saturation', '101', null],
    ['body-weight', '0', null],
    ['blood-pressure', '80', '120'],
    ['blood-pressure', '120', null],
    ['blood-pressure', '120', '120'],
    ['heart-rate', '80', '60'],
  ] as const)('refuses a %s of %s / %s', (kind, value, diastolic) => {
    expect(newVitalSign({ kind, value, diastolic }, writing)).toEqual({ ok: false, error: { code: 'out-of-range' } });
  });
});

const stored = (change: Record<string, unknown> = {}) =>
  JSON.stringify({
    resourceType: 'Observation',
    id: 'o1',
    meta: { versionId: '3' },
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }] },
    subject: { reference: 'Patient/p1' },
    effectiveDateTime: '2026-03-12T09:00:00Z',
    interpretation: [{ coding: [{ code: 'H' }] }],
    valueQuantity: { value: 112, unit: 'beats/min', system: 'http://unitsofmeasure.org', code: '/min' },
    ...change,
  });

const correct = (resource: string, value = '82', diastolic: string | null = null, versionId = '3') =>
  correctedVitalSign({ resource, versionId, value, diastolic }, writing);

function corrected(resource: string, value?: string, diastolic?: string | null) {
  const made = correct(resource, value, diastolic);
  if (!made.ok) throw new Error(made.error.code);
  const parsed = JSON.parse(made.value.body);
  expectValid(parsed);
  return { ...made.value, resource: parsed };
}

describe('a corrected vital sign', () => {
  it('has the typed number, status corrected, and no interpretation of the wrong number', () => {
    const { resource, title } = corrected(stored());
    expect(resource.valueQuantity).toEqual({
      value: 82,
      unit: 'beats/min',
      system: 'http://unitsofmeasure.org',
      code: '/min',
    });
    expect(resource.status).toBe('corrected');
    expect(resource).not.toHaveProperty('interpretation');
    expect(title).toBe('Heart rate 82 beats/min');
  });

  it('keeps the digits of everything else, whatever they are', () => {
    const digits = fc.tuple(fc.nat(999), fc.stringMatching(/^\d{1,30}$/)).map(([whole, part]) => `${whole}.${part}`);
    fc.assert(
      fc.property(digits, digits, (low, typed) => {
        const range = `"referenceRange":[{"low":{"value":${low},"unit":"/min"}}],`;
        const made = correct(
          stored({ code: { text: 'x' } }).replace('"valueQuantity"', `${range}"valueQuantity"`),
          typed,
        );
        expect(made.ok && made.value.body).toContain(`"low":{"value":${low},`);
        expect(made.ok && made.value.body).toContain(`"value":${typed}`);
      }),
    );
  });

  it('of a blood pressure has both numbers corrected', () => {
    const part = (code: string, value: number) => ({
      code: { coding: [{ system: 'http://loinc.org', code }] },
      valueQuantity: { value, unit: 'mmHg' },
    });
    const pressure = stored({ valueQuantity: undefined, component: [part('8462-4', 12), part('8480-6', 80)] });
    const { resource, title } = corrected(pressure, '120', '80');
    expect(resource.component.map((one: { valueQuantity: { value: number } }) => one.valueQuantity.value)).toEqual([
      80, 120,
    ]);
    expect(inEnglish(title)).toBe('Blood pressure 120/80 mmHg');
    expect(correct(pressure, '120')).toEqual({ ok: false, error: { code: 'not-correctable' } });
  });

  it.each([
    [
      'a laboratory result',
      {
        category: [
          { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
        ],
      },
    ],
    ['an observation without a number', { valueQuantity: undefined, valueString: 'none' }],
    ['one that was entered in error', { status: 'entered-in-error' }],
    ['a part of a resource', { meta: { versionId: '3', tag: [{ code: 'SUBSETTED' }] } }],
  ])('is refused for %s', (_what, change) => {
    expect(correct(stored(change))).toEqual({ ok: false, error: { code: 'not-correctable' } });
  });

  it('is refused outside of what a body can do, in the unit whose limits are known', () => {
    expect(correct(stored(), '820')).toEqual({ ok: false, error: { code: 'out-of-range' } });
    const fahrenheit = {
      code: { coding: [{ system: 'http://loinc.org', code: '8310-5' }] },
      valueQuantity: { value: 98.6, unit: '°F', system: 'http://unitsofmeasure.org', code: '[degF]' },
    };
    expect(corrected(stored(fahrenheit), '99.1').resource.valueQuantity.value).toBe(99.1);
  });

  it('is refused where the value has changed since it was shown', () => {
    expect(correct(stored(), '82', null, '2')).toEqual({ ok: false, error: { code: 'stale' } });
  });

  it('security: is refused for another patient’s value', () => {
    expect(correct(stored({ subject: { reference: 'Patient/p2' } }))).toEqual({
      ok: false,
      error: { code: 'not-found' },
    });
  });
});
