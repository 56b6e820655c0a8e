import { expect, it } from 'vitest';
import { createTransfers } from '../../../main/documents/transfers.ts';
import type { Transfer } from '../../../preload/contract/documents.ts';

const transfer = (id: string, state: Transfer['state'], place: number): Transfer => ({
  ...{ id, patientId: 'p', documentId: id, title: id, code: null, done: 0, total: 1 },
  ...{ state, place },
});

it('what is being encrypted is among what is told when the queue gets on', async () => {
  const told: Transfer[][] = [];
  const transfers = createTransfers(
    () => ({ running: async () => [transfer('new', 'encrypting', 1)] }),
    () => ({ list: async () => [transfer('a', 'uploading', 1), transfer('b', 'waiting', 2)] }),
    { shown: async (items) => [...items] },
    (items) => told.push(items),
  );
  await transfers.tell();
  expect(told[0]?.map(({ id, place }) => [id, place])).toEqual([
    ['new', 1],
    ['a', 2],
    ['b', 3],
  ]);
});
