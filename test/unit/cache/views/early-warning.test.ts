import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExact } from '../../../../main/cache/json.ts';
import { withUnits } from '../../../../main/cache/units.ts';
import { earlyWarning, type WarningSources } from '../../../../main/cache/views/early-warning.ts';
import { type EarlyWarning, type WarningInput, warningInput } from '../../../../preload/contract/results.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const LOINC = 'http://loinc.org';
const SNOMED = 'http://snomed.info/sct';
const KEPT = 'https://wardlight.org/fhir/StructureDefinition/kept-element';

const at = (minutesAgo: number) => new Date(NOW - minutesAgo * 60_000).toISOString();

function observation(system: string, code: string, value: object, minutesAgo = 30) {
  const resource = { resourceType: 'Observation', id: 'o', status: 'final', code: { coding: [{ system, code }] } };
  return {
    resource: parseExact(JSON.stringify({ ...resource, effectiveDateTime: at(minutesAgo), ...value })),
    unsent: null,
  };
}

const quantity = (value: number, code: string, more: object = {}) => ({
  valueQuantity: { value, unit: code, system: 'http://unitsofmeasure.org', code, ...more },
});
const coded = (code: string) => ({ valueCodeableConcept: { coding: [{ system: SNOMED, code }] } });

const pressure = (value: object) => ({
  component: [{ code: { coding: [{ system: LOINC, code: '8480-6' }] }, ...value }],
});

type Candidates = WarningSources['candidates'];

const WELL: Candidates = {
  respiration: [observation(LOINC, '9279-1', quantity(16, '/min'))],
  'oxygen-saturation': [observation(LOINC, '59408-5', quantity(97, '%'))],
  'supplemental-oxygen': [observation(SNOMED, '722742002', {})],
  systolic: [observation(LOINC, '85354-9', pressure(quantity(120, 'mm[Hg]')))],
  pulse: [observation(LOINC, '8867-4', quantity(70, '{beats}/min'))],
  consciousness: [observation(SNOMED, '1104441000000107', coded('248234008'))],
  temperature: [observation(LOINC, '8310-5', quantity(37, 'Cel'))],
};

async function warn(change: Partial<Candidates> = {}, more: Partial<WarningSources> = {}) {
  const sources = {
    candidates: { ...WELL, ...change },
    scales: [],
    birthDate: '1950-01-01',
    pregnant: false,
    now: NOW,
    ...more,
  };
  return withUnits((units) => earlyWarning(sources, units));
}

const problems = ({ inputs }: Pick<EarlyWarning, 'inputs'>) =>
  inputs.flatMap(({ input, problem }) => (problem ? [`${input} ${problem}`] : []));

