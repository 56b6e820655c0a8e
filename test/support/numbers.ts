import { createLedger } from '../../main/downtime/numbers/ledger.ts';
import { createNumbers, type Numbers, type NumbersOptions } from '../../main/downtime/numbers/numbers.ts';
import { poolOf } from '../../main/downtime/numbers/pools.ts';
import { type NumbersPolicy, numbersSchema } from '../../main/managed/numbers.ts';

export const VISITS = 'urn:oid:1.2.3.4.5';
export const SPECIMENS = 'https://lab.example/specimens';

/** Numbers of a workstation as IT writes them: nine visits with a check digit, nine specimens. */
export const numbersPolicy = (change: Partial<NumbersPolicy> = {}): NumbersPolicy => ({
  ...numbersSchema.parse({
    pools: [
      { kind: 'visit', system: VISITS, range: { prefix: '77', from: 1, to: 9, digits: 4, check: 'luhn' } },
      { kind: 'specimen', system: SPECIMENS, range: { prefix: 'D', from: 101, to: 109, digits: 4, check: 'mod97' } },
    ],
  }),
  ...change,
});

/** What is kept of a ledger, in memory: the file and the keychain's entry. */
export interface KeptLedger {
  file: string | null;
  witness: string | null;
}

interface Support extends Partial<NumbersOptions> {
  readonly policy?: NumbersPolicy;
  readonly lists?: Readonly<Record<string, string>>;
}

export function numbersOver(
  kept: KeptLedger,
  { policy = numbersPolicy(), lists = {}, ...options }: Support = {},
): Numbers {
  return createNumbers({
    pools: () =>
      Promise.all(
        policy.pools.map((pool) =>
          poolOf(pool, async (file) => {
            if (lists[file] === undefined) throw new Error('no such file');
            return lists[file];
          }),
        ),
      ),
    ledger: createLedger({
      file: {
        read: async () => kept.file,
        async write(text) {
          kept.file = text;
        },
      },
      witness: {
        get: async () => ({ ok: true, value: kept.witness }),
        async set(text) {
          kept.witness = text;
          return { ok: true, value: undefined };
        },
      },
    }),
    warnShare: policy.warnShare,
    diskErrorOf: () => null,
    onBehind: () => undefined,
    onUnwitnessed: () => undefined,
    ...options,
  });
}
