import type { Version } from '../server/store/store.ts';
import { introductions, keyOf } from './checker.ts';
import type { Edit } from './ledger.ts';
import { baseOf } from './shown.ts';
import type { Workstation } from './workstation.ts';
import { nameOf, type World } from './world.ts';

/** How long a restore takes. */
const OUTAGE = 600_000;

/** The server goes back to the last backup, where there is one. */
export function restore(world: World): void {
  const { server, backup } = world;
  if (!backup) return;
  const before = server.store.log();
  world.network.outage(OUTAGE);
  server.store.restore(backup);
  world.wentBack = true;
  const kept = new Set(server.store.log());
  const gone = before.filter((version) => !kept.has(version));
  forget(world, before, gone);
  for (const station of world.stations) expectNotice(world, station, gone);
  world.note(`server: is restored, ${gone.length} versions are forgotten`);
}

/** What is gone with a restore is not missed at the end. */
function forget(world: World, before: readonly Version[], gone: readonly Version[]): void {
  for (const version of gone) world.gone.add(nameOf(version));
  const known = deedsOf(world.server.store.log());
  for (const marker of deedsOf(before)) if (!known.has(marker)) world.forgotten.add(marker);
  for (const { type, id, text } of gone) {
    if (text !== undefined) continue;
    for (const one of world.ledger.edits) {
      if (one.what === 'delete' && one.type === type && isSame(one, id, before)) world.forgotten.add(one.marker);
    }
  }
}

/** A workstation that has a version which is gone has to notice it in its next run. */
function expectNotice(world: World, { client, read, runs }: Workstation, gone: readonly Version[]): void {
  const keys = new Set(gone.filter(({ text }) => text !== undefined).map(keyOf));
  const known = read.versions().filter(({ type, id }) => keys.has(baseOf(read.resource({ type, id }) ?? '{}') ?? ''));
  if (known.length === 0) return;
  const names = known.map(({ type, id, versionId }) => `${type}/${id} ${versionId}`);
  world.note(`client ${client}: knows ${names.join(', ')}`);
  world.resetAfter[client] = runs();
}

/** What a log brought, deletions too, so that what a restore takes away can be told. */
function deedsOf(log: readonly Version[]): Set<string> {
  return new Set(introductions(log).map(({ marker }) => marker));
}

function isSame({ id }: Edit, serverId: string, log: readonly Version[]): boolean {
  return id === serverId || log.some((version) => version.id === serverId && version.text?.includes(`urn:uuid:${id}`));
}

/** A person accepts the restored server, where the workstation asks for that. */
export async function accept(world: World, station: Workstation): Promise<void> {
  const { lastResult } = station;
  if (lastResult === null || lastResult.ok || lastResult.error.code !== 'server-reset' || station.running()) return;
  await station.accept();
  world.resetAfter[station.client] = null;
  world.note(`client ${station.client}: the restored server is accepted`);
}
