import { describe, expect, it } from 'vitest';
import { createFormsService } from '../../../main/forms/service.ts';
import { forms } from '../../server/data/forms.ts';
import { calculated, evaluated, fhirpath, formText, item, recordedItems, refusalOf, sourceOf } from './support.ts';

const lineIn = (text: string, key: string, answers: Record<string, string>) =>
  evaluated(text, answers).lines.find((line) => line.key === key && line.kind === 'item');
const failure = (text: string, answers = {}) => {
  const answer = createFormsService().evaluate({ ...sourceOf(text), answers });
  return answer.ok ? null : answer.error.code;
};
const linked = (linkId: string) => `%resource.item.where(linkId='${linkId}').answer.value`;

describe('what is worked out', () => {
  it('is a score of what was chosen, and what follows from it is asked', () => {
    const text = JSON.stringify(forms[0]);
    const low = { '|feels': '0', '|moist': '0', '|walks': '0', '|turns': '0', '|eats': '1' };
    expect(lineIn(text, '|score', low)).toMatchObject({ value: '6' });
    expect(lineIn(text, '|measures', low)).toMatchObject({ fault: { code: 'required' } });
    const high = { '|feels': '3', '|moist': '3', '|walks': '3', '|turns': '3', '|eats': '3' };
    expect(lineIn(text, '|score', high)).toMatchObject({ value: '20' });
    expect(lineIn(text, '|plan', high)).toBeUndefined();
    const { items, complete } = recordedItems(text, high);
    expect(complete).toBe(true);
    expect(items[1]).toMatchObject({ linkId: 'score', answer: [{ valueInteger: 20 }] });
  });

  it('is exact in decimals, goes by other calculations in any order, and is nobody’s to type', () => {
    const text = formText([
      item('decimal', 'twice', calculated(`${linked('sum')} * 2`)),
      item('decimal', 'sum', calculated(`${linked('a')} + ${linked('b')}`)),
      item('decimal', 'a'),
      item('decimal', 'b'),
    ]);
    const answers = { '|a': '0.1', '|b': '0.2', '|sum': '99' };
    expect(lineIn(text, '|sum', answers)).toMatchObject({ value: '0.3' });
    expect(lineIn(text, '|twice', answers)).toMatchObject({ value: '0.6' });
  });

  it('knows variables, of the form and of what is around a question', () => {
    const variable = (name: string, expression: string) => ({
      url: 'http://hl7.org/fhir/StructureDefinition/variable',
      valueExpression: { name, language: 'text/fhirpath', expression },
    });
    const inner = item('integer', 'c', calculated('%base + %more'));
    const group = item('group', 'g', { extension: [variable('more', '%base * 10')], item: [inner] });
    const text = formText([item('integer', 'a'), group], { extension: [variable('base', linked('a'))] });
    expect(lineIn(text, '|c', { '|a': '2' })).toMatchObject({ value: '22' });
  });

  it('says so where it can’t be worked out, and the form is not complete', () => {
    const text = formText([item('string', 'a'), item('integer', 'b', calculated(`${linked('a')} + 1`))]);
    expect(lineIn(text, '|b', { '|a': 'x' })).toMatchObject({ fault: { code: 'calculation' } });
    expect(recordedItems(text, { '|a': 'x' }).complete).toBe(false);
    const other = formText([item('integer', 'b', calculated('1.5'))]);
    expect(lineIn(other, '|b', {})).toMatchObject({ fault: { code: 'calculation' } });
  });

  it('decides by an expression whether a question is asked', () => {
    const extension = [fhirpath('enableWhenExpression', `${linked('a')} > 2`)];
    const text = formText([item('integer', 'a'), item('string', 'b', { extension })]);
    expect(lineIn(text, '|b', { '|a': '3' })).toBeDefined();
    expect(lineIn(text, '|b', { '|a': '2' })).toBeUndefined();
    expect(lineIn(text, '|b', {})).toBeUndefined();
    const broken = formText([item('string', 'b', { extension: [fhirpath('enableWhenExpression', '1 + ')] })]);
    expect(failure(broken)).toBe('form-malformed');
  });
});

describe('security: a form that means harm', () => {
  it('security: is refused where its calculations go round without an end', () => {
    expect(
      failure(formText([item('integer', 'a', calculated(`iif(${linked('a')}.exists(), ${linked('a')} + 1, 1)`))])),
    ).toBe('form-unsettled');
    const pair = [
      item('boolean', 'a', calculated(`${linked('b')}.exists().not()`)),
      item('string', 'b', {
        extension: [fhirpath('calculatedExpression', "'x'"), fhirpath('enableWhenExpression', `${linked('a')}`)],
      }),
    ];
    expect(failure(formText(pair))).toBe('form-unsettled');
  });

  it('security: is refused where it is too large, too deep or not understood, before it is worked on', () => {
    const many = Array.from({ length: 1_001 }, (_, index) => item('string', `q${index}`));
    expect(refusalOf(formText(many))).toBe('form-too-large');
    let deep: object = item('string', 'x');
    for (let level = 0; level < 2_000; level += 1) deep = item('group', `g${level}`, { item: [deep] });
    expect(refusalOf(formText([deep]))).toBe('form-too-large');
    expect(refusalOf(formText([item('string', 'a', { text: 'x'.repeat(4_001) })]))).toBe('form-too-large');
    expect(refusalOf('x'.repeat(1_000_001))).toBe('form-too-large');
    expect(refusalOf(formText([], { modifierExtension: [{ url: 'u' }] }))).toBe('form-not-understood');
    expect(refusalOf('{"resourceType":"Patient"}')).toBe('form-malformed');
    const rows = [
      item('group', 'g', { repeats: true, item: [item('group', 'h', { repeats: true, item: many.slice(0, 50) })] }),
    ];
    expect(failure(formText(rows), { 'rows:|g': '100', 'rows:0|h': '100' })).toBe('form-too-large');
  });

  it('security: gets nothing from a server, and no mark-up is read', () => {
    const text = formText([
      item('string', 'a', calculated("'Patient/1'.resolve().id")),
      {
        ...{ type: 'display', linkId: 'd' },
        _text: {
          extension: [
            {
              url: 'http://hl7.org/fhir/StructureDefinition/rendering-xhtml',
              valueString: '<b onclick="x()">Bold</b>',
            },
          ],
        },
      },
    ]);
    expect(lineIn(text, '|a', {})).toMatchObject({ fault: { code: 'calculation' } });
    const opened = createFormsService().open(sourceOf(text));
    expect(opened).toMatchObject({ ok: true, value: { items: [{}, { text: '<b onclick="x()">Bold</b>' }] } });
  });
});
