import type { AuditEvent } from 'fhir/r4';
import { readLeaf } from '../log/entry.ts';
import type { AuditStore } from '../store.ts';

const PAGE = 200;

/**
 * Events of a log that were recorded from `since` to before `until` (ISO instants), oldest first, in pages. Entries stand
 * in the order of their times, but for a clock that was set meanwhile.
 */
export async function* eventsBetween(
  store: Pick<AuditStore, 'query' | 'range'>,
  since: string,
  until: string,
): AsyncGenerator<readonly AuditEvent[]> {
  const read = async (first: number, end: number) =>
    (await store.range(first, end)).flatMap(({ leaf }): AuditEvent[] => {
      const read = readLeaf(leaf);
      // What is no entry any more is for the verification to find.
      return read ? [JSON.parse(read.event)] : [];
    });
  const [newest] = await store.query({ limit: 1 });
  const end = newest ? newest.seq + 1 : 0;
  let [low, high] = [0, end];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [event] = await read(middle, middle + 1);
    if ((event?.recorded ?? '') < since) low = middle + 1;
    else high = middle;
  }
  for (let first = low; first < end; first += PAGE) {
    const events = await read(first, Math.min(first + PAGE, end));
    yield events.filter(({ recorded }) => recorded >= since && recorded < until);
  }
}
