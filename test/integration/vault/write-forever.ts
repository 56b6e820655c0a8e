import { writeDurably } from '../../../main/vault/durable.ts';

/* Replaces a file over and over, each time whole: `node write-forever.ts FILE`. The test ends it with SIGKILL. */
const [, , file = ''] = process.argv;
for (let round = 0; ; round += 1) {
  await writeDurably(file, JSON.stringify({ round, filler: String(round % 10).repeat(200_000), end: round }));
  if (round === 0) process.stdout.write('started\n');
}
