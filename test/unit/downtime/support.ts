import { randomUUID } from 'node:crypto';
import type { Sheets } from '../../../main/access/sheets.ts';
import { createDowntime, type Downtime, type DowntimeOptions } from '../../../main/downtime/downtime.ts';
import { createMaking } from '../../../main/downtime/making.ts';
import type { BinderContent, BinderStore, KeptBinder } from '../../../main/downtime/store.ts';
import { type DowntimePolicy, downtimeSchema } from '../../../main/managed/downtime.ts';
import type { Paper } from '../../../main/shell/paper.ts';
import type { DowntimeState } from '../../../preload/contract/downtime.ts';

export const NOON = Date.parse('2026-03-01T12:00:00Z');

/** Binders in memory. */
export function memoryStore(): BinderStore & {
  readonly kept: Map<string, { one: KeptBinder; content: BinderContent }>;
} {
  const kept = new Map<string, { one: KeptBinder; content: BinderContent }>();
  return {
    kept,
    list: async () => [...kept.values()].map(({ one }) => one),
    async keep(one, content) {
      kept.set(one.id, { one, content });
    },
    read: async (id) => kept.get(id)?.content ?? null,
    async remove(id) {
      kept.delete(id);
    },
  };
}

/** Paper without a window: the document is its own PDF, and what is printed is kept. */
export function fakePaper(): Paper & { readonly printed: string[] } {
  const printed: string[] = [];
  return {
    printed,
    open: async (html) => ({
      run: async (source) =>
        (source.includes('fitLabel') || { pages: 1, tooLarge: 0, unprintable: 0, overflowing: 0 }) as never,
      pdf: async () => Buffer.from(html),
      async print() {
        printed.push(html);
        return true;
      },
      close: () => undefined,
    }),
  };
}

interface SupportOptions extends Partial<Omit<DowntimeOptions, 'sheets' | 'policy'>> {
  readonly policy?: Partial<DowntimePolicy>;
}

/** All of the feature but its window and its files, over what access lets through. */
export function downtimeOver(sheets: Sheets, { policy: changed = {}, ...options }: SupportOptions = {}) {
  const policy = { ...downtimeSchema.parse({}), ...changed };
  const paper = fakePaper();
  const store = memoryStore();
  const states: DowntimeState[] = [];
  const now = options.now ?? (() => NOON);
  const shared = { paper: options.paper ?? paper, policy, now, newId: randomUUID };
  const downtime: Downtime = createDowntime({
    sheets,
    make: createMaking({ ...shared, sheets, host: 's.example', display: 'Dr A', language: async () => 'en' }),
    store,
    onState: (state) => states.push(structuredClone(state)),
    askWhere: async () => null,
    saveFile: async () => undefined,
    diskErrorOf: () => null,
    mayPrint: () => true,
    ...shared,
    ...options,
  });
  return { downtime, paper, store, states };
}
