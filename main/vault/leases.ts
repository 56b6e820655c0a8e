import type { Result } from '../../preload/contract/channel.ts';
import type { LeaseStatus } from '../../preload/contract/lock.ts';
import type { KeyringError, LeaseError } from '../../preload/contract/session.ts';
import type { KeyStore } from './key-store.ts';
import {
  aged,
  granted,
  isDue,
  type LeaseClocks,
  type LeaseRecord,
  type LeaseTerms,
  leaseProblem,
  leaseRecord,
} from './lease.ts';

/** Writes to the keychain are rare: what a crash loses of the time seen is no more than this. */
const KEEP_EVERY_MS = 5 * 60_000;
/** A keychain that didn't answer is asked again after so long: each time it may ask the person something. */
const ASK_AGAIN_MS = 10_000;
/** Ends of a lease that differ by less are told as one. */
const TOLD_STEP_MS = 60_000;
/** The end of a lease is told so long before, and for a short one in its last quarter. */
const WARNING_MS = 12 * 60 * 60_000;

/** What came of asking the server while the profile is closed. */
export type Contact = { readonly serverTime: number } | LeaseError;

/** Whose lease it is: the profile's id. */
type Id = string;

/**
 * How long each profile may be opened without its server. The record is in the OS keychain, beside the device secret, so
 * that an older copy of the profile's files brings back nothing of it.
 */
export interface Leases {
  /** Why the profile can't be opened without its server now; null also where the keychain doesn't say. */
  problem(id: Id): Promise<LeaseError | null>;
  /** Lets a profile be opened: by its lease, or else by asking the server first. */
  admit(id: Id, contact: () => Promise<Contact>): Promise<Result<void, LeaseError | KeyringError>>;
  /** The server has given an authenticated answer at this time of its clock. */
  renew(id: Id, serverTime: number): Promise<void>;
  status(id: Id): LeaseStatus | null;
  /** Keeps what is not kept yet. */
  settle(id: Id): Promise<void>;
  /**
   * Lets time pass: answers why the profile must be closed now, and destroys its keys when that is due. A keychain that
   * didn't answer is asked again now and then, but not where a person has denied it.
   */
  tick(id: Id): Promise<LeaseError | null>;
}

export interface LeasesOptions {
  keyStore: KeyStore;
  terms: LeaseTerms;
  clocks: LeaseClocks;
  /** Destroys the keys for good; answers whether they are gone. */
  destroy: (id: Id) => Promise<boolean>;
  /** The lease of a profile is another one, or is about to end. */
  onStatus: (id: Id) => void;
}

interface Held {
  record: LeaseRecord | null;
  keptAt: number;
  isEnding: boolean;
  toldUntil: number;
}

