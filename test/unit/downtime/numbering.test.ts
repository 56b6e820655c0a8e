import { expect, it } from 'vitest';
import { createNumbering, type NumberingOptions } from '../../../main/downtime/numbering.ts';
import { numbersSchema } from '../../../main/managed/numbers.ts';
import { fakePaper } from './support.ts';

it('security: no label and no number is printed, taken or recorded where machine policy lets nothing be printed', async () => {
  const asked: string[] = [];
  const told = (name: string) => async () => {
    asked.push(name);
    throw new Error('asked');
  };
  const range = { prefix: 'V', from: 1, to: 99, digits: 2 };
  const paper = fakePaper();
  const numbering = createNumbering({
    numbers: { reserve: told('reserve') } as unknown as NumberingOptions['numbers'],
    policy: numbersSchema.parse({ pools: [{ kind: 'visit', system: 'urn:visits', range }] }),
    labels: { label: told('label'), numbers: told('numbers') },
    paper,
    paperSize: 'A4',
    language: async () => 'en',
    mayPrint: () => false,
    isOpen: () => true,
    display: 'Dr A',
    now: () => 0,
  });
  const refused = { ok: false, error: { code: 'not-permitted' } };
  expect(await numbering.printLabel({ patientId: 'p', type: 'Encounter', id: 'v' })).toEqual(refused);
  expect(await numbering.printNumbers({})).toEqual(refused);
  expect(asked).toEqual([]);
  expect(paper.printed).toEqual([]);
});
