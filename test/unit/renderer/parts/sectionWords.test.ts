import { expect, it } from 'vitest';
import { flag, sectionState } from '../../../../preload/contract/chart.ts';
import { FLAG_WORDS } from '../../../../renderer/parts/flags.ts';
import { cappedWords, EMPTY_WORDS } from '../../../../renderer/parts/sectionWords.ts';

it('an empty section says something else for every state', () => {
  const words = sectionState.options.map((state) => EMPTY_WORDS[state]);
  expect(new Set(words).size).toBe(sectionState.options.length);
});

it('every flag is told by its own words, and by letters unless it is normal', () => {
  const flags = flag.options.map((value) => FLAG_WORDS[value]);
  expect(new Set(flags.map(({ words }) => words)).size).toBe(flags.length);
  expect(flags.filter(({ mark }) => mark === '')).toEqual([FLAG_WORDS.normal]);
});

it('a capped list says of how many', () => {
  expect(cappedWords(200, 431)).toBe('showing 200 of 431');
  expect(cappedWords(200, 200)).toBeNull();
});