describe('the early warning score', () => {
  it('is computed of one whole set, and explained by its inputs', async () => {
    const { total, risk, inputs, validUntil, scale } = await warn();
    expect({ total, risk, scale, validUntil }).toEqual({ total: 0, risk: 'low', scale: 1, validUntil: at(30 - 720) });
    expect(inputs.map(({ input, value, unit, score }) => [input, value, unit, score])).toEqual([
      ['respiration', '16', '/min', 0],
      ['oxygen-saturation', '97', '%', 0],
      ['supplemental-oxygen', 'Air', null, 0],
      ['systolic', '120', 'mmHg', 0],
      ['pulse', '70', '/min', 0],
      ['consciousness', 'Alert', null, 0],
      ['temperature', '37', '°C', 0],
    ]);
  });

  it('is not computed where any input is missing, whichever it is', async () => {
    for (const input of warningInput.options) {
      const { total, risk, inputs, validUntil } = await warn({ [input]: [] });
      expect([total, risk, validUntil]).toEqual([null, null, null]);
      expect(problems({ inputs })).toEqual([`${input} missing`]);
      expect(inputs.every(({ score }) => score === null)).toBe(true);
    }
  });

  it('is of inputs that lie within an hour of each other, and of a set that is no older than 12 hours', async () => {
    const temperature = (minutes: number) => ({
      temperature: [observation(LOINC, '8310-5', quantity(37, 'Cel'), minutes)],
    });
    expect(problems(await warn(temperature(90)))).toEqual([]);
    expect(problems(await warn(temperature(91)))).toEqual(['temperature apart']);
    const later = (minutes: number) => warn({}, { now: NOW + minutes * 60_000 });
    expect((await later(690)).total).toBe(0);
    expect(problems(await later(691))).toEqual(warningInput.options.map((input) => `${input} old`));
    expect(problems(await warn(temperature(-30)))).toEqual(['temperature ahead']);
    const ofTheDay = {
      ...(observation(LOINC, '8310-5', quantity(37, 'Cel')).resource as object),
      effectiveDateTime: '2026-03-10',
    };
    expect(problems(await warn({ temperature: [{ resource: ofTheDay, unsent: null }] }))).toEqual([
      'temperature no-time',
    ]);
  });

  it('never lets an older value stand in for a newer one that can’t be taken', async () => {
    const newer = (value: object) => [...WELL.pulse, observation(LOINC, '8867-4', value, 5)];
    const masked = {
      valueQuantity: {
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }],
      },
    };
    expect(problems(await warn({ pulse: newer(masked) }))).toEqual(['pulse encrypted']);
    expect(problems(await warn({ pulse: newer(quantity(70, '/min', { comparator: '>' })) }))).toEqual([
      'pulse inexact',
    ]);
    expect(problems(await warn({ pulse: newer(quantity(70, 'Hz2')) }))).toEqual(['pulse unit']);
    expect(problems(await warn({ pulse: newer({ valueString: '70' }) }))).toEqual(['pulse inexact']);
    expect(problems(await warn({ pulse: newer({ valueQuantity: { value: 70, unit: '/min' } }) }))).toEqual([
      'pulse unit',
    ]);
  });

  it('security: takes no value that is encrypted, and tells nothing of it', async () => {
    const [{ resource } = { resource: {} }] = WELL.temperature;
    const mask = [
      { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' },
      { url: KEPT, valueString: 'x' },
    ];
    const sealed = { ...(resource as object), valueQuantity: { extension: mask } };
    const { total, inputs } = await warn({ temperature: [{ resource: sealed, unsent: null }] });
    expect(total).toBeNull();
    expect(inputs.at(-1)).toMatchObject({ problem: 'encrypted', value: null, original: null, score: null });
  });

  it('converts units exactly, and says what was written', async () => {
    const { inputs, total } = await warn({
      temperature: [observation(LOINC, '8310-5', quantity(102.2, '[degF]'))],
      systolic: [observation(LOINC, '8480-6', quantity(12, 'kPa'))],
    });
    expect(inputs.at(-1)).toMatchObject({ value: '39.0', unit: '°C', original: '102.2 [degF]', score: 1 });
    expect(inputs[3]).toMatchObject({ value: '90.0', unit: 'mmHg', original: '12 kPa', score: 3 });
    expect(total).toBe(4);
  });

  it.each([
    ['a statement', observation(SNOMED, '371825009', {}), 2],
    ['an answer yes', observation(SNOMED, '371825009', coded('373066001')), 2],
    ['an answer no', observation(SNOMED, '371825009', coded('373067005')), 0],
    ['a flow', observation(LOINC, '3151-8', quantity(2, 'L/min')), 2],
    ['no flow', observation(LOINC, '3151-8', quantity(0, 'L/min')), 0],
    ['what is inhaled', observation(LOINC, '3150-6', quantity(28, '%')), 2],
    [
      'a component of the saturation',
      observation(LOINC, '59408-5', {
        component: [{ code: { coding: [{ system: LOINC, code: '3151-8' }] }, ...quantity(6, 'L/min') }],
      }),
      2,
    ],
  ])('knows oxygen by %s', async (_words, candidate, score) => {
    expect((await warn({ 'supplemental-oxygen': [candidate] })).inputs[2]?.score).toBe(score);
  });

  const inhaled = (flow: object, part: object) =>
    observation(LOINC, '59408-5', {
      component: [
        { code: { coding: [{ system: LOINC, code: '3151-8' }] }, ...flow },
        { code: { coding: [{ system: LOINC, code: '3150-6' }] }, ...part },
      ],
    });

  it.each([
    ['no flow and 40 %', quantity(0, 'L/min'), quantity(40, '%'), 2],
    ['an unknown flow and 40 %', {}, quantity(40, '%'), 2],
    ['a flow and 21 %', quantity(2, 'L/min'), quantity(21, '%'), 2],
    ['no flow and 21 %', quantity(0, 'L/min'), quantity(21, '%'), 0],
    ['an unknown flow and 21 %', {}, quantity(21, '%'), undefined],
    ['no flow and a part that is no percentage', quantity(0, 'L/min'), quantity(0.4, '%'), undefined],
  ])('takes for oxygen what one of flow and concentration says: %s', async (_words, flow, part, score) => {
    const { inputs } = await warn({ 'supplemental-oxygen': [inhaled(flow, part)] });
    expect(inputs[2]?.score ?? undefined).toBe(score);
  });

  it('believes the graver of two records of one moment', async () => {
    const [air, oxygen] = [observation(SNOMED, '722742002', {}), observation(SNOMED, '371825009', {})];
    const [alert, confused] = ['248234008', '130987000'].map((code) =>
      observation(SNOMED, '1104441000000107', coded(code)),
    );
    for (const both of [
      [air, oxygen],
      [oxygen, air],
    ]) {
      expect((await warn({ 'supplemental-oxygen': both })).inputs[2]?.score).toBe(2);
    }
    for (const both of [
      [alert!, confused!],
      [confused!, alert!],
    ]) {
      expect((await warn({ consciousness: both })).inputs[5]?.score).toBe(3);
    }
  });

  it('is not for who is pregnant', async () => {
    expect(await warn({}, { pregnant: true })).toMatchObject({ total: null, risk: null, notFor: 'pregnant' });
  });

  it('knows consciousness by its codes alone', async () => {
    const acvpu = (code: string) => warn({ consciousness: [observation(SNOMED, '1104441000000107', coded(code))] });
    for (const code of ['130987000', '300202002', '450847001', '422768004']) {
      expect((await acvpu(code)).inputs[5]?.score).toBe(3);
    }
    expect(problems(await acvpu('419284004'))).toEqual(['consciousness code']);
  });

  it('takes scale 2 only where the newest record of a scale says so', async () => {
    const scale = (code: string, minutes: number) => observation(SNOMED, code, {}, minutes);
    const [one, two] = ['1104311000000102', '1104321000000108'];
    const saturation = { 'oxygen-saturation': [observation(LOINC, '59408-5', quantity(90, '%'))] };
    expect(await warn(saturation)).toMatchObject({ scale: 1, scaleTime: null, total: 3 });
    expect(await warn(saturation, { scales: [scale(two!, 600)] })).toMatchObject({
      scale: 2,
      scaleTime: at(600),
      total: 0,
    });
    expect(await warn(saturation, { scales: [scale(two!, 600), scale(one!, 60)] })).toMatchObject({
      scale: 1,
      total: 3,
    });
  });

  it('is not for whoever is younger than 16, or of unknown age', async () => {
    expect(await warn({}, { birthDate: '2010-03-11' })).toMatchObject({ total: null, notFor: 'under-16' });
    expect(await warn({}, { birthDate: '2010-03-09' })).toMatchObject({ total: 0, notFor: null });
    expect(await warn({}, { birthDate: null })).toMatchObject({ total: null, notFor: 'age-unknown' });
  });

  it('never is a number unless every input has a score, whatever the records hold', async () => {
    const anything = fc.oneof(
      fc.constant(undefined),
      fc.object({ maxDepth: 3 }),
      fc.record({
        code: fc.record({
          coding: fc.array(
            fc.record({
              system: fc.constantFrom(LOINC, SNOMED),
              code: fc.constantFrom('8867-4', '371825009', '1104441000000107'),
            }),
          ),
        }),
        effectiveDateTime: fc.constantFrom(at(5), 'x'),
        valueQuantity: fc.object(),
      }),
    );
    const inputs = fc.constantFrom(...warningInput.options);
    await fc.assert(
      fc.asyncProperty(inputs, fc.array(anything, { maxLength: 3 }), async (input: WarningInput, resources) => {
        const told = await warn({ [input]: resources.map((resource) => ({ resource, unsent: null })) });
        const whole = told.inputs.every(({ score, problem }) => score !== null && problem === null);
        expect(told.total === null).toBe(!whole);
      }),
    );
  });
});
