import { runSeed, type SeedOptions } from './seed.ts';

/* A process of its own that runs the seeds that it is sent, one after the other. */

process.on('message', (options: SeedOptions) => {
  void runSeed(options).then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit(0));
