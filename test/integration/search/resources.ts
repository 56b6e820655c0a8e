import fc from 'fast-check';

/* Random resources whose values meet often, for the search to tell apart. */

const id = fc.constantFrom('a', 'b', 'c');
const code = fc.constantFrom('x', 'Y', 'z');
const system = fc.constantFrom('http://s', 'http://t', undefined);
export const wordPool = ['Ann', 'Anna', 'ÁNNE', "O'Brien", 'Brien', 'Zoë'] as const;
const word = fc.constantFrom(...wordPool);
const coding = fc.record({ system, code, display: fc.option(word, { nil: undefined }) });
const concept = fc.record({ coding: fc.array(coding, { maxLength: 2 }), text: fc.option(word, { nil: undefined }) });
export const datePool = [
  '2023',
  '2024-02',
  '2024-02-29',
  '2024-02-29T10:00:00Z',
  '2024-03-01T00:00:00+02:00',
  '1999-12-31',
] as const;
const date = fc.constantFrom(...datePool);
const period = fc.record({ start: date }, { requiredKeys: ['start'] });
const quantity = fc.record({ value: fc.constantFrom(1, 1.5, 1.49, 2, 10, -3), unit: fc.constantFrom('mg', 'g') });
const subject = fc.record({ reference: id.map((one) => `Patient/${one}`) });

const patient = fc.record({
  resourceType: fc.constant('Patient'),
  id,
  name: fc.array(fc.record({ family: word, given: fc.array(word, { maxLength: 2 }) }), { maxLength: 2 }),
  identifier: fc.array(fc.record({ system, value: code }), { maxLength: 2 }),
  gender: fc.constantFrom('male', 'female'),
  birthDate: date,
});

const observation = fc.record({
  resourceType: fc.constant('Observation'),
  id,
  status: fc.constantFrom('final', 'amended'),
  code: concept,
  category: fc.array(concept, { maxLength: 2 }),
  subject: fc.option(subject, { nil: undefined }),
  encounter: fc.option(fc.record({ reference: id.map((one) => `Encounter/${one}`) }), { nil: undefined }),
  effectiveDateTime: fc.option(date, { nil: undefined }),
  valueQuantity: fc.option(quantity, { nil: undefined }),
  note: fc.array(fc.record({ text: word }), { maxLength: 2 }),
});

const condition = fc.record({
  resourceType: fc.constant('Condition'),
  id,
  code: concept,
  subject,
  onsetPeriod: fc.option(period, { nil: undefined }),
});

/** Three ids of each of three types. */
export const resource = fc.oneof(patient, observation, condition);
