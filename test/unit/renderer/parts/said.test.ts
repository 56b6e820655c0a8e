import { expect, it } from 'vitest';
import { elementName, elementWords } from '../../../../renderer/parts/elementNames.ts';
import { isAllEncrypted, itemWords, saidWords } from '../../../../renderer/parts/said.ts';
import { said } from '../../../support/said.ts';

it('puts codes, times and names of parts in words, and leaves what people wrote as it is', () => {
  expect(
    itemWords('AllergyIntolerance', [
      { kind: 'name', at: 'reaction.severity' },
      { kind: 'code', at: 'reaction.severity', code: 'mild', text: 'mild' },
      { kind: 'text', text: '; ' },
      { kind: 'name', at: 'reaction.oddPart' },
      { kind: 'time', time: '2026-03-12' },
    ]),
  ).toBe('Severity: mild; Odd part: 12-Mar-2026');
  const single = { kind: 'code', at: 'note.text', code: 'active', text: 'active' } as const;
  expect(itemWords('Condition', [single])).toBe('active');
  expect(saidWords('Condition', said('a', 'b'))).toBe('a, b');
  expect(saidWords('Condition', said('a\nb', 'c'))).toBe('a\nb\nc');
});

it('names elements as clinicians do, and says where there is no such name', () => {
  expect(elementName('Condition', 'code')).toBe('Problem');
  expect(elementName('Observation', 'constructor')).toBeNull();
  expect(elementWords('Observation', 'implicitRules')).toBe('Implicit rules');
});

it('knows what is encrypted as a whole', () => {
  expect(isAllEncrypted([[{ kind: 'hidden', how: 'encrypted' }]])).toBe(true);
  expect(isAllEncrypted([[{ kind: 'hidden', how: 'encrypted' }], [{ kind: 'text', text: 'x' }]])).toBe(false);
  expect(isAllEncrypted(null)).toBe(false);
});
