import { readFileSync } from 'node:fs';
import { createLedger } from '../../../main/downtime/numbers/ledger.ts';
import { createNumbers } from '../../../main/downtime/numbers/numbers.ts';
import { poolOf } from '../../../main/downtime/numbers/pools.ts';
import { writeDurably } from '../../../main/vault/durable.ts';

/*
 * Takes numbers of a workstation and says each, and kills itself at one step of that.
 */

const [file = '', witness = '', count = '0', killAt = '-1'] = process.argv.slice(2);

let steps = 0;
function step(): void {
  if (steps === Number(killAt)) process.kill(process.pid, 'SIGKILL');
  steps += 1;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const numbers = createNumbers({
  pools: async () => [
    await poolOf(
      {
        kind: 'visit',
        system: 'urn:oid:1.2',
        range: { prefix: '', from: 1, to: 90, digits: 2, check: 'luhn' },
        list: null,
      },
      async () => '',
    ),
  ],
  ledger: createLedger({
    file: {
      read: async () => read(file),
      async write(text) {
        step();
        await writeDurably(file, text);
        step();
      },
    },
    witness: {
      get: async () => ({ ok: true, value: read(witness) }),
      async set(text) {
        step();
        await writeDurably(witness, text);
        step();
        return { ok: true, value: undefined };
      },
    },
  }),
  warnShare: 0,
  diskErrorOf: () => null,
  onBehind: () => undefined,
  onUnwitnessed: () => undefined,
});

for (let at = 0; at < Number(count); at += 1) {
  const taken = await numbers.take('visit', async () => false);
  process.stdout.write(`${taken.ok ? taken.value.value : taken.error.code}\n`);
  step();
}
