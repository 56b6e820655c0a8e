import { resolve, withdraw } from './decisions.ts';
import { look } from './look.ts';
import type { Random } from './random.ts';
import { accept } from './restore.ts';
import { changesOf } from './shown.ts';
import type { World } from './world.ts';

const DAY = 24 * 3_600_000;
/** Rounds in which all must come to rest once nothing disturbs any more. */
const ROUNDS = 12;

/** Nothing disturbs any more: each workstation syncs until nothing is left to do. */
export async function heal(world: World, draw: Random): Promise<void> {
  const { stations, time } = world;
  world.note('— everything works again —');
  for (const station of stations) station.heal();
  world.network.setDefect(null);
  await time.pass(2 * DAY);
  look(world);
  for (let round = 0; round < ROUNDS; round++) {
    const written = world.network.accepted.length;
    // The nightly comparison is due in every round.
    await time.pass(DAY + 3_600_000);
    for (const station of stations) {
      await accept(world, station);
      for (const change of changesOf(station, ['parked'])) withdraw(world, station, change);
      while (changesOf(station, ['conflict']).length > 0 && draw.chance(0.98)) resolve(world, station, 0, draw.next());
      station.sync([], null);
      await time.pass(3_600_000);
      world.note(`client ${station.client}: ended ${JSON.stringify(station.lastResult)}`);
      look(world);
    }
    const quiet = stations.every(
      (station) =>
        station.lastResult?.ok && changesOf(station, ['waiting', 'sending', 'conflict', 'parked']).length === 0,
    );
    // Once more, so that everyone has seen what was written last.
    if (quiet && round > 1 && world.network.accepted.length === written) return;
  }
  for (const { client, lastResult, running } of stations) {
    if (running()) world.violations.push({ kind: 'diverged', what: `client ${client} does not come to an end` });
    else if (!lastResult?.ok) {
      world.violations.push({ kind: 'diverged', what: `client ${client} can't sync: ${lastResult?.error.code}` });
    }
  }
}
