import { openStation } from './station.ts';

/*
 * One file's way from the spool to the server in a process of its own, which kills itself with SIGKILL at the nth point
 * at which something reaches disk or network. Told what to do by its parent; answers how many points there were, if it
 * lives.
 */

export interface Task {
  readonly folder: string;
  readonly url: string;
  readonly token: string;
  /** Where it uploads by tus, if not where the server says. */
  readonly uploads?: string | null;
  /** Content of the file, base64. */
  readonly bytes: string;
  /** Index of the point, or null to live. */
  readonly kill: number | null;
}

export interface Done {
  readonly points: number;
}

process.once('message', async (task: Task) => {
  let points = 0;
  const reached = () => {
    if (points === task.kill) process.kill(process.pid, 'SIGKILL');
    points += 1;
  };
  const watched: typeof fetch = async (input, init) => {
    reached();
    const answer = await fetch(input, init);
    reached();
    return answer;
  };
  const { folder, url, token, uploads = null } = task;
  // Right before a commit all is as it was after the point before it, but for a file that was removed meanwhile.
  const station = openStation({
    folder,
    url,
    token,
    uploads,
    create: false,
    fetch: watched,
    hooks: { before() {}, after: reached },
  });
  const { dropTransfer } = station.outbox;
  Object.assign(station.outbox, {
    dropTransfer: async (args: { id: string }) => {
      reached();
      await dropTransfer(args);
    },
  });
  await station.queue.open({ outboxAside: false });
  const file = station.file(Buffer.from(task.bytes, 'base64'));
  reached();
  await station.queue.add(file);
  await station.sync();
  station.close();
  process.send?.({ points } satisfies Done, () => process.exit(0));
});
