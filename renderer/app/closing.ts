import type { QueryClient } from '@tanstack/react-query';
import type { AccessState } from '../../preload/contract/access.ts';
import { queryKeys } from './queries.ts';

/**
 * Answers a listener for what is open beyond the ordinary. What is over leaves the page at once, before anything is
 * asked for anew; unsent changes and conflicts may be of that patient too.
 */
export function createCloser(client: QueryClient): (state: AccessState) => void {
  let open = new Set<string>();
  return ({ grants }) => {
    const now = new Set(grants.map(({ patientId }) => patientId));
    const over = [...open].filter((id) => !now.has(id));
    open = now;
    for (const id of over) void client.resetQueries({ queryKey: queryKeys.record(id) });
    if (over.length > 0) void client.resetQueries({ queryKey: queryKeys.allChanges });
  };
}
