import { describe, expect, it } from 'vitest';
import { createFormsService } from '../../../main/forms/service.ts';
import { evaluated, faultsIn, fhirpath, formText, item, recordedItems, records, sourceOf } from './support.ts';

const HL7 = 'http://hl7.org/fhir/StructureDefinition';
const extension = (name: string, value: object) => ({ extension: [{ url: `${HL7}/${name}`, ...value }] });
const options = ['a', 'b', 'c'].map((code) => ({ valueCoding: { system: 's', code, display: code.toUpperCase() } }));

/** Type of a question, what else it says, what is typed, and what is wrong with that. */
const typed: readonly [Parameters<typeof item>[0], object, string, string | null][] = [
  ['integer', {}, '12', null],
  ['integer', {}, '1.5', 'no-integer'],
  ['integer', {}, '2147483648', 'no-integer'],
  ['integer', extension('minValue', { valueInteger: 3 }), '2', 'below'],
  ['integer', extension('maxValue', { valueInteger: 3 }), '4', 'above'],
  ['decimal', {}, '71.50', null],
  ['decimal', {}, '1e5', 'no-number'],
  ['decimal', extension('maxDecimalPlaces', { valueInteger: 1 }), '1.25', 'decimals'],
  ['string', { maxLength: 3 }, 'four', 'too-long'],
  ['string', extension('minLength', { valueInteger: 3 }), 'ab', 'too-short'],
  ['string', extension('regex', { valueString: '[A-Z]{2}' }), 'abc', 'pattern'],
  ['string', extension('regex', { valueString: '[A-Z]{2}' }), 'AB', null],
  ['date', {}, '2026-02-29', 'no-date'],
  ['date', {}, '2026-02', null],
  ['dateTime', {}, '2026-02-28T25:00', 'no-date-time'],
  ['dateTime', {}, '2026-02-28T14:30', null],
  ['time', {}, '24:00', 'no-time'],
  ['time', {}, '14:30', null],
  ['url', {}, 'somewhere', 'no-address'],
  ['boolean', {}, 'maybe', 'no-option'],
  ['choice', { answerOption: options }, '7', 'no-option'],
  ['choice', { answerOption: options }, '0 1', 'no-option'],
  ['choice', { answerOption: options, repeats: true }, '0 1', null],
  [
    'choice',
    { answerOption: options, repeats: true, ...extension('questionnaire-maxOccurs', { valueInteger: 1 }) },
    '0 1',
    'too-many',
  ],
];

