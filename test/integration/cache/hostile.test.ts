import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aboutPatient, type Example, hl7Examples } from '../../support/hl7-examples.ts';
import {
  CANNOT_BE_SEEN,
  changed,
  deep,
  huge,
  manifold,
  nastyTexts,
  wrongDates,
  wrongNumbers,
} from '../../support/hostile-records.ts';
import { openCharts } from './every-view.ts';
import { seesAll } from './support.ts';

const types = new Set<string>(seesAll.sight.shown.types);
const records = hl7Examples()
  .filter(({ resourceType }) => types.has(resourceType) && resourceType !== 'Patient')
  .map((one) => aboutPatient(one, 'p'));
const person = { resourceType: 'Patient', id: 'p', name: [{ family: 'Ng', given: ['Ana'] }], birthDate: '1950-01-01' };
const whole: readonly Example[] = [person, ...records];
/** One of each type, and all that describes it: what is large is large enough once. */
const oneOfEach = [...new Map(whole.map((one) => [one.resourceType, one])).values()];
const timeless = ['Patient', 'RelatedPerson'];

/** Asks every view of a chart of these, in which nothing may be missing. */
async function askedOf(resources: readonly Example[]) {
  const answered = await openCharts(['p'], resources).ask('p');
  const expected = resources.filter(({ resourceType }) => !timeless.includes(resourceType));
  expect(answered.shown).toEqual(new Set(expected.map(({ resourceType, id }) => `${resourceType}/${id}`)));
  return answered;
}

describe('a chart of hostile records', () => {
  it('security: shows whatever can’t be seen as a sign, in every text of every view', async () => {
    const { texts } = await askedOf(whole.map(nastyTexts));
    expect(texts).toContain('<script>');
    const said = texts.split('\n').map((line) => JSON.parse(line, (key, value) => (KEYS.has(key) ? '' : value)));
    expect(said.map((one) => JSON.stringify(one)).filter((line) => /\\u00[01]|\\ud[89a-f]/.test(line))).toEqual([]);
    expect(said.filter((one) => CANNOT_BE_SEEN.test(JSON.stringify(one)))).toEqual([]);
  });

  it('is answered within the contract where every date and every number is one that can’t be', async () => {
    await askedOf(whole.map(wrongDates));
    await askedOf(whole.map(wrongNumbers));
  });

  it('is answered within the contract where anything is missing or of another type', async () => {
    const values = fc.constantFrom(null, undefined, 1, true, '', 'text', [], {}, [null], [[]], { coding: 'x' });
    const dice = fc.record({ hits: fc.array(fc.nat(40), { minLength: 1, maxLength: 6 }), value: values });
    const throws = fc.sample(dice, { seed: 7, numRuns: whole.length });
    await askedOf(
      [...whole, ...whole.map((one) => ({ ...one, id: `${one.id}.2`.slice(-64) }))].map((one, at) => {
        const { hits = [], value } = throws[at % throws.length] ?? {};
        let count = 0;
        return changed(one, (here) => {
          count += 1;
          return hits.includes(count) ? value : here;
        });
      }),
    );
  });

  it('is answered within the contract where records are a thousand deep', async () => {
    await askedOf(oneOfEach.map((one) => deep(one)));
  });

  it('is answered within the contract where records say one thing ten thousand times', async () => {
    const many = ['Patient', 'AllergyIntolerance', 'Appointment', 'DocumentReference', 'Condition'];
    const { bytes } = await askedOf(oneOfEach.filter(({ resourceType }) => many.includes(resourceType)).map(manifold));
    expect(Math.max(...Object.values(bytes))).toBeLessThan(LARGEST);
  });

  it('is answered with texts that end where each has one of a megabyte', async () => {
    const { bytes } = await askedOf(oneOfEach.map((one) => huge(one)));
    expect(Math.max(...Object.values(bytes))).toBeLessThan(LARGEST);
  });
});

/** Characters of an answer. */
const LARGEST = 1_000_000;
/** By which a record is asked for; never shown. */
const KEYS = new Set(['id', 'code', 'versionId']);
