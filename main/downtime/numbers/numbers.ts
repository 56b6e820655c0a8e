import type { Result } from '../../../preload/contract/channel.ts';
import type { NumberStanding } from '../../../preload/contract/downtime.ts';
import { type Book, bookOf, type Ledger, type LedgerStore, withBook } from './ledger.ts';
import type { NumberKind, Pool } from './pools.ts';
import { countFree, firstFree, isTaken, withPlace } from './taken.ts';

export type StoreCode = 'disk-full' | 'store-failed';
export type TakeCode = 'numbers-off' | 'numbers-unknown' | 'pool-empty' | StoreCode;
export type EnterCode = 'numbers-off' | 'numbers-unknown' | 'number-wrong' | 'number-not-reserved' | 'number-used';

/** An identifier of this workstation. */
export interface Numbered {
  readonly system: string;
  readonly value: string;
}

/** True where a record with the number is here already, in whose chart ever. */
export type IsKnown = (numbered: Numbered) => Promise<boolean>;

export interface NumbersOptions {
  readonly pools: () => Promise<readonly Pool[]>;
  readonly ledger: LedgerStore;
  readonly warnShare: number;
  /** What is wrong with the disk, of an error; null where it is something else. */
  readonly diskErrorOf: (error: unknown) => StoreCode | null;
  /** The ledger had forgotten numbers that were given: the data folder is an older one. */
  readonly onBehind: (count: number) => void;
  /** The keychain could not be told what was given. */
  readonly onUnwitnessed: () => void;
}

/** An entry of a number from paper: it counts once the record is kept. */
export interface Entry extends Numbered {
  /** The record is kept, or it is not. */
  end(isKept: boolean): Promise<void>;
}

/** Identifiers that were reserved for this workstation. One at a time is given, and none twice. */
export interface Numbers {
  /** The next one. It is durably taken when this answers, and whoever doesn't use it loses it. */
  take(kind: NumberKind, isKnown: IsKnown): Promise<Result<Numbered, TakeCode>>;
  /** One that stands on paper already, from this workstation's sheets or another's. */
  enter(kind: NumberKind, typed: string, isKnown: IsKnown): Promise<Result<Entry, EnterCode>>;
  /** Takes numbers for paper, as many of each kind as there are, `count` at most. */
  reserve(count: number): Promise<Result<Record<NumberKind, string[]>, TakeCode>>;
  /** How many are left. */
  standing(): Promise<Result<Record<NumberKind, NumberStanding | null>, 'numbers-unknown'>>;
}

/** A record that has a number of the pool already means that the ledger is wrong; then these are skipped at most. */
const KNOWN_MAX = 1_000;

const failed = <Code extends string>(code: Code) => ({ ok: false, error: { code } }) as const;