describe('an answer', () => {
  it.each(typed)('to a %s %j, typed as “%s”, is told: %s', (type, more, answer, expected) => {
    expect(faultsIn(formText([item(type, 'q', more)]), { '|q': answer })).toEqual({ '|q': expected });
  });

  it('is held against a limit in the limit’s own unit only', () => {
    const unit = (code: string) => ({
      url: `${HL7}/questionnaire-unitOption`,
      valueCoding: { system: 'u', code, display: code },
    });
    const most = { url: `${HL7}/maxValue`, valueQuantity: { value: 1, unit: 'g', system: 'u', code: 'g' } };
    const text = formText([item('quantity', 'q', { extension: [unit('mg'), unit('g'), most] })]);
    const told = (value: string, at: string) => faultsIn(text, { '|q': value, 'unit:|q': at })['|q'];
    expect(told('2', '1')).toBe('above');
    expect(told('1', '1')).toBeNull();
    // 2 mg is less than 1 g, and 0.5 isn't known to be: nothing is converted.
    expect(told('2', '0')).toBe('other-unit');
    expect(told('0.5', '0')).toBe('other-unit');
  });

  it('to a question with a list is one of the list, whatever its type', () => {
    const list = [1, 2].map((valueInteger) => ({ valueInteger }));
    const text = formText([item('integer', 'n', { answerOption: list })]);
    expect(faultsIn(text, { '|n': '7' })).toEqual({ '|n': 'no-option' });
    const opened = createFormsService().open(sourceOf(text));
    expect(opened).toMatchObject({ ok: true, value: { items: [{ kind: 'choice' }] } });
    expect(recordedItems(text, { '|n': '1' }).items).toEqual([
      { linkId: 'n', text: 'n', answer: [{ valueInteger: 2 }] },
    ]);
  });

  it('of a row is kept where the row before it is not asked', () => {
    const extension = [fhirpath('enableWhenExpression', "answer.value.empty() or answer.value != 'x'")];
    const text = formText([item('string', 's', { repeats: true, extension })]);
    const { items } = recordedItems(text, { '0|s': 'x', '1|s': 'kept', 'rows:|s': '2' });
    expect(JSON.stringify(items)).toContain('kept');
  });

  it('below a row without one is not lost beside rows with one', () => {
    const text = formText([item('string', 's', { repeats: true, item: [item('string', 'below')] })]);
    const typed = { '0|s': 'x', '1|below': 'canary', 'rows:|s': '2' };
    expect(faultsIn(text, typed)).toMatchObject({ '0|s': null, '1|s': 'required' });
    expect(recordedItems(text, typed).complete).toBe(false);
  });

  it('that the form gives at first keeps its digits, and one that can’t be read is not nothing', () => {
    const kg = extension('questionnaire-unit', { valueCoding: { system: 'u', code: 'kg', display: 'kg' } });
    const source = formText([
      item('decimal', 'd', { initial: [{ valueDecimal: 99.125 }] }),
      item('quantity', 'q', { ...kg, initial: [{ valueAttachment: {} }] }),
    ]);
    const opened = createFormsService().open(sourceOf(source.replace('99.125', '1.50')));
    expect(opened).toMatchObject({
      ok: true,
      value: { answers: { '|d': '1.50' }, state: { lines: [{ unknown: null }, { unknown: 'not-usable' }] } },
    });
  });

  it('that is required and missing is told, and of rows at the first that is empty', () => {
    const text = formText([
      item('string', 'a', { required: true }),
      item('string', 'b', { required: true, repeats: true }),
    ]);
    expect(faultsIn(text, {})).toEqual({ '|a': 'required', '0|b': 'required' });
    expect(faultsIn(text, { '|a': 'x', '1|b': 'y', 'rows:|b': '2' })).toEqual({ '|a': null, '0|b': null, '1|b': null });
  });

  it('is recorded as FHIR has it, with its digits, and only where it belongs', () => {
    const unit = extension('questionnaire-unit', { valueCoding: { system: 'u', code: 'kg', display: 'kg' } });
    const text = formText([
      item('quantity', 'w', unit),
      item('open-choice', 'o', { answerOption: options }),
      item('string', 's', { repeats: true }),
      item('choice', 'p', { answerOption: options, item: [item('string', 'below')] }),
      item('reference', 'r'),
    ]);
    const answers = {
      ...{ '|w': '71.50', 'other:|o': 'Else', '0|s': 'x', '1|s': 'y', 'rows:|s': '2', '|p': '1' },
      ...{ '|below': 'z', '|r': 'Her brother', '|unknown': 'canary', '9|s': 'canary' },
    };
    const answer = createFormsService().complete({ ...sourceOf(text), answers });
    expect(answer.ok && answer.value.items).toContain('"value":71.50');
    const { items } = recordedItems(text, answers);
    expect(items).toEqual([
      { linkId: 'w', text: 'w', answer: [{ valueQuantity: { value: 71.5, unit: 'kg', system: 'u', code: 'kg' } }] },
      { linkId: 'o', text: 'o', answer: [{ valueString: 'Else' }] },
      { linkId: 's', text: 's', answer: [{ valueString: 'x' }, { valueString: 'y' }] },
      {
        ...{ linkId: 'p', text: 'p' },
        answer: [
          {
            valueCoding: { system: 's', code: 'b', display: 'B' },
            item: [{ linkId: 'below', text: 'below', answer: [{ valueString: 'z' }] }],
          },
        ],
      },
      { linkId: 'r', text: 'r', answer: [{ valueReference: { display: 'Her brother' } }] },
    ]);
  });

  it('that can’t be given here says so, and where it is required nothing is complete', () => {
    const photo = item('attachment', 'photo', { required: true });
    const elsewhere = item('choice', 'far', { answerValueSet: 'http://terminology.example/vs' });
    const text = formText([photo, elsewhere]);
    const opened = createFormsService().open(sourceOf(text));
    expect(opened).toMatchObject({
      ok: true,
      value: { items: [{ cannot: 'attachment' }, { cannot: 'list-elsewhere' }] },
    });
    expect(faultsIn(text, {})).toEqual({ '|photo': 'required', '|far': null });
    expect(recordedItems(text, {}).complete).toBe(false);
  });

  it('breaks what the form demands of all together', () => {
    const constraint = {
      url: `${HL7}/questionnaire-constraint`,
      extension: [
        { url: 'key', valueId: 'k' },
        { url: 'severity', valueCode: 'error' },
        { url: 'expression', valueString: "item.where(linkId='a').answer.value < item.where(linkId='b').answer.value" },
        { url: 'human', valueString: 'A is less than B' },
      ],
    };
    const text = formText([item('integer', 'a'), item('integer', 'b')], { extension: [constraint] });
    expect(evaluated(text, { '|a': '2', '|b': '1' }).faults).toEqual([
      { code: 'constraint', limit: 'A is less than B' },
    ]);
    expect(evaluated(text, { '|a': '1', '|b': '2' }).faults).toEqual([]);
  });
});

