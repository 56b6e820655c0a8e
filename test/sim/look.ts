import { checkWrite, keyOf, type Violation } from './checker.ts';
import { boasts } from './claims.ts';
import type { Accepted } from './network.ts';
import { shows } from './shown.ts';
import type { Workstation } from './workstation.ts';
import { nameOf, type World } from './world.ts';

/** After every step: what was sent is judged, and processes that died are started again. */
export function look(world: World): void {
  judge(world);
  for (const station of world.stations) {
    if (!station.alive()) {
      station.start();
      world.note(`client ${station.client}: is started again`);
    }
    follow(world, station);
    world.violations.push(...hidden(world, station), ...mistaken(world, station), ...boasts(world, station));
  }
}

/** Judges what the server accepted since the last look. */
function judge(world: World): void {
  const { network, ledger, violations, own } = world;
  for (const accepted of network.accepted.slice(world.judged)) {
    const { client, version, run } = accepted;
    if (!isReused(world, accepted)) violations.push(...checkWrite(accepted, ledger, own[client]!));
    own[client]!.add(keyOf(version));
    const limit = world.resetAfter[client];
    const canTell = world.server.dialect.history;
    if (canTell && limit !== null && limit !== undefined && run > limit) {
      const what = `client ${client} wrote ${version.type}/${version.id} to a restored server that it knew better`;
      violations.push({ kind: 'lost', what });
    }
  }
  world.judged = network.accepted.length;
}

/** The ledger learns what became of the workstation's edits. */
function follow({ ledger }: World, station: Workstation): void {
  const listed = station.attempt(() => station.outbox.list({ limit: 1_000 }));
  const unsent = listed === 'died' ? [] : listed.items;
  ledger.recover(
    station.client,
    (one) =>
      shows(station, one)
        ? unsent.findLast(({ resourceType, resourceId }) => resourceType === one.type && resourceId === one.id)?.id
        : undefined,
    new Set(unsent.map(({ id }) => id)),
  );
  if (listed !== 'died') ledger.settle(station.client, listed.items);
  ledger.rename(station.client, ({ type, id }) => station.outbox.resolveId({ type, id }));
}

/** Unsent edits that the workstation does not show: a clinician would think that they are gone. */
function hidden({ ledger }: World, station: Workstation): Violation[] {
  const { client } = station;
  const pending = ledger.edits.filter((one) => one.client === client && one.state === 'pending');
  return pending
    .filter((one) => !shows(station, one))
    .map(({ type, id, what, marker }) => ({
      kind: 'lost',
      what: `client ${client} does not show ${what} ${marker} of ${type}/${id}`,
    }));
}

/**
 * A workstation that takes the server for a restored one, which it never was; said once. Where nothing tells a deleted record
 * from one that was never there, the newest of three patients may have been deleted: a person looks.
 */
function mistaken(world: World, { client, lastResult, read }: Workstation): Violation[] {
  if (!lastResult || lastResult.ok || lastResult.error.code !== 'server-reset' || world.wentBack) return [];
  world.wentBack = true;
  const { history, deletedReads } = world.server.dialect;
  if (!history && deletedReads !== 'gone') return [];
  const why = read.getMeta({ key: 'sync.reset' });
  return [{ kind: 'diverged', what: `client ${client} takes the server for a restored one: ${why}` }];
}

/**
 * Where no earlier version can be read, nothing tells that a number was given out again: `If-Match` fits another text.
 * No client can notice that.
 */
function isReused({ server, gone }: World, { before }: Accepted): boolean {
  return !server.dialect.history && before !== undefined && gone.has(nameOf(before));
}
