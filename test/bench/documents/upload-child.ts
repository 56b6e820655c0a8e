import { openStation } from '../../integration/documents/queue/station.ts';

/* A program that sends a file until its parent kills it. */

export interface Task {
  readonly folder: string;
  readonly url: string;
  readonly uploads: string;
  readonly token: string;
  readonly size: number;
  readonly chunk: number;
}

process.once('message', async ({ size, ...options }: Task) => {
  const station = openStation({ ...options, create: true });
  await station.attach(Buffer.alloc(size, 0xa5));
  await station.queue.run(null, new AbortController().signal);
  process.exit(0);
});
