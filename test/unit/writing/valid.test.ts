import { describe, expect, it } from 'vitest';
import { writtenTypes } from '../../../build/written-types.mjs';
import { hl7Examples } from '../../support/hl7-examples.ts';
import { faultsByOthers } from '../../support/valid.ts';

const CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const condition = (more: object) => ({
  ...{ resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/p' }, code: { text: 'Asthma' } },
  ...{ clinicalStatus: { coding: [{ system: CLINICAL, code: 'active' }] }, ...more },
});

/** What HL7's JSON schema lets through, which is all that checked what was written before. */
const wrong: Readonly<Record<string, [object, RegExp]>> = {
  'a code outside of a required value set': [
    condition({ clinicalStatus: { coding: [{ system: CLINICAL, code: 'fine' }] } }),
    /"fine".*not found in value set/,
  ],
  'a reference to a wrong type': [condition({ subject: { reference: 'Practitioner/p' } }), /Invalid type/],
  'what contradicts itself': [condition({ abatementString: 'last year' }), /^Condition: con-4$/],
  'an invariant of a data type': [
    condition({ onsetPeriod: { start: '2026-02-01', end: '2026-01-01' } }),
    /^Period: per-1$/,
  ],
  'a mandatory element of a part': [condition({ stage: [{}] }), /must not be empty|con-1/],
};

describe('the programs of others by which what is written is judged', () => {
  it.each(Object.entries(wrong))('find %s', (_, [resource, fault]) => {
    expect(faultsByOthers(condition({}))).toEqual([]);
    expect(faultsByOthers(resource)).toContainEqual(expect.stringMatching(fault));
  });

  it('find no fault in HL7’s examples of the types that are written here', () => {
    const examples = hl7Examples().filter(({ resourceType }) => writtenTypes.includes(resourceType));
    const faulty = examples.filter((one) => faultsByOthers(one).length > 0);
    expect(examples.length).toBeGreaterThan(100);
    expect(faulty.map(({ resourceType, id }) => `${resourceType}/${id}`)).toEqual(['Observation/clinical-gender']);
  });
});
