import { openStation } from './station.ts';

/*
 * A wipe in a process of its own, which kills itself with SIGKILL right before or right after the nth step that changes
 * something. Answers the names of the steps, if it lives.
 */

export interface Job {
  readonly folder: string;
  /** The order as it was found; null for a later start, which goes on with what is marked. */
  readonly order: { readonly task: string; readonly server: string; readonly accessToken: string } | null;
  readonly kill: { readonly n: number; readonly side: 'before' | 'after' } | null;
}

process.once('message', (job: Job) => {
  const steps: string[] = [];
  const reach = (side: 'before' | 'after') => {
    if (job.kill?.n === steps.length && job.kill.side === side) process.kill(process.pid, 'SIGKILL');
  };
  const { wipe } = openStation(job.folder, async (step, work) => {
    reach('before');
    const value = await work();
    reach('after');
    steps.push(step);
    return value;
  });
  void (async () => {
    if (job.order) await wipe.mark(job.order);
    await wipe.erase();
    await wipe.acknowledge(job.order?.accessToken);
    process.send?.(steps, () => process.exit(0));
  })();
});
