import { describe, expect, it } from 'vitest';
import { faultsIn } from '../../../main/writing/check.ts';

const ALLERGY = 'http://terminology.hl7.org/CodeSystem/allergyintolerance';
const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
const allergy = {
  resourceType: 'AllergyIntolerance',
  id: 'a1',
  clinicalStatus: coded(`${ALLERGY}-clinical`, 'active'),
  verificationStatus: coded(`${ALLERGY}-verification`, 'confirmed'),
  code: { text: 'Penicillin' },
  patient: { reference: 'Patient/p' },
};
const statement = {
  resourceType: 'MedicationStatement',
  status: 'active',
  medicationCodeableConcept: { text: 'x' },
  subject: { reference: 'Patient/p' },
};
const without = (resource: object, name: string) =>
  Object.fromEntries(Object.entries(resource).filter(([one]) => one !== name));

/** What is wrong, and the path that a person is told. */
const hostile: [string, object, string][] = [
  ['an element that the type hasn’t', { ...allergy, onsett: '2020' }, '(AllergyIntolerance.onsett)'],
  ['without what it must have', without(allergy, 'patient'), '(AllergyIntolerance.patient)'],
  ['one value where a list belongs', { ...allergy, category: 'food' }, '(AllergyIntolerance.category)'],
  ['a list where one value belongs', { ...allergy, criticality: ['low'] }, '(AllergyIntolerance.criticality)'],
  ['a code that is none', { ...allergy, criticality: 'huge' }, '(AllergyIntolerance.criticality)'],
  ['a code in a list', { ...allergy, category: ['food', 'drug'] }, '(AllergyIntolerance.category[1])'],
  [
    'a status of another system',
    { ...allergy, clinicalStatus: coded('http://example.org', 'active') },
    '(AllergyIntolerance.clinicalStatus)',
  ],
  ['a status in words only', { ...allergy, clinicalStatus: { text: 'active' } }, '(AllergyIntolerance.clinicalStatus)'],
  ['a day that is none', { ...allergy, onsetDateTime: '2023-02-30' }, '(AllergyIntolerance.onset[x])'],
  ['a month that is none', { ...allergy, onsetDateTime: '2023-13' }, '(AllergyIntolerance.onset[x])'],
  ['two values of a choice', { ...allergy, onsetDateTime: '2023', onsetString: 'x' }, '(onsetString)'],
  ['an empty list', { ...allergy, category: [] }, '(AllergyIntolerance.category)'],
  ['an empty object', { ...allergy, code: {} }, '(AllergyIntolerance.code)'],
  ['a text of blanks', { ...allergy, code: { text: '  ' } }, '(AllergyIntolerance.code.text)'],
  ['a null', { ...allergy, code: null }, '(AllergyIntolerance.code)'],
  ['a number for a text', { ...allergy, code: { text: 5 } }, '(AllergyIntolerance.code.text)'],
  ['an id that is none', { ...allergy, id: 'a/b' }, '(AllergyIntolerance.id)'],
  ['a record of another type', { ...allergy, patient: { reference: 'Device/p' } }, '(AllergyIntolerance.patient)'],
  [
    'a reaction that shows itself in nothing',
    { ...allergy, reaction: [{ severity: 'mild' }] },
    '(AllergyIntolerance.reaction[0].manifestation)',
  ],
  [
    'a code deep within',
    { ...allergy, reaction: [{ manifestation: [{ text: 'x' }], severity: 'fatal' }] },
    '(AllergyIntolerance.reaction[0].severity)',
  ],
  [
    'what an invariant forbids',
    { ...allergy, verificationStatus: coded(`${ALLERGY}-verification`, 'entered-in-error') },
    '(AllergyIntolerance)',
  ],
  [
    'a code within a data type',
    { ...statement, dosage: [{ timing: { repeat: { frequency: 1, period: 1, periodUnit: 'days' } } }] },
    '(MedicationStatement.dosage[0].timing.repeat.periodUnit)',
  ],
  ['a control character', { ...allergy, code: { text: 'a\u0000b' } }, '(AllergyIntolerance.code.text)'],
];

describe('what is no valid R4', () => {
  it.each(hostile)('%s is found, with its place and nothing that was typed', async (_, resource, place) => {
    const faults = await faultsIn(JSON.stringify(resource));
    expect(faults.some((line) => line.endsWith(place))).toBe(true);
    for (const line of faults) expect(line).not.toMatch(/Penicillin|huge|fatal|2023-/);
  });

  it('is told in words first', async () => {
    const [line] = await faultsIn(JSON.stringify({ ...allergy, reaction: [{ severity: 'mild' }] }));
    expect(line).toBe(
      'Reaction 1, Manifestation: Missing required property (AllergyIntolerance.reaction[0].manifestation)',
    );
  });

  it('is no fault of a change where the server’s version has it already', async () => {
    const base = { ...allergy, criticality: 'huge' };
    expect(await faultsIn(JSON.stringify({ ...base, code: { text: 'y' } }), JSON.stringify(base))).toEqual([]);
    const worse = await faultsIn(JSON.stringify({ ...base, category: ['drug'] }), JSON.stringify(base));
    expect(worse).toHaveLength(1);
  });
});

describe('what is valid R4', () => {
  it.each([
    ['as it is', allergy],
    ['with a reference by a whole address', { ...allergy, patient: { reference: 'https://ehr.example/r4/Patient/p' } }],
    [
      'with one of several codings of the value set',
      {
        ...allergy,
        clinicalStatus: { coding: [{ system: 'urn:x', code: 'y' }, ...allergy.clinicalStatus.coding] },
      },
    ],
    ['with an extension', { ...allergy, extension: [{ url: 'https://e.org/x', valueString: 'y' }] }],
    ['with a code that is masked', { ...allergy, _criticality: { extension: [{ url: 'u', valueCode: 'masked' }] } }],
  ])('%s has no fault', async (_, resource) => {
    expect(await faultsIn(JSON.stringify(resource))).toEqual([]);
  });
});
