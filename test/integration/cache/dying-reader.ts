import { parentPort } from 'node:worker_threads';

/* A reader that ends without a word when it is asked to, as one that runs out of memory does, or works until it is let go. */
parentPort?.on('message', ({ op, args }: { op: string; args: unknown }) => {
  if (op === 'die') process.exit(1);
  if (op === 'work') Atomics.wait(new Int32Array(args as SharedArrayBuffer), 0, 0);
});

await import('../../../main/cache/reader.ts');
