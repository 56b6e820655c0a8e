import { describe, expect, it } from 'vitest';
import { createFormsService } from '../../../main/forms/service.ts';
import { forms } from '../../server/data/forms.ts';
import { formText, item, sourceOf } from './support.ts';

/** Answers as they come back of what was recorded of them. */
function through(text: string, answers: Record<string, string>, change = (items: string) => items) {
  const service = createFormsService();
  const completed = service.complete({ ...sourceOf(text), answers });
  if (!completed.ok) throw new Error(completed.error.code);
  const restored = service.restore({ text, items: change(completed.value.items) });
  return restored.ok ? restored.value : restored.error.code;
}

const options = ['a', 'b', 'c'].map((code) => ({ valueCoding: { system: 's', code, display: code } }));
const unit = { url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-unit', valueCoding: { code: 'kg' } };

describe('what was typed in a form', () => {
  it('comes back of its response: rows, lists, units, digits, and what stands below an answer', () => {
    const text = formText([
      item('group', 'g', {
        repeats: true,
        item: [item('date', 'day'), item('string', 's', { repeats: true, item: [item('boolean', 'below')] })],
      }),
      item('open-choice', 'o', { answerOption: options, repeats: true }),
      item('quantity', 'kg', { extension: [unit] }),
      item('integer', 'left'),
    ]);
    const answers = {
      ...{ 'rows:|g': '2', '0|day': '2026-02-03', 'rows:0|s': '2', '0.0|s': 'x', '0.1|s': 'y', '0.1|below': 'true' },
      ...{ '1|day': '2026', '1.0|s': 'z', '|o': '0 2', 'other:|o': 'Else', '|kg': '71.50', 'unit:|kg': '0' },
    };
    expect(through(text, answers)).toEqual(answers);
  });

  it('comes back of the hospital’s forms', () => {
    const low = { '|feels': '0', '|moist': '0', '|walks': '0', '|turns': '0', '|eats': '1', '|measures': '0 2' };
    expect(through(JSON.stringify(forms[0]), low)).toMatchObject(low);
  });

  it('doesn’t where the form asks something else by now: nothing is left out of what is corrected', () => {
    const text = formText([item('string', 'a'), item('choice', 'b', { answerOption: options })]);
    const answers = { '|a': 'x', '|b': '1' };
    expect(through(text, answers, (items) => items.replace('"linkId":"a"', '"linkId":"gone"'))).toBeNull();
    expect(through(text, answers, (items) => items.replace('"code":"b"', '"code":"gone"'))).toBeNull();
  });
});
