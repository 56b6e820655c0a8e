import { serialize } from 'node:v8';
import { expect, test } from 'vitest';
import { pointsOf } from '../../bench/chart/made.ts';
import { fill, openCache, seesAll } from './support.ts';

const RECORDS = 10_000;
const [PROBLEMS, MEDICATIONS, ENCOUNTERS] = [400, 400, 1_500];
const subject = { reference: 'Patient/p' };
const many = (count: number, make: (at: number) => object) =>
  Array.from({ length: count }, (_, at) => ({ id: `r${at}`, subject, ...make(at) }));
const day = (at: number) => new Date(Date.UTC(2015, 0, 1 + at)).toISOString();

test('the summary of a chart of ten thousand records is no more than a page reads at once, and says what it leaves out', {
  timeout: 60_000,
}, () => {
  const cache = openCache();
  fill(
    cache,
    ['p'],
    [
      { resourceType: 'Patient', id: 'p', name: [{ family: 'Long', given: ['Chart'] }] },
      ...many(PROBLEMS, (at) => ({
        resourceType: 'Condition',
        code: { text: `Chronic condition number ${at}` },
        clinicalStatus: { coding: [{ code: at % 2 === 0 ? 'active' : 'resolved' }] },
        verificationStatus: { coding: [{ code: 'confirmed' }] },
        onsetDateTime: day(at),
        recordedDate: day(at),
      })),
      ...many(MEDICATIONS, (at) => ({
        resourceType: 'MedicationRequest',
        status: at % 2 === 0 ? 'active' : 'stopped',
        intent: 'order',
        medicationCodeableConcept: { text: `Hydrochlorothiazide 25 MG Oral Tablet ${at}` },
        authoredOn: day(at),
        dosageInstruction: [{ text: 'One tablet in the morning, with a glass of water' }],
      })),
      ...many(ENCOUNTERS, (at) => ({
        resourceType: 'Encounter',
        status: 'finished',
        class: { code: 'AMB' },
        type: [{ text: 'Encounter for check up (procedure)' }],
        period: { start: day(at), end: day(at) },
      })),
      ...pointsOf('p', RECORDS - PROBLEMS - MEDICATIONS - ENCOUNTERS),
    ],
  );
  const chart = cache.read.chartSummary({ ...seesAll, patientId: 'p' });
  expect(chart?.problems.total).toBe(PROBLEMS);
  expect(chart?.encounters.total).toBe(ENCOUNTERS);
  expect(serialize(chart).length).toBeLessThan(200_000);
});
