import { expect, it } from 'vitest';
import { moveIndex } from '../../../../renderer/parts/moveIndex.ts';

it.each([
  ['ArrowDown', 0, 1],
  ['ArrowDown', 9, 9],
  ['ArrowUp', 0, 0],
  ['PageDown', 3, 7],
  ['PageDown', 8, 9],
  ['PageUp', 3, 0],
  ['Home', 5, 0],
  ['End', 5, 9],
])('%s from %i goes to %i', (key, from, to) => {
  expect(moveIndex(key, from, 10, 4)).toBe(to);
});

it('leaves other keys and empty lists alone', () => {
  expect(moveIndex('Enter', 3, 10, 4)).toBeNull();
  expect(moveIndex('ArrowDown', 0, 0, 4)).toBeNull();
});
