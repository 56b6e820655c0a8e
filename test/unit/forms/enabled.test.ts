import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMet } from '../../../main/forms/enabled.ts';
import type { Value } from '../../../main/forms/values.ts';
import { evaluated, faultsIn, formText, item, recordedItems, refusalOf } from './support.ts';

const integer = (value: number): Value => ({ type: 'Integer', value: String(value) });
const small = fc.integer({ min: -3, max: 3 });

/** R4's words for each operator, of one answer. */
const MEANS = {
  '=': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
  '>': (a: number, b: number) => a > b,
  '<': (a: number, b: number) => a < b,
  '>=': (a: number, b: number) => a >= b,
  '<=': (a: number, b: number) => a <= b,
} as const;
const operator = fc.constantFrom(...(Object.keys(MEANS) as (keyof typeof MEANS)[]));

const when = (question: string, more: object) => ({ question, ...more });
const asked = (text: string, answers: Record<string, string>) => Object.keys(faultsIn(text, answers));

describe('whether a question is asked', () => {
  it('follows from any of the answers to the other, by each operator', () => {
    fc.assert(
      fc.property(operator, fc.array(small, { maxLength: 3 }), small, (name, answers, bound) => {
        const condition = { operator: name, answer: integer(bound) };
        expect(isMet(condition, answers.map(integer))).toBe(answers.some((one) => MEANS[name](one, bound)));
      }),
    );
  });

  it('by existence, follows from whether there is an answer', () => {
    const exists = (value: boolean) => ({ operator: 'exists', answer: { type: 'Boolean', value } }) as const;
    for (const answers of [[], [integer(0)]])
      for (const value of [true, false]) expect(isMet(exists(value), answers)).toBe(answers.length > 0 === value);
  });

  it('of several conditions follows from all or from any, as the form says', () => {
    fc.assert(
      fc.property(fc.array(small, { minLength: 1, maxLength: 3 }), fc.boolean(), (answers, isAll) => {
        const questions = answers.map((_, index) => item('integer', `q${index}`));
        const enableWhen = answers.map((_, index) => when(`q${index}`, { operator: '>', answerInteger: 0 }));
        const last = item('string', 'last', { enableWhen, enableBehavior: isAll ? 'all' : 'any' });
        const typed = Object.fromEntries(answers.map((one, index) => [`|q${index}`, String(one)]));
        const positive = answers.filter((one) => one > 0).length;
        const expected = isAll ? positive === answers.length : positive > 0;
        expect(asked(formText([...questions, last]), typed).includes('|last')).toBe(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('compares dates, codes, texts and quantities as such', () => {
    const code = { type: 'Coding' as const, value: { system: 's', code: 'a', extension: [] } };
    const kg = (value: string): Value => ({ type: 'Quantity', value, unit: { words: 'kg', code: 'kg' } });
    const lb = (value: string): Value => ({ type: 'Quantity', value, unit: { words: 'lb', code: '[lb_av]' } });
    const date = (value: string): Value => ({ type: 'Date', value });
    expect(isMet({ operator: '=', answer: code }, [{ ...code, value: { ...code.value, display: 'A' } }])).toBe(true);
    expect(isMet({ operator: '=', answer: code }, [{ ...code, value: { ...code.value, system: 't' } }])).toBe(false);
    expect(isMet({ operator: '>', answer: kg('9') }, [kg('10')])).toBe(true);
    // Nobody knows without a conversion.
    expect(isMet({ operator: '>', answer: kg('9') }, [lb('10')])).toBeNull();
    expect(isMet({ operator: '<', answer: date('2026-03') }, [date('2026-02-28')])).toBe(true);
    expect(isMet({ operator: '=', answer: date('2026-03') }, [date('2026-03-01')])).toBe(false);
  });

  it('takes no answer of a question that is not asked itself, and records none', () => {
    const text = formText([
      item('boolean', 'a'),
      item('integer', 'b', { enableWhen: [when('a', { operator: '=', answerBoolean: true })] }),
      item('string', 'c', { enableWhen: [when('b', { operator: '>', answerInteger: 1 })] }),
    ]);
    const typed = { '|b': '5', '|c': 'canary' };
    expect(asked(text, { ...typed, '|a': 'true' })).toEqual(['|a', '|b', '|c']);
    expect(asked(text, { ...typed, '|a': 'false' })).toEqual(['|a']);
    expect(JSON.stringify(recordedItems(text, { ...typed, '|a': 'false' }))).not.toContain('canary');
  });

  it('within rows goes by the answer of the same row', () => {
    const text = formText([
      item('group', 'g', {
        repeats: true,
        item: [
          item('boolean', 'a'),
          item('string', 'b', { required: true, enableWhen: [when('a', { operator: '=', answerBoolean: true })] }),
        ],
      }),
    ]);
    const typed = { 'rows:|g': '2', '0|a': 'false', '1|a': 'true' };
    expect(faultsIn(text, typed)).toEqual({ '0|g': null, '0|a': null, '1|g': null, '1|a': null, '1|b': 'required' });
    const rows = evaluated(text, typed).lines.at(-1);
    expect(rows).toMatchObject({ kind: 'rows', count: 2, more: true, less: true });
  });

  it('refuses a circle, a question that is not there, and a name that is there twice', () => {
    const needs = (question: string) => ({ enableWhen: [when(question, { operator: 'exists', answerBoolean: true })] });
    expect(refusalOf(formText([item('string', 'a', needs('b')), item('string', 'b', needs('a'))]))).toBe('form-cycle');
    expect(refusalOf(formText([item('group', 'g', { ...needs('x'), item: [item('string', 'x')] })]))).toBe(
      'form-cycle',
    );
    expect(refusalOf(formText([item('string', 'a', needs('none'))]))).toBe('form-malformed');
    expect(refusalOf(formText([item('string', 'a'), item('string', 'a')]))).toBe('form-malformed');
  });
});
