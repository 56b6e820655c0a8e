import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differences } from '../../../../../renderer/features/sync/differences.ts';

const side = (before: string, after: string, kind: 'added' | 'removed') =>
  differences(before, after)
    ?.filter((stretch) => stretch.kind === 'kept' || stretch.kind === kind)
    .map(({ text }) => text)
    .join('');

const marks = (before: string, after: string) =>
  differences(before, after)
    ?.filter(({ kind }) => kind !== 'kept')
    .map(({ kind, text }) => `${kind} ${text.trim()}`);

describe('differences of a text', () => {
  it('name the words that came and went', () => {
    const before = 'Less breathless overnight. Slept four hours. No chest pain.';
    expect(marks(before, 'Less breathless overnight. Slept six hours. No chest pain.')).toEqual([
      'removed four',
      'added six',
    ]);
    expect(marks(before, `${before} Drank 400 ml.`)).toEqual(['added Drank 400 ml.']);
  });

  it('are told as one change where only a space or a short word stays between them', () => {
    expect(
      marks('The wound of the left foot is dry and clean today.', 'The wound of the left foot was red and hot today.'),
    ).toEqual(['removed is dry and clean', 'added was red and hot']);
  });

  it('are not marked at all in a text that was rewritten: marks would hide what it says', () => {
    expect(
      differences('Slept well. Walked to the bathroom.', 'Vomited twice, doctor informed, fluids begun.'),
    ).toBeNull();
  });

  it('leave nothing out of either text, whatever they are', () => {
    const text = fc.array(fc.constantFrom('dry', 'red', ' ', '.', '\n', 'wound', 'ü', '𝒳'), { maxLength: 40 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const [before, after] = [one.join(''), other.join('')];
        if (differences(before, after) === null) return;
        expect(side(before, after, 'removed')).toBe(before);
        expect(side(before, after, 'added')).toBe(after);
      }),
    );
  });
});
