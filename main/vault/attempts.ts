import * as z from 'zod';
import type { Result } from '../../preload/contract/channel.ts';
import type { KeyringError } from '../../preload/contract/session.ts';
import type { KeyStore } from './key-store.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** The wait after so many wrong passphrases in a row: none after the first slips of a hurried hand, then more and more. */
const WAITS_MS = [
  0,
  0,
  0,
  5 * SECOND_MS,
  15 * SECOND_MS,
  30 * SECOND_MS,
  MINUTE_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
] as const;

/** From how many remaining attempts on they are shown. */
const FEW = 3;

const stored = z.strictObject({
  /** Passphrases that were tried since the last right one; the one under way is counted already. */
  failed: z.int().min(0).max(1_000),
  /** The last one that policy allows was tried: unless it turns out right, the device secret ends. */
  final: z.boolean(),
  /** The device secret was, or is being, destroyed. */
  destroyed: z.boolean(),
});
type Stored = z.infer<typeof stored>;

const NONE: Stored = { failed: 0, final: false, destroyed: false };

export interface AttemptsOptions {
  readonly keyStore: KeyStore;
  readonly policy: { readonly maxAttempts: number };
  /** Milliseconds of a clock that nobody can set. */
  readonly monotonic: () => number;
}

/** What a person is told before the next try. */
export interface AttemptState {
  /** How many are left; null as long as there are many. */
  readonly left: number | null;
  readonly waitMs: number;
}

type Answer<Value, Code extends string = never> = Promise<Result<Value, Code | 'keys-destroyed' | KeyringError>>;

/** What an unlock holds while it tries a passphrase. */
export interface Attempt {
  /** Resolves once the attempt is counted in the keychain. */
  readonly counted: Promise<Result<void, KeyringError>>;
  /** The passphrase was right. */
  right(): Promise<void>;
  /** It was wrong. Answers whether that was the last one. */
  wrong(): 'again' | 'last';
}

export interface Attempts {
  /** `isNew`: the profile has a counter since it was made or last opened, so that a missing one was taken away. */
  look(profile: string, isNew: boolean): Answer<AttemptState>;
  begin(profile: string, isNew: boolean): Answer<Attempt, 'unlock-delayed'>;
  /** Says durably that the profile's secret is to end, and why nothing opens any more. */
  markDestroyed(profile: string): Promise<Result<void, KeyringError>>;
  reset(profile: string): Promise<Result<void, KeyringError>>;
}

/**
 * Counts wrong passphrases, beside the device secret in the OS keychain: who has the files alone can neither read nor
 * reset the count, and who has the keychain has the device secret as well. The wait is measured by a monotonic clock and
 * begins anew with each start of the program.
 */
export function createAttempts({ keyStore, policy, monotonic }: AttemptsOptions): Attempts {
  /** When the wait of each profile began. */
  const since = new Map<string, number>();
  /** As read or written last: an unlock needn't ask the keychain again, and what is changed there meanwhile is not heeded. */
  const known = new Map<string, Stored>();
  /** Writes of the counter follow each other. */
  let writing: Promise<unknown> = Promise.resolve();

  const account = (profile: string) => `${profile}/attempts`;

  async function read(profile: string, isNew: boolean): Promise<Result<Stored, KeyringError>> {
    await writing;
    const before = known.get(profile);
    if (before) return { ok: true, value: before };
    const entry = await keyStore.get(account(profile));
    if (!entry.ok) return entry;
    const value = meaningOf(entry.value, isNew);
    known.set(profile, value);
    return { ok: true, value };
  }

  function meaningOf(text: string | null, isNew: boolean): Stored {
    if (text === null && !isNew) return NONE;
    const parsed = stored.safeParse(parse(text));
    // Taken away or changed: the last try, which the right passphrase puts in order again.
    return parsed.success ? parsed.data : { ...NONE, failed: policy.maxAttempts - 1 };
  }

  function write(profile: string, value: Stored): Promise<Result<void, KeyringError>> {
    const turn = writing.then(async () => {
      // What a write that failed has left is not known.
      known.delete(profile);
      const written = await keyStore.set(account(profile), JSON.stringify(value));
      if (written.ok) known.set(profile, value);
      return written;
    });
    writing = turn;
    return turn;
  }

  function waitMs(profile: string, { failed }: Stored): number {
    const begun = since.get(profile) ?? monotonic();
    since.set(profile, begun);
    const wait = WAITS_MS[Math.min(failed, WAITS_MS.length - 1)] ?? 0;
    return Math.max(0, Math.ceil(begun + wait - monotonic()));
  }

  const destroyed = { ok: false, error: { code: 'keys-destroyed' } } as const;

  return {
    async look(profile, isNew) {
      const now = await read(profile, isNew);
      if (!now.ok) return now;
      if (now.value.destroyed || now.value.final) return destroyed;
      const left = Math.max(1, policy.maxAttempts - now.value.failed);
      return { ok: true, value: { left: left <= FEW ? left : null, waitMs: waitMs(profile, now.value) } };
    },

    async begin(profile, isNew) {
      const now = await read(profile, isNew);
      if (!now.ok) return now;
      if (now.value.destroyed || now.value.final) return destroyed;
      if (waitMs(profile, now.value) > 0) return { ok: false, error: { code: 'unlock-delayed' } };
      const failed = now.value.failed + 1;
      const isLast = failed >= policy.maxAttempts;
      const counted = write(profile, { failed, final: isLast, destroyed: false });
      return {
        ok: true,
        value: {
          counted,
          async right() {
            since.delete(profile);
            const reset = write(profile, NONE);
            // A single slip may be forgotten behind the unlock; a row of them is, before anything else can happen.
            if (failed > 1 || isLast) await reset;
          },
          wrong() {
            since.set(profile, monotonic());
            return isLast ? 'last' : 'again';
          },
        },
      };
    },

    markDestroyed: (profile) => write(profile, { ...NONE, destroyed: true }),

    reset(profile) {
      since.delete(profile);
      return write(profile, NONE);
    },
  };
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
