import * as z from 'zod';
import type { Result } from '../../preload/contract/channel.ts';
import { KEPT_FILTERS_MAX, type KeptFilter, keptFilter } from '../../preload/contract/patients.ts';
import type { Cache } from '../cache/client.ts';

/** The filters of the list that the clinician keeps. In the cache, as they may hold a patient's name. */
export interface Filters {
  filters(): Promise<{ items: KeptFilter[] }>;
  /** In place of the one of the same name. */
  keepFilter(filter: KeptFilter): Promise<Result<Record<string, never>, 'too-many-filters'>>;
  dropFilter(name: string): Promise<void>;
}

const KEY = 'filters';
const stored = z.array(keptFilter).max(KEPT_FILTERS_MAX);

export function createFilters(cache: Cache): Filters {
  async function read(): Promise<KeptFilter[]> {
    const kept = await cache.read.getMeta({ key: KEY });
    const parsed = stored.safeParse(kept === null ? [] : JSON.parse(kept));
    // Those of another version of the program are no loss that somebody has to be asked about.
    return parsed.success ? parsed.data : [];
  }
  const write = (items: readonly KeptFilter[]) => cache.write.setMeta({ key: KEY, value: JSON.stringify(items) });
  const without = async (name: string) => (await read()).filter((one) => one.name !== name);

  return {
    filters: async () => ({ items: await read() }),
    async keepFilter(filter) {
      const others = await without(filter.name);
      if (others.length >= KEPT_FILTERS_MAX) return { ok: false, error: { code: 'too-many-filters' } };
      await write([...others, filter].sort((a, b) => a.name.localeCompare(b.name)));
      return { ok: true, value: {} };
    },
    dropFilter: async (name) => write(await without(name)),
  };
}
