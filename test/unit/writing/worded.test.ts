import { expect, it } from 'vitest';
import { refutedAllergy } from '../../../main/writing/allergies.ts';
import { newMedication } from '../../../main/writing/medications.ts';
import { worded } from '../../../main/writing/worded.ts';
import type { NewMedication } from '../../../preload/contract/clinical.ts';
import { writing } from './support.ts';

it('writes what main says in a record, and of it, in the language of who has written it, and nothing else', () => {
  const given: NewMedication = {
    drug: { text: 'Insulina "rápida"', coding: null },
    ...{ status: 'active', dose: { value: '10', unit: 'IU' }, route: null, asNeeded: true },
    ...{ frequency: { times: 3, period: 1, unit: 'd' }, instruction: 'twice daily is what she says', since: null },
    note: null,
  };
  const { body, title } = worded(newMedication(given, writing), 'es');
  const [dosage] = JSON.parse(body).dosage;
  expect(dosage.text).toBe('10 unidades, tres veces al día, si precisa, twice daily is what she says');
  expect(title).toBe(`Insulina "rápida" ${dosage.text}`);
  expect(dosage.doseAndRate[0].doseQuantity).toEqual({ value: 10, unit: 'IU' });
});

it('keeps a long title short, its words whole', () => {
  const allergy = {
    resourceType: 'AllergyIntolerance',
    id: 'a',
    patient: { reference: `Patient/${writing.patientId}` },
  };
  const resource = JSON.stringify({ ...allergy, code: { text: 'x'.repeat(400) }, meta: { versionId: '1' } });
  const made = refutedAllergy({ resource, versionId: '1', reason: 'r' }, writing);
  const { title } = worded(made.ok ? made.value : { body: '', title: '' }, 'es');
  expect(title).toMatch(/^Refutada: x+…$/);
  expect(title).toHaveLength(200);
});