export function createLeases({ keyStore, terms, clocks, destroy, onStatus }: LeasesOptions): Leases {
  const held = new Map<Id, Held>();
  const loading = new Map<Id, Promise<Result<Held, KeyringError>>>();
  /** When the keychain may be asked again by itself, in uptime. */
  const askAgainAt = new Map<Id, number>();
  const account = (id: Id) => `${id}/lease`;

  /** All who ask meanwhile are given one and the same: of two, one would not hear of what the other is told. */
  function load(id: Id): Promise<Result<Held, KeyringError>> {
    const known = held.get(id);
    if (known) return Promise.resolve({ ok: true, value: known });
    const begun = loading.get(id) ?? read(id).finally(() => loading.delete(id));
    loading.set(id, begun);
    return begun;
  }

  async function read(id: Id): Promise<Result<Held, KeyringError>> {
    const stored = await keyStore.get(account(id));
    if (!stored.ok) {
      const isDenied = stored.error.code === 'keyring-denied';
      askAgainAt.set(id, isDenied ? Number.POSITIVE_INFINITY : clocks.uptime() + ASK_AGAIN_MS);
      return stored;
    }
    const made: Held = { record: parse(stored.value), keptAt: Number.NEGATIVE_INFINITY, isEnding: false, toldUntil: 0 };
    held.set(id, made);
    return { ok: true, value: made };
  }

  /** A record that can't be written is written at the next time: nothing is opened by it meanwhile but what it allows. */
  async function keep(id: Id, lease: Held, record: LeaseRecord, isUrgent: boolean): Promise<void> {
    lease.record = record;
    const uptime = clocks.uptime();
    if (!isUrgent && uptime - lease.keptAt < KEEP_EVERY_MS) return;
    const kept = await keyStore.set(account(id), JSON.stringify(record));
    if (kept.ok) lease.keptAt = uptime;
  }

  function tellEnding(id: Id, lease: Held, isOther: boolean): void {
    const isEnding = statusOf(lease)?.isEnding ?? false;
    if (isEnding === lease.isEnding && !isOther) return;
    lease.isEnding = isEnding;
    lease.toldUntil = lease.record?.until ?? 0;
    onStatus(id);
  }

  function statusOf({ record }: Held): LeaseStatus | null {
    if (!record) return null;
    const until = record.until - record.offset;
    const warning = Math.min(WARNING_MS, terms.offlineMs / 4);
    return { until: new Date(until).toISOString(), isEnding: until - clocks.wall() <= warning };
  }

  async function renew(id: Id, serverTime: number): Promise<void> {
    const lease = await load(id);
    if (!lease.ok) return;
    const before = lease.value.record;
    const next = granted(serverTime, clocks, terms);
    // What ends a problem is kept at once; of the many answers of a sync not each is.
    const isUrgent = leaseProblem(before, clocks, terms) !== null;
    const isOther = !before || next.until - lease.value.toldUntil >= TOLD_STEP_MS;
    await keep(id, lease.value, next, isUrgent);
    tellEnding(id, lease.value, isOther);
  }

  async function age(id: Id, lease: Held): Promise<LeaseError | null> {
    const { record } = lease;
    if (!record) return 'lease-expired';
    const before = leaseProblem(record, clocks, terms);
    const next = aged(record, clocks, terms);
    if (isDue(next, clocks, terms) && (await destroy(id))) {
      await keep(id, lease, { ...next, destroyed: true }, true);
      return 'lease-destroyed';
    }
    // That it has ended is kept at once: the clock may be set back in the next moment.
    await keep(id, lease, next, before !== null && record.seen <= record.until && next.seen > record.until);
    tellEnding(id, lease, false);
    return before;
  }

  async function problem(id: Id): Promise<LeaseError | null> {
    const lease = await load(id);
    return lease.ok ? age(id, lease.value) : null;
  }

  return {
    problem,
    async admit(id, contact) {
      const lease = await load(id);
      if (!lease.ok) return lease;
      const problem = await age(id, lease.value);
      if (problem === null) return { ok: true, value: undefined };
      if (problem === 'lease-destroyed') return { ok: false, error: { code: problem } };
      const answer = await contact();
      if (typeof answer !== 'object')
        return { ok: false, error: { code: answer === 'lease-expired' ? problem : answer } };
      await renew(id, answer.serverTime);
      return { ok: true, value: undefined };
    },
    renew,
    status(id) {
      const lease = held.get(id);
      return lease ? statusOf(lease) : null;
    },
    async settle(id) {
      const lease = held.get(id);
      if (lease?.record) await keep(id, lease, aged(lease.record, clocks, terms), true);
    },
    async tick(id) {
      const isHeld = held.has(id) || loading.has(id);
      return isHeld || clocks.uptime() >= (askAgainAt.get(id) ?? 0) ? problem(id) : null;
    },
  };
}

/** What is no record grants nothing. */
function parse(stored: string | null): LeaseRecord | null {
  try {
    return leaseRecord.parse(JSON.parse(stored ?? ''));
  } catch {
    return null;
  }
}
