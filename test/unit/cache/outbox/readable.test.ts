import { expect, it } from 'vitest';
import { readableElement } from '../../../../main/cache/outbox/readable.ts';

it('tells of a list without end how long it is', () => {
  const identifier = Array.from({ length: 10_000 }, (_, at) => `${at % 10}`);
  expect(readableElement({ identifier })).toMatch(/^0, 1, 2, .*, 9, … \(10000 in all\)$/);
});
