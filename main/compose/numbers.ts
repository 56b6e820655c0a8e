import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Audit } from '../audit/audit.ts';
import { diskErrorOf } from '../documents/errors.ts';
import { createLedger } from '../downtime/numbers/ledger.ts';
import { createNumbers, type Numbers } from '../downtime/numbers/numbers.ts';
import { poolOf } from '../downtime/numbers/pools.ts';
import { type Base, keptText } from './base.ts';

/** Numbers of this workstation, whoever has unlocked; null where policy reserves none. */
export function composeNumbers({ data, policy, log, keyStore }: Base, audit: Pick<Audit, 'record'>): Numbers | null {
  const { numbers } = policy.downtime;
  if (!numbers) return null;
  // An OS account may have several data folders, each with a ledger of its own.
  const place = createHash('sha256').update(resolve(data)).digest('hex').slice(0, 16);
  const account = `downtime/numbers/${place}`;
  return createNumbers({
    pools: () => Promise.all(numbers.pools.map((one) => poolOf(one, (file) => readFile(file, 'utf8')))),
    ledger: createLedger({
      file: keptText(join(data, 'downtime', 'numbers.json')),
      witness: {
        async get() {
          const found = await keyStore.get(account);
          return found.ok ? found : { ok: false, error: found.error };
        },
        set: (text) => keyStore.set(account, text),
      },
    }),
    warnShare: numbers.warnShare,
    diskErrorOf,
    onBehind(count) {
      log.warn('downtime.numbers-behind', {});
      const details = { setting: 'downtime.numbers', value: `behind ${count}` };
      void audit.record({ action: 'configuration', practitioner: null, server: '', view: 'downtime.numbers', details });
    },
    onUnwitnessed: () => log.warn('downtime.numbers-unwitnessed', {}),
  });
}
