import { resolve, retry, withdraw } from './decisions.ts';
import { create, remove, update } from './edits.ts';
import { serverCreate, serverDelete, serverRefile, serverUpdate, team } from './others.ts';
import { at, type Step } from './plan.ts';
import type { Random } from './random.ts';
import { accept, restore } from './restore.ts';
import { changesOf } from './shown.ts';
import type { World } from './world.ts';

/** Carries out one step of a plan. */
export function perform(world: World, step: Step, draw: Random): void | Promise<void> {
  const station = world.stations['client' in step ? step.client : 0]!;
  switch (step.do) {
    case 'create':
      return create(world, station, step, draw);
    case 'update':
      return update(world, station, step);
    case 'delete':
      return remove(world, station, step);
    case 'sync':
      world.note(
        `client ${station.client}: sync${station.running() ? ' is under way' : ''}${step.death ? ` — ${JSON.stringify(step.death)}` : ''}`,
      );
      return station.sync(step.fates, step.death);
    case 'die':
      world.note(`client ${station.client}: dies`);
      return station.die();
    case 'cancel':
      return station.cancel();
    case 'resolve':
      return resolve(world, station, step.which, step.how);
    case 'withdraw':
      return withdraw(world, station, at(changesOf(station, ['waiting', 'parked', 'conflict']), step.which));
    case 'retry':
      return retry(world, station, at(changesOf(station, ['parked']), step.which));
    case 'accept':
      return accept(world, station);
    case 'server-create':
      return serverCreate(world, step);
    case 'server-update':
      return serverUpdate(world, step);
    case 'server-delete':
      return serverDelete(world, step);
    case 'server-refile':
      return serverRefile(world, step);
    case 'team':
      return team(world, step);
    case 'defect':
      return world.network.setDefect(step.defect);
    case 'snapshot':
      world.backup = world.server.store.snapshot();
      return world.note('server: a backup is made');
    case 'restore':
      return restore(world);
    case 'client-clock':
      world.note(`client ${station.client}: the clock jumps by ${step.ms} ms`);
      return station.jump(step.ms);
    case 'server-clock':
      world.serverOffset += step.ms;
      if (step.ms < 0) world.wentBack = true;
      return world.note(`server: the clock jumps by ${step.ms} ms`);
    case 'wait':
      return undefined;
  }
}