describe('what is known beforehand', () => {
  const weight =
    '{"resourceType":"Observation","effectiveDateTime":"2026-02-01","valueQuantity":{"value":71.50,"unit":"kg","code":"kg"}}';
  const kg = { url: `${HL7}/questionnaire-unit`, valueCoding: { code: 'kg' } };
  const link = {
    url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-observationLinkPeriod',
    valueDuration: { value: 1, code: 'a' },
  };
  const code = [{ system: 'http://loinc.org', code: '29463-7' }];
  const patient = JSON.stringify({ resourceType: 'Patient', id: 'p1', birthDate: '1950-02-03' });
  const text = formText(
    [
      item('date', 'born', { extension: [fhirpath('initialExpression', '%patient.birthDate')] }),
      item('decimal', 'kg', { code, readOnly: true, extension: [kg, link] }),
      item('decimal', 'bare', { code, extension: [link] }),
      item('integer', 'found', { extension: [fhirpath('initialExpression', '%labs.entry.count()')] }),
      item('string', 'stay', { extension: [fhirpath('initialExpression', '%encounter.id')] }),
      item('choice', 'plain', { answerOption: options, initial: [{ valueCoding: { system: 's', code: 'b' } }] }),
    ],
    {
      extension: [
        {
          url: `${HL7}/variable`,
          valueExpression: {
            ...{ name: 'labs', language: 'application/x-fhir-query' },
            expression: 'Observation?patient={{%patient.id}}&code=x&_count=2',
          },
        },
      ],
    },
  );
  const known = { patient, user: null, encounter: null };

  it('is asked of the record once, with what is known put in', () => {
    const answer = createFormsService().queries(sourceOf(text, { known, openedAt: '2026-03-01T00:00:00.000Z' }));
    expect(answer.ok && answer.value).toEqual([
      { name: 'labs', type: 'Observation', query: 'patient=p1&code=x&_count=2' },
      ...['kg', 'bare'].map((linkId) => ({
        ...{ name: `code:${linkId}`, type: 'Observation' },
        query: expect.stringContaining('code=http%3A%2F%2Floinc.org%7C29463-7&date=ge2025-03-01'),
      })),
    ]);
  });

  it('is filled in with its time, but never in a unit that the form doesn’t say', () => {
    const found = {
      labs: records('{"id":"1"}', '{"id":"2"}'),
      'code:kg': records(weight),
      'code:bare': records(weight),
    };
    const opened = createFormsService().open(sourceOf(text, { known, found }));
    if (!opened.ok) throw new Error(opened.error.code);
    const { answers, prefilled, state } = opened.value;
    expect(answers).toEqual({ '|born': '1950-02-03', '|kg': '71.50', 'unit:|kg': '0', '|found': '2', '|plain': '1' });
    expect(prefilled).toContainEqual({ key: '|kg', at: '2026-02-01' });
    const unknown = state.lines.flatMap((line) =>
      line.kind === 'item' && line.unknown ? [[line.key, line.unknown]] : [],
    );
    expect(unknown).toEqual([['|bare', 'not-usable']]);
  });

  it('security: can’t be changed by the page where the form locks it', () => {
    const found = { labs: records(), 'code:kg': records(weight), 'code:bare': records() };
    const { items } = recordedItems(text, { '|kg': '12' }, { known, found });
    expect(items).toContainEqual({ linkId: 'kg', text: 'kg', answer: [{ valueDecimal: 71.5 }] });
  });
});