export function createNumbers(options: NumbersOptions): Numbers {
  const { ledger: store, warnShare, diskErrorOf, onBehind, onUnwitnessed } = options;
  let loaded: { pools: readonly Pool[]; ledger: Ledger } | null = null;
  const entering = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other: what was decided on a ledger is kept before anybody else looks at it. */
  function alone<Value>(work: () => Promise<Value>): Promise<Value> {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  }

  async function load(): Promise<Result<NonNullable<typeof loaded>, 'numbers-unknown'>> {
    if (loaded) return { ok: true, value: loaded };
    const pools = await options.pools().catch(() => null);
    if (!pools) return failed('numbers-unknown');
    const found = await store.load(pools);
    if (!found.ok) return found;
    const { ledger, behind } = found.value;
    if (behind > 0) onBehind(behind);
    loaded = { pools, ledger };
    return { ok: true, value: loaded };
  }

  /** Whatever becomes of the writing: what was tried is never tried again. */
  async function keep(ledger: Ledger, given: Readonly<Record<string, string>>): Promise<Result<null, StoreCode>> {
    if (loaded) loaded = { ...loaded, ledger };
    try {
      if (!(await store.keep(ledger, given))) onUnwitnessed();
      return { ok: true, value: null };
    } catch (error) {
      return failed(diskErrorOf(error) ?? 'store-failed');
    }
  }

  /** The next free place of a kind with the ledger in which it is taken; null where all are. */
  function next(ledger: Ledger, pools: readonly Pool[], kind: NumberKind, forPaper: boolean) {
    for (const pool of pools.filter((one) => one.kind === kind)) {
      const book = bookOf(ledger, pool);
      const place = firstFree(book.taken, pool);
      if (place === null) continue;
      const value = pool.at(place);
      const taken: Book = {
        taken: withPlace(book.taken, pool, place),
        paper: forPaper ? [...book.paper, value] : book.paper,
      };
      return { pool, value, ledger: withBook({ ...ledger, serial: ledger.serial + 1 }, pool, taken) };
    }
    return null;
  }

  async function take(kind: NumberKind, isKnown: IsKnown): Promise<Result<Numbered, TakeCode>> {
    const found = await load();
    if (!found.ok) return found;
    const { pools } = found.value;
    if (!pools.some((one) => one.kind === kind)) return failed('numbers-off');
    let { ledger } = found.value;
    for (let tries = 0; tries < KNOWN_MAX; tries += 1) {
      const one = next(ledger, pools, kind, false);
      if (!one) return failed('pool-empty');
      ledger = one.ledger;
      const { pool, value } = one;
      if (await isKnown({ system: pool.system, value })) continue;
      const kept = await keep(ledger, { [pool.key]: value });
      return kept.ok ? { ok: true, value: { system: pool.system, value } } : kept;
    }
    return failed('numbers-unknown');
  }

  async function reserve(count: number): Promise<Result<Record<NumberKind, string[]>, TakeCode>> {
    const found = await load();
    if (!found.ok) return found;
    const { pools } = found.value;
    let { ledger } = found.value;
    const given: Record<string, string> = {};
    const reserved: Record<NumberKind, string[]> = { visit: [], specimen: [] };
    for (const kind of ['visit', 'specimen'] as const) {
      for (let at = 0; at < count; at += 1) {
        const one = next(ledger, pools, kind, true);
        if (!one) break;
        ledger = one.ledger;
        given[one.pool.key] = one.value;
        reserved[kind].push(one.value);
      }
    }
    if (reserved.visit.length + reserved.specimen.length === 0) return failed('pool-empty');
    const kept = await keep(ledger, given);
    return kept.ok ? { ok: true, value: reserved } : kept;
  }

  /** Drops it from what waits on paper. */
  async function entered(pool: Pool, value: string): Promise<void> {
    const found = await load();
    if (!found.ok) return;
    const book = bookOf(found.value.ledger, pool);
    if (!book.paper.includes(value)) return;
    const paper = book.paper.filter((one) => one !== value);
    await keep(withBook(found.value.ledger, pool, { ...book, paper }), {});
  }

  async function enter(kind: NumberKind, typed: string, isKnown: IsKnown): Promise<Result<Entry, EnterCode>> {
    const found = await load();
    if (!found.ok) return found;
    const { ledger } = found.value;
    const pools = found.value.pools.filter((one) => one.kind === kind);
    if (pools.length === 0) return failed('numbers-off');
    const value = typed.trim();
    const pool = pools.find((one) => one.placeOf(value) >= 0) ?? pools.find((one) => one.isOfForm(value));
    if (!pool) return failed('number-wrong');
    const { system } = pool;
    const name = `${system} ${value}`;
    if (entering.has(name) || (await isKnown({ system, value }))) return failed('number-used');
    const place = pool.placeOf(value);
    if (place >= 0 && !bookOf(ledger, pool).paper.includes(value)) {
      return failed(isTaken(bookOf(ledger, pool).taken, pool, place) ? 'number-used' : 'number-not-reserved');
    }
    entering.add(name);
    return {
      ok: true,
      value: {
        system,
        value,
        async end(isKept) {
          if (isKept) await alone(() => entered(pool, value));
          entering.delete(name);
        },
      },
    };
  }

  async function standing(): ReturnType<Numbers['standing']> {
    const found = await load();
    if (!found.ok) return found;
    const { pools, ledger } = found.value;
    const of = (kind: NumberKind): NumberStanding | null => {
      const own = pools.filter((one) => one.kind === kind);
      const total = own.reduce((sum, { size }) => sum + size, 0);
      const left = own.reduce((sum, pool) => sum + countFree(bookOf(ledger, pool).taken, pool), 0);
      return own.length === 0 ? null : { left, total, low: left <= total * warnShare };
    };
    return { ok: true, value: { visit: of('visit'), specimen: of('specimen') } };
  }

  return {
    take: (kind, isKnown) => alone(() => take(kind, isKnown)),
    enter: (kind, typed, isKnown) => alone(() => enter(kind, typed, isKnown)),
    reserve: (count) => alone(() => reserve(count)),
    standing: () => alone(standing),
  };
}
