import { describe, expect, it } from 'vitest';
import { createFormsService, type FormSource } from '../../../main/forms/service.ts';
import { calculated, evaluated, fhirpath, formText, item, recordedItems, records, sourceOf } from './support.ts';

const HL7 = 'http://hl7.org/fhir/StructureDefinition';
const query = (name: string, expression: string) => ({
  url: `${HL7}/variable`,
  valueExpression: { name, language: 'application/x-fhir-query', expression },
});
const initial = (expression: string) => ({ extension: [fhirpath('initialExpression', expression)] });
const falls = { extension: [query('falls', 'Condition?code=fall')] };
const notSynced = { falls: { unknown: 'not-synced' as const } };
const linked = (linkId: string) => `%resource.item.where(linkId='${linkId}').answer.value`;

function opened(text: string, more: Partial<FormSource>) {
  const answer = createFormsService().open(sourceOf(text, more));
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.value;
}
function lineOf(text: string, key: string, answers: Record<string, string>, more: Partial<FormSource>) {
  const found = evaluated(text, answers, more).lines.find((line) => line.key === key && line.kind === 'item');
  return found?.kind === 'item' ? found : undefined;
}

describe('what could not be asked of the record', () => {
  const text = formText(
    [
      item('integer', 'count', { required: true, ...initial('%falls.entry.count()') }),
      item('boolean', 'none', initial('%falls.entry.empty()')),
      item('integer', 'own', { initial: [{ valueInteger: 0 }], ...initial('%falls.entry.count()') }),
    ],
    falls,
  );

  it.each(['not-permitted', 'not-synced', 'not-offline'] as const)('is not filled in as none: %s', (unknown) => {
    const { answers, prefilled, state } = opened(text, { found: { falls: { unknown } } });
    expect([answers, prefilled]).toEqual([{}, []]);
    expect(state.lines).toMatchObject([
      { key: '|count', unknown, fault: { code: 'required' } },
      { key: '|none', unknown },
      { key: '|own', unknown },
    ]);
  });

  it('is told from what was asked and isn’t there', () => {
    const { answers, state } = opened(text, { found: { falls: records() } });
    expect(answers).toEqual({ '|count': '0', '|none': 'true', '|own': '0' });
    expect(state.lines).toMatchObject([{ unknown: null }, { unknown: null }, { unknown: null }]);
  });

  it('counts what there is, and not what was handed over of it', () => {
    const total = formText([item('integer', 'total', initial('%falls.total'))], falls);
    expect(opened(total, { found: { falls: { total: 7, entries: ['{}'] } } }).answers).toEqual({ '|total': '7' });
  });

  it('is what a person says, once she has said it', () => {
    const line = lineOf(text, '|count', { '|count': '2' }, { found: notSynced });
    expect(line).toMatchObject({ unknown: null, fault: null });
    expect(recordedItems(text, { '|count': '2' }, { found: notSynced }).items).toEqual([
      { linkId: 'count', text: 'count', answer: [{ valueInteger: 2 }] },
    ]);
  });

  it('is told of an observation with its reason, and where it would be another patient’s context', () => {
    const link = { url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-observationLinkPeriod' };
    const weight = item('decimal', 'kg', {
      code: [{ system: 's', code: 'w' }],
      extension: [{ ...link, valueDuration: { value: 1, code: 'a' } }],
    });
    const stay = item('string', 'stay', initial('%encounter.id'));
    const known = { patient: null, user: null, encounter: { unknown: 'not-synced' as const } };
    const { state } = opened(formText([weight, stay]), {
      ...{ known, found: { 'code:kg': { unknown: 'not-permitted' as const } } },
    });
    expect(state.lines).toMatchObject([
      { key: '|kg', unknown: 'not-permitted' },
      { key: '|stay', unknown: 'not-synced' },
    ]);
    const none = opened(formText([stay]), { known: { ...known, encounter: null } });
    expect(none.state.lines).toMatchObject([{ key: '|stay', unknown: null }]);
  });

  it('is also what a query would have needed and isn’t there, and what nobody asks of an item', () => {
    const variable = query('own', 'Observation?encounter={{%encounter.id}}');
    const asking = formText([item('integer', 'n', { ...initial('%own.total') })], { extension: [variable] });
    const service = createFormsService();
    expect(service.queries(sourceOf(asking))).toEqual({ ok: true, value: [] });
    expect(opened(asking, {}).state.lines).toMatchObject([{ key: '|n', unknown: 'not-offline' }]);
    const inner = item('integer', 'n', {
      extension: [query('own', 'Observation?code=x'), fhirpath('calculatedExpression', '%own.total')],
    });
    expect(lineOf(formText([inner]), '|n', {}, {})).toMatchObject({ value: '', unknown: 'not-offline' });
  });
});

describe('what follows from something that isn’t known', () => {
  const score = calculated('%resource.item.descendants().answer.value.ofType(integer).sum()');
  const parts = item('group', 'parts', {
    item: [item('integer', 'a', initial('%falls.total')), item('integer', 'b')],
  });
  const text = formText([parts, item('integer', 'score', score)], falls);

  it('is not worked out, and is as soon as a person has said what is missing', () => {
    const before = lineOf(text, '|score', { '|b': '3' }, { found: notSynced });
    expect(before).toMatchObject({ value: '', unknown: 'follows', fault: null, open: false });
    const { items } = recordedItems(text, { '|b': '3' }, { found: notSynced });
    expect(JSON.stringify(items)).not.toContain('score');
    expect(lineOf(text, '|score', { '|a': '1', '|b': '3' }, { found: notSynced })).toMatchObject({
      ...{ value: '4', unknown: null },
    });
  });

  it('is not worked out of whether the question has an answer, nor of variables, nor of what is worked out of it', () => {
    const all = formText(
      [
        item('integer', 'a', initial('%falls.total')),
        item('boolean', 'has', calculated("%resource.item.where(linkId='a').exists()")),
        item('integer', 'twice', calculated('%more * 2')),
        item('integer', 'again', calculated(`${linked('twice')} + 1`)),
        item('integer', 'other', calculated('1 + 1')),
      ],
      {
        extension: [
          ...falls.extension,
          {
            ...falls.extension[0],
            valueExpression: { ...fhirpath('x', '%falls.total').valueExpression, name: 'more' },
          },
        ],
      },
    );
    const { lines } = evaluated(all, {}, { found: notSynced });
    expect(lines.map((line) => line.kind === 'item' && [line.value, line.unknown])).toEqual([
      [null, 'not-synced'],
      ['', 'follows'],
      ['', 'not-synced'],
      ['', 'follows'],
      ['2', null],
    ]);
  });

  it('and has to be there is for the person to give, locked as it is', () => {
    const given = item('integer', 'given', { required: true, readOnly: true, ...initial('%falls.total') });
    const worked = item('integer', 'worked', { required: true, readOnly: true, ...calculated('%falls.total + 1') });
    const form = formText([given, worked], falls);
    expect(evaluated(form, {}, { found: notSynced }).lines).toMatchObject([
      { open: true, value: null, fault: { code: 'required' } },
      { open: true, value: null, fault: { code: 'required' } },
    ]);
    const typed = { '|given': '2', '|worked': '3' };
    const { items, complete } = recordedItems(form, typed, { found: notSynced });
    expect([complete, items]).toEqual([
      true,
      [
        { linkId: 'given', text: 'given', answer: [{ valueInteger: 2 }] },
        { linkId: 'worked', text: 'worked', answer: [{ valueInteger: 3 }] },
      ],
    ]);
    const known = recordedItems(form, typed, { found: { falls: records() } });
    expect(JSON.stringify(known.items)).toContain('"valueInteger":0');
    expect(JSON.stringify(known.items)).not.toContain('"valueInteger":3');
  });

  it('is asked where nobody knows whether it has to be, and says so', () => {
    const when = { enableWhen: [{ question: 'a', operator: '>', answerInteger: 0 }] };
    const none = { enableWhen: [{ question: 'a', operator: 'exists', answerBoolean: false }] };
    const form = formText(
      [
        item('integer', 'a', initial('%falls.total')),
        item('string', 'how', { required: true, ...when }),
        item('string', 'no', none),
        item('string', 'said', { extension: [fhirpath('enableWhenExpression', '%falls.total > 0')] }),
      ],
      falls,
    );
    expect(evaluated(form, {}, { found: notSynced }).lines).toMatchObject([
      { key: '|a', doubtful: false },
      { key: '|how', doubtful: true, fault: { code: 'required' } },
      { key: '|no', doubtful: true },
      { key: '|said', doubtful: true },
    ]);
    expect(evaluated(form, { '|a': '0' }, { found: notSynced }).lines.map(({ key }) => key)).toEqual(['|a', '|said']);
  });

  it('is no demand that holds or is broken: it could not be checked, and says so', () => {
    const constraint = {
      url: `${HL7}/questionnaire-constraint`,
      extension: [
        { url: 'severity', valueCode: 'error' },
        { url: 'expression', valueString: '%falls.total < 2' },
        { url: 'human', valueString: 'Fewer than two falls' },
      ],
    };
    const form = formText([item('string', 'a', { extension: [constraint] })], {
      extension: [...falls.extension, constraint],
    });
    const { lines, faults, unchecked } = evaluated(form, {}, { found: notSynced });
    expect([faults, unchecked]).toEqual([[], ['Fewer than two falls']]);
    expect(lines).toMatchObject([{ fault: null, unchecked: 'Fewer than two falls' }]);
    const broken = evaluated(form, {}, { found: { falls: { total: 2, entries: [] } } });
    expect(broken.faults).toMatchObject([{ code: 'constraint' }]);
  });
});
