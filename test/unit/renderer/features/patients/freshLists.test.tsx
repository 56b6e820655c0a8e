// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, expect, it } from 'vitest';
import type { SyncStatus } from '../../../../../preload/contract/sync.ts';
import { useListsAfterChart, useListsAfterSync } from '../../../../../renderer/features/patients/freshLists.ts';

const LIST = ['patients', 'lists', '2026-11-26'];
let client: QueryClient;
const wrapper = ({ children }: { children: ReactNode }) => (
  <QueryClientProvider client={client}>{children}</QueryClientProvider>
);
const isOld = () => client.getQueryState(LIST)?.isInvalidated;
const at = (asOf: string | null) => ({ asOf }) as SyncStatus;

beforeEach(() => {
  client = new QueryClient();
  client.setQueryData(LIST, { mine: 0 });
});

it('reads the lists again after a run that changed nobody', () => {
  const { rerender } = renderHook(({ sync }) => useListsAfterSync(sync), {
    wrapper,
    initialProps: { sync: null as SyncStatus | null },
  });
  rerender({ sync: at(null) });
  expect(isOld()).toBe(false);
  rerender({ sync: at('2026-11-26T08:00:00Z') });
  expect(isOld()).toBe(true);
});

it('reads them again once a chart was left', () => {
  const { unmount } = renderHook(() => useListsAfterChart(), { wrapper });
  expect(isOld()).toBe(false);
  unmount();
  expect(isOld()).toBe(true);
});
