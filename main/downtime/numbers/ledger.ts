import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Result } from '../../../preload/contract/channel.ts';
import type { Pool } from './pools.ts';
import { coarse, nothingTaken, takenSchema, withSpans, withUpTo } from './taken.ts';

const number = z.string().max(64);
const bookSchema = z.strictObject({
  taken: takenSchema,
  /** Taken for paper, and not typed in yet. */
  paper: z.array(number).max(20_000),
});
export type Book = z.infer<typeof bookSchema>;

const books = z.record(z.string().max(600), bookSchema);
const ledgerSchema = z.strictObject({
  version: z.literal(1),
  /** How many numbers were ever taken on this workstation. */
  serial: z.int().min(0),
  books,
});
/** Which numbers of this workstation were taken. It tells of no patient. */
export type Ledger = z.infer<typeof ledgerSchema>;

const witnessSchema = z.strictObject({
  serial: z.int().min(0),
  /** Of each range, by a hash of the pool's key: an entry of a keychain may be small. */
  spans: z.record(z.string().max(16), takenSchema.shape.spans),
  /** The last number taken of each list. */
  last: z.record(z.string().max(16), number),
});
/** What the keychain knows of the ledger: a data folder that was restored from a backup doesn't bring it along. */
type Witness = z.infer<typeof witnessSchema>;

export interface LedgerOptions {
  /** The file; null where there is none. `write` replaces it durably, whole or not at all. */
  readonly file: { read(): Promise<string | null>; write(text: string): Promise<void> };
  /** The keychain's entry. */
  readonly witness: {
    get(): Promise<Result<string | null, string>>;
    set(text: string): Promise<Result<void, string>>;
  };
}

export interface LedgerStore {
  /** `numbers-unknown`: which were taken can't be told, so that none may be given. `behind`: numbers that it had forgotten. */
  load(pools: readonly Pool[]): Promise<Result<{ ledger: Ledger; behind: number }, 'numbers-unknown'>>;
  /** Durable when it answers. False: the keychain could not be told, so that a restored folder would not be noticed. */
  keep(ledger: Ledger, last: Readonly<Record<string, string>>): Promise<boolean>;
}

const unknown = { ok: false, error: { code: 'numbers-unknown' } } as const;
const empty: Ledger = { version: 1, serial: 0, books: {} };

export const bookOf = ({ books: all }: Ledger, { key }: Pool): Book => all[key] ?? { taken: nothingTaken, paper: [] };

export function withBook(ledger: Ledger, { key }: Pool, book: Book): Ledger {
  return { ...ledger, books: { ...ledger.books, [key]: book } };
}

export function createLedger({ file, witness }: LedgerOptions): LedgerStore {
  let remembered: Witness = { serial: 0, spans: {}, last: {} };

  return {
    async load(pools) {
      const [text, told] = [await file.read(), await witness.get()];
      const known = told.ok && told.value !== null ? read(witnessSchema, told.value) : null;
      const kept = text === null ? null : read(ledgerSchema, text);
      if (known) remembered = known;
      // A first use is one of which the keychain says that there was none before.
      if (!kept && !(known || (text === null && told.ok && told.value === null))) return unknown;
      const ledger = kept ?? empty;
      const behind = Math.max(0, (known?.serial ?? 0) - ledger.serial);
      const whole = known ? caughtUp(ledger, known, pools, behind > 0) : ledger;
      return { ok: true, value: { ledger: whole, behind } };
    },

    async keep(ledger, last) {
      await file.write(JSON.stringify(ledger));
      const ranges = Object.entries(ledger.books).filter(([, { taken }]) => taken.spans.length > 0);
      const spans = Object.fromEntries(ranges.map(([key, { taken }]) => [hashOf(key), coarse(taken.spans)]));
      const lasts = Object.fromEntries(Object.entries(last).map(([key, value]) => [hashOf(key), value]));
      remembered = {
        serial: ledger.serial,
        spans: { ...remembered.spans, ...spans },
        last: { ...remembered.last, ...lasts },
      };
      return (await witness.set(JSON.stringify(remembered))).ok;
    },
  };
}

/**
 * What the keychain knows to be taken counts as taken. Of a list, where numbers were forgotten: all up to the last one, as
 * they are given in their order.
 */
function caughtUp(ledger: Ledger, { serial, spans, last }: Witness, pools: readonly Pool[], isBehind: boolean): Ledger {
  let result: Ledger = { ...ledger, serial: Math.max(serial, ledger.serial) };
  for (const pool of pools) {
    const book = bookOf(result, pool);
    const known = withSpans(book.taken, spans[hashOf(pool.key)] ?? []);
    const isList = typeof pool.markOf(0) === 'string';
    const place = isList && isBehind ? pool.placeOf(last[hashOf(pool.key)] ?? '') : -1;
    result = withBook(result, pool, { ...book, taken: withUpTo(known, pool, place) });
  }
  return result;
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}

function read<Value>(schema: z.ZodType<Value>, text: string): Value | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
