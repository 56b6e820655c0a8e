import { expect, it } from 'vitest';
import { createLastWords } from '../../../main/shell/last-words.ts';

function start(hasPage = true) {
  let expire: () => void = () => undefined;
  let asked = 0;
  const words = createLastWords({
    ask() {
      asked += 1;
      return hasPage;
    },
    after(_ms, callback) {
      expire = callback;
      return () => {
        expire = () => undefined;
      };
    },
  });
  return { words, expire: () => expire(), asked: () => asked };
}

it('waits until the page has handed over what was typed, and asks it once', async () => {
  const { words, asked } = start();
  const both = Promise.all([words.collect(), words.collect()]);
  words.done();
  await both;
  expect(asked()).toBe(1);
});

it('is not held up by a page that hangs, or by none', async () => {
  const { words, expire } = start();
  const collected = words.collect();
  expire();
  await collected;
  await start(false).words.collect();
});

it('asks anew at the next lock', async () => {
  const { words, asked } = start();
  for (let count = 0; count < 2; count += 1) {
    const collected = words.collect();
    words.done();
    await collected;
  }
  expect(asked()).toBe(2);
});
