import { expect, it } from 'vitest';
import { DIASTOLIC, SIGNS, SYSTOLIC } from '../../../../../main/writing/vital-kinds.ts';
import { rangeFault, VITALS } from '../../../../../renderer/features/vitals/vitals.ts';

it('what is plausible in the form is what main takes, in the unit that main writes', () => {
  for (const { kind, unit, range, diastolic } of VITALS) {
    const measure = kind === 'blood-pressure' ? SYSTOLIC : SIGNS[kind];
    expect([kind, unit, ...range]).toEqual([kind, measure.unit, measure.low, measure.high]);
    expect(diastolic).toEqual(kind === 'blood-pressure' ? [DIASTOLIC.low, DIASTOLIC.high] : undefined);
  }
});

it.each([
  ['body-temperature', '37.2', null, null],
  ['body-temperature', '372', null, '20 to 46 °C'],
  ['oxygen-saturation', '101', null, '20 to 100 %'],
  ['blood-pressure', '120', '80', null],
  ['blood-pressure', '80', '120', 'below the systolic'],
  ['blood-pressure', '1200', '80', '20 to 320 over 5 to 220 mmHg'],
])('%s of %s over %s', (kind, value, diastolic, words) => {
  const vital = VITALS.find((one) => one.kind === kind)!;
  const fault = rangeFault(vital, { value, diastolic });
  if (words === null) expect(fault).toBeNull();
  else expect(fault).toContain(words);
});
