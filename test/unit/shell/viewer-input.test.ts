import { expect, it } from 'vitest';
import { createViewerInput } from '../../../main/shell/viewer-input.ts';

/** Seconds of idleness, one for each call; answers how often somebody was there. */
function inputsOf(idle: readonly number[], isInFront = true): number {
  let [at, inputs] = [0, 0];
  const tick = createViewerInput({
    idleSeconds: () => idle[at] ?? 0,
    isInFront: () => isInFront,
    input: () => {
      inputs += 1;
    },
  });
  for (; at < idle.length; at += 1) tick();
  return inputs;
}

it('whoever scrolls in a document is there', () => {
  expect(inputsOf([2, 3, 0, 1, 2, 0])).toBe(3);
});

it('security: nobody is there while no document is in front', () => {
  expect(inputsOf([2, 3, 0, 1], false)).toBe(0);
});

it('security: an OS that can’t tell keeps nothing open', () => {
  expect(inputsOf(Array.from({ length: 600 }, () => 0))).toBe(0);
});
