import type { LockReason } from '../../preload/contract/session.ts';
import type { Policy } from '../managed/policy.ts';

/** Longest warning before the lock; for a short limit it is half of that. */
const WARNING_MS = 30_000;
const TICK_MS = 1_000;

/**
 * Two clocks, of which the one that says longer is believed. The wall clock can be set back; the time since the computer
 * started can't, and goes on while it sleeps.
 */
export interface Clocks {
  wall(): number;
  uptime(): number;
}

/** Hides what the window shows until it is known to be right. */
export interface Cover {
  hide(): void;
  /** Shows the window again, once its page shows nothing that was there before. */
  reveal(): Promise<void>;
}

export interface LockTriggersOptions {
  policy: Policy['lock'];
  clocks: Clocks;
  /** Calls back every `ms`; answers how to end that. */
  every: (ms: number, callback: () => void) => () => void;
  lock: (reason: LockReason) => Promise<void>;
  /** Time that is left before the lock; null: there is no hurry any more. */
  warn: (remainingMs: number | null) => void;
  cover: Cover;
  /** Whatever else decides, after a sleep, whether what is open may stay open. */
  judgeLease: () => Promise<void>;
}

/** Everything that locks an open profile without its clinician asking. */
export interface LockTriggers {
  /** A profile was opened, or is closed. */
  setOpen(open: boolean): void;
  /** A key or the pointer, in Wardlight's own window. */
  input(): void;
  /** The OS has locked its screen. */
  screenLocked(): void;
  /** Another OS account has come to the front. */
  userSwitched(): void;
  suspended(): void;
  /** Judges how long nobody was there, and only then lets the window be seen. */
  resumed(): Promise<void>;
}

export function createLockTriggers({
  policy,
  clocks,
  every,
  lock,
  warn,
  cover,
  judgeLease,
}: LockTriggersOptions): LockTriggers {
  const warningMs = () => Math.min(WARNING_MS, policy.idleMs / 2);
  let open = false;
  let last = { wall: 0, uptime: 0 };
  let warned = false;
  let endTicks: () => void = () => undefined;
  let locking = Promise.resolve();

  const here = () => {
    last = { wall: clocks.wall(), uptime: clocks.uptime() };
  };

  function tell(remainingMs: number | null): void {
    if (remainingMs === null && !warned) return;
    warned = remainingMs !== null;
    warn(remainingMs);
  }

  function shut(reason: LockReason): void {
    if (!open) return;
    setOpen(false);
    locking = lock(reason).catch(() => undefined);
  }

  function remaining(): number {
    const idle = Math.max(clocks.wall() - last.wall, clocks.uptime() - last.uptime);
    return policy.idleMs - idle;
  }

  function judge(): void {
    if (!open) return;
    const left = remaining();
    if (left <= 0) shut('idle');
    else tell(left <= warningMs() ? Math.round(left) : null);
  }

  function setOpen(next: boolean): void {
    if (next === open) return;
    open = next;
    endTicks();
    warned = false;
    if (!open) return;
    here();
    endTicks = every(TICK_MS, judge);
  }

  const withSystem = (reason: LockReason) => {
    if (policy.withSystem) shut(reason);
  };

  return {
    setOpen,
    input() {
      if (!open) return;
      // Judged first: a key after a night doesn't make the night short.
      if (remaining() <= 0) return shut('idle');
      here();
      tell(null);
    },
    screenLocked: () => withSystem('system'),
    userSwitched: () => withSystem('user-switch'),
    suspended() {
      cover.hide();
      withSystem('suspend');
    },
    async resumed() {
      cover.hide();
      judge();
      await judgeLease();
      await locking;
      await cover.reveal();
    },
  };
}
