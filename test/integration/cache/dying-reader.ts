import { parentPort } from 'node:worker_threads';

/* A reader that ends without a word when it is asked to, as one that runs out of memory does. */
parentPort?.on('message', (message: { op: string }) => {
  if (message.op === 'die') process.exit(1);
});

await import('../../../main/cache/reader.ts');
