import { expect, it } from 'vitest';
import { rangeWithoutUnit, shortName } from '../../../../renderer/parts/codeNames.ts';

it('calls everyday codes by the name that clinicians use', () => {
  const name = 'Oxygen saturation in Arterial blood by Pulse oximetry';
  expect(shortName({ code: 'http://loinc.org|59408-5', name })).toBe('SpO₂');
  expect(shortName({ code: 'http://loinc.org|85354-9', name: 'Blood pressure panel with all children optional' })).toBe(
    'Blood pressure',
  );
});

it('keeps the name of the server for other codes, other systems and no code', () => {
  expect(shortName({ code: 'http://loinc.org|99999-9', name: 'Rare' })).toBe('Rare');
  expect(shortName({ code: 'urn:lab|2160-0', name: 'Our creatinine' })).toBe('Our creatinine');
  expect(shortName({ code: 'constructor', name: 'constructor' })).toBe('constructor');
  expect(shortName({ code: 'http://loinc.org|constructor', name: 'Odd' })).toBe('Odd');
});

it('leaves the unit out of a range only where it is the one beside it', () => {
  expect(rangeWithoutUnit('3.5–5.1 mmol/L', 'mmol/L')).toBe('3.5–5.1');
  expect(rangeWithoutUnit('0.67–1.18 mg/dL', 'µmol/L')).toBe('0.67–1.18 mg/dL');
  expect(rangeWithoutUnit('60–100', null)).toBe('60–100');
});
