import type { Cache } from '../cache/client.ts';
import type { SyncRun, SyncTask } from '../cache/operations.ts';
import { patientsOf, sharedTypes, type Untold } from './plan.ts';

/** Where the cache keeps of which types the last complete run did not learn what was deleted, and since when. */
const UNTOLD = 'sync.untold';
const isShared: ReadonlySet<string> = new Set(sharedTypes);

export async function readUntold(cache: Cache): Promise<Untold> {
  return JSON.parse((await cache.read.getMeta({ key: UNTOLD })) || '{}') as Untold;
}

/**
 * Notes it of a run whose tasks are all done, and that is not closed yet. A type whose history was refused is kept though
 * it was compared: it is compared at once when that begins, and not again with each run.
 */
export async function noteUntold(cache: Cache, { asOf }: SyncRun, startedAt: string): Promise<void> {
  const before = await readUntold(cache);
  const histories = await cache.read.tasks({ kind: 'history' });
  const sweeps = await cache.read.tasks({ kind: 'sweep' });
  const panel = await cache.read.panel();
  const untold = histories.flatMap(({ resourceType: type, state }) => {
    if (state === 'done') return [];
    if (!isCompared(type, sweeps, panel)) return [[type, before[type] ?? asOf]];
    return state === 'refused' ? [[type, startedAt]] : [];
  });
  await cache.write.setMeta({ key: UNTOLD, value: JSON.stringify(Object.fromEntries(untold)) });
}

function isCompared(type: string, sweeps: readonly SyncTask[], panel: readonly string[]): boolean {
  const own = sweeps.filter(({ resourceType }) => resourceType === type);
  const compared = patientsOf(own);
  const isWhole = isShared.has(type) ? own.length > 0 : panel.every((id) => compared.has(id));
  return isWhole && own.every(({ state }) => state === 'done');
}
