import { openStation } from './station.ts';

/*
 * One sync of a workstation in a process of its own, which kills itself with SIGKILL right before or right after the nth
 * commit of either database. Told what to do by its parent; answers how many commits there were, if it lives.
 */

export interface Task {
  readonly folder: string;
  readonly create: boolean;
  readonly url: string;
  readonly token: string;
  readonly kill: { readonly n: number; readonly side: 'before' | 'after' } | null;
}

export interface Done {
  readonly commits: number;
  /** Commits before which something was written to the server since the one before. */
  readonly written: readonly number[];
  readonly ok: boolean;
}

process.once('message', (task: Task) => {
  let commits = 0;
  const written = new Set<number>();
  const reach = (side: 'before' | 'after') => {
    if (task.kill?.n === commits && task.kill.side === side) process.kill(process.pid, 'SIGKILL');
  };
  const station = openStation(task.folder, task.create, {
    before: () => reach('before'),
    after() {
      reach('after');
      commits += 1;
    },
  });
  const fetch = (input: string | URL | Request, init?: RequestInit) => {
    if ((init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase() !== 'GET')
      written.add(commits);
    return globalThis.fetch(input, init);
  };
  void station.sync(task, fetch).then((result) => {
    station.close();
    process.send?.({ commits, written: [...written], ok: result.ok } satisfies Done, () => process.exit(0));
  });
});
