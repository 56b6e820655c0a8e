import { LosslessNumber } from 'lossless-json';
import { expect, it } from 'vitest';
import { readableElement } from '../../../../main/cache/outbox/readable.ts';
import { ITEMS_MAX } from '../../../../preload/contract/said.ts';

it('tells the beginning of a list without end, and that there is more', () => {
  const identifier = Array.from({ length: 10_000 }, (_, at) => `n ${at}`);
  const said = readableElement({ identifier });
  expect(said).toHaveLength(ITEMS_MAX);
  expect(said?.[0]).toEqual([{ kind: 'text', text: 'n 0' }]);
  expect(said?.at(-1)).toEqual([{ kind: 'text', text: '…' }]);
});

it('tells a form by its questions, each with its answer, and what is below them', () => {
  const item = [
    { linkId: '1', text: 'Pain', answer: [{ valueInteger: new LosslessNumber('3') }] },
    { linkId: '2', text: 'Skin', item: [{ linkId: '3', text: 'Whole', answer: [{ valueBoolean: true }] }] },
  ];
  const bits = readableElement({ item })?.map((one) =>
    one.map((bit) => ('text' in bit ? bit.text : bit.kind)).join(''),
  );
  expect(bits).toEqual(['Pain: 3', 'Skin\nWhole: yes']);
});
