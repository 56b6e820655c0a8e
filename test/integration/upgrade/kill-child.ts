import { openDatabase } from '../../../main/cache/open.ts';
import { createWriter } from '../../../main/cache/writer-operations.ts';
import { type Task, withMore } from './next-version.ts';

/*
 * The first opening of a profile by a newer version of the program, in a process of its own, which kills itself with
 * SIGKILL at the nth step. Told what to do by its parent; answers how it ended, if it lives.
 */
process.once('message', ({ request, more, kill }: Task) => {
  let steps = 0;
  const reached = () => {
    if (steps === kill) process.kill(process.pid, 'SIGKILL');
    steps += 1;
  };
  const writer = createWriter({
    open: ((options: Parameters<typeof openDatabase>[0]) => {
      const opened = openDatabase(
        withMore(options, more, reached) as Parameters<typeof openDatabase>[0] & { mode: 'write' },
      );
      // Here its changes have been committed.
      reached();
      return opened;
    }) as typeof openDatabase,
    onUpgrade: reached,
  });
  const operations = writer.operations as Record<string, (args?: unknown) => unknown>;
  const opened = operations['open']?.(request);
  reached();
  operations['close']?.();
  process.send?.(opened, () => process.disconnect());
});
