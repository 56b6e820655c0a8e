import type { Cache } from '../cache/client.ts';
import type { SyncRun, SyncTask } from '../cache/operations.ts';
import { patientsOf, sharedTypes } from './plan.ts';

/** Where the cache keeps which deletions the last complete run did not learn. */
const UNTOLD = 'sync.untold';
const isShared: ReadonlySet<string> = new Set(sharedTypes);

export interface Untold {
  /** By type, server time up to which its deletions are known, where that is not the time of the last complete run. */
  readonly since: Readonly<Record<string, string>>;
  /** Types whose history that run was refused. */
  readonly refused: readonly string[];
}

const nothing: Untold = { since: {}, refused: [] };

export async function readUntold(cache: Cache): Promise<Untold> {
  const kept = await cache.read.getMeta({ key: UNTOLD });
  return kept ? (JSON.parse(kept) as Untold) : nothing;
}

/** Notes it of a run whose tasks are all done, and that is not closed yet. */
export async function noteUntold(cache: Cache, { asOf }: SyncRun): Promise<void> {
  const untold = asOf === null ? nothing : await untoldOf(cache, asOf);
  await cache.write.setMeta({ key: UNTOLD, value: JSON.stringify(untold) });
}

async function untoldOf(cache: Cache, asOf: string): Promise<Untold> {
  const before = await readUntold(cache);
  const histories = await cache.read.tasks({ kind: 'history' });
  const failed = new Set((await cache.read.tasks({ kind: 'history', hasFailed: true })).map(({ seq }) => seq));
  const sweeps = await cache.read.tasks({ kind: 'sweep' });
  const panel = await cache.read.panel();
  const isRefused = ({ state }: SyncTask) => state === 'refused';
  // One that was too long is not read again from so far back: what could not be compared then says so itself.
  const isOver = new Set(
    histories.filter((task) => !isRefused(task) && !failed.has(task.seq)).map(({ resourceType }) => resourceType),
  );
  const held = await cache.read.types();
  const unknown = held.filter((type) => !isOver.has(type) && !isCompared(type, sweeps, panel));
  return {
    since: Object.fromEntries(unknown.map((type) => [type, before.since[type] ?? asOf])),
    refused: histories.filter(isRefused).map(({ resourceType }) => resourceType),
  };
}

function isCompared(type: string, sweeps: readonly SyncTask[], panel: readonly string[]): boolean {
  const own = sweeps.filter(({ resourceType }) => resourceType === type);
  const compared = patientsOf(own);
  const isWhole = isShared.has(type) ? own.length > 0 : panel.every((id) => compared.has(id));
  return isWhole && own.every(({ state }) => state === 'done');
}
