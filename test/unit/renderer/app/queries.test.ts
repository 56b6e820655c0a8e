import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createInvalidator, createQueryClient, queryKeys } from '../../../../renderer/app/queries.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function filledClient() {
  const client = createQueryClient();
  client.setQueryData(queryKeys.chart('p1', null), 1);
  client.setQueryData(queryKeys.chart('p2', null), 2);
  client.setQueryData(
    queryKeys.patientList({ scope: { list: 'mine' }, query: '', sort: 'name', descending: false }, 0),
    3,
  );
  const stale = () =>
    client
      .getQueryCache()
      .getAll()
      .filter((query) => query.state.isInvalidated)
      .map((query) => query.state.data);
  return { client, stale };
}

it('a change of one patient refetches that patient and the list, once for many events', () => {
  const { client, stale } = filledClient();
  const invalidate = vi.spyOn(client, 'invalidateQueries');
  const invalidator = createInvalidator(client);
  for (let event = 0; event < 50; event += 1) invalidator.changed(['p1']);
  vi.advanceTimersByTime(300);
  expect(stale()).toEqual([1, 3]);
  expect(invalidate).toHaveBeenCalledTimes(2);
});

it('a change of all refetches everything', () => {
  const { client, stale } = filledClient();
  createInvalidator(client).changed('all');
  vi.advanceTimersByTime(300);
  expect(stale()).toEqual([1, 2, 3]);
});

it('nothing is refetched after it was stopped', () => {
  const { client, stale } = filledClient();
  const invalidator = createInvalidator(client);
  invalidator.changed('all');
  invalidator.stop();
  vi.advanceTimersByTime(300);
  expect(stale()).toEqual([]);
});
