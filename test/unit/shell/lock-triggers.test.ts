import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../main/managed/policy.ts';
import { createLockTriggers } from '../../../main/shell/lock-triggers.ts';

const LIMIT = 300_000;

interface Options {
  policy?: Partial<Policy['lock']>;
  /** Ends each lock when the test says so. */
  held?: boolean;
}

/** Triggers of an open profile, with clocks that only the test moves. */
function start({ policy, held = false }: Options = {}) {
  const log: string[] = [];
  let wall = Date.parse('2026-11-01T08:00:00Z');
  let uptime = 1_000;
  let tick: (() => void) | null = null;
  let release: () => void = () => undefined;
  const triggers = createLockTriggers({
    policy: { idleMs: LIMIT, withSystem: true, ...policy },
    clocks: { wall: () => wall, uptime: () => uptime },
    every(_ms, callback) {
      tick = callback;
      return () => {
        tick = null;
      };
    },
    async lock(reason) {
      log.push(`lock ${reason}`);
      if (held) {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      log.push('locked');
    },
    warn: (remainingMs) => log.push(`warn ${remainingMs}`),
    judgeLease: async () => undefined,
    cover: {
      hide: () => log.push('hide'),
      async reveal() {
        log.push('reveal');
      },
    },
  });
  triggers.setOpen(true);
  /** Time passes while no timer of the program is called. */
  function sleep({ onWall, onUptime }: { onWall: number; onUptime: number }) {
    wall += onWall;
    uptime += onUptime;
  }

  return {
    triggers,
    log,
    sleep,
    release: () => release(),
    isTicking: () => tick !== null,
    /** Time passes; what each clock says of it may differ. */
    pass({ ms = 0, onWall = ms, onUptime = ms }: { ms?: number; onWall?: number; onUptime?: number }) {
      sleep({ onWall, onUptime });
      tick?.();
    },
  };
}

describe('idle', () => {
  it('locks when nobody has touched Wardlight for the time of the policy, and not before', () => {
    const { log, pass, isTicking } = start();
    pass({ ms: LIMIT - 31_000 });
    expect(log).toEqual([]);
    pass({ ms: 31_000 });
    expect(log[0]).toBe('lock idle');
    expect(isTicking()).toBe(false);
  });

  it('begins anew with each key', () => {
    const { triggers, log, pass } = start();
    for (let count = 0; count < 5; count += 1) {
      pass({ ms: LIMIT - 60_000 });
      triggers.input();
    }
    expect(log).toEqual([]);
  });

  it('warns for the last half minute, and says so when a key has ended that', () => {
    const { triggers, log, pass } = start();
    pass({ ms: LIMIT - 30_000 });
    pass({ ms: 10_000 });
    triggers.input();
    triggers.input();
    expect(log).toEqual(['warn 30000', 'warn 20000', 'warn null']);
  });

  it('warns for no more than half of a short limit', () => {
    const { log, pass } = start({ policy: { idleMs: 4_000 } });
    pass({ ms: 1_000 });
    expect(log).toEqual([]);
    pass({ ms: 1_000 });
    expect(log).toEqual(['warn 2000']);
  });

  it('does nothing while no profile is open, and counts from the opening', () => {
    const { triggers, log, pass } = start();
    triggers.setOpen(false);
    pass({ ms: 10 * LIMIT });
    triggers.setOpen(true);
    pass({ ms: LIMIT - 31_000 });
    triggers.screenLocked();
    triggers.suspended();
    expect(log).toEqual(['lock system', 'locked', 'hide']);
  });
});

describe('security: idle time', () => {
  it('security: is not made shorter by a clock that is set back', () => {
    const { log, pass } = start();
    pass({ onWall: -86_400_000, onUptime: LIMIT });
    expect(log[0]).toBe('lock idle');
  });

  it('security: is not made shorter by a clock that is set back again and again', () => {
    const { log, pass } = start();
    for (let second = 0; second < LIMIT / 1_000; second += 1) pass({ onWall: -5_000, onUptime: 1_000 });
    expect(log.at(-2)).toMatch(/^warn|^lock/);
    expect(log).toContain('lock idle');
  });

  it('security: is not made shorter by a sleep that the other clock does not count', () => {
    const { log, pass } = start();
    pass({ onWall: LIMIT, onUptime: 0 });
    expect(log[0]).toBe('lock idle');
  });

  it('security: is judged before a key counts, so that the first key after a night does not unlock it', () => {
    const { triggers, log, sleep } = start();
    sleep({ onWall: 10 * LIMIT, onUptime: 10 * LIMIT });
    triggers.input();
    expect(log[0]).toBe('lock idle');
  });

  it('security: a lock is asked for once', async () => {
    const { triggers, log, pass } = start({ held: true });
    pass({ ms: LIMIT });
    pass({ ms: LIMIT });
    triggers.input();
    triggers.screenLocked();
    triggers.suspended();
    expect(log.filter((line) => line.startsWith('lock'))).toEqual(['lock idle']);
  });
});

describe('the system', () => {
  it.each([
    ['system', 'screenLocked'],
    ['user-switch', 'userSwitched'],
  ] as const)('locks with the reason %s', (reason, event) => {
    const { triggers, log } = start();
    triggers[event]();
    expect(log[0]).toBe(`lock ${reason}`);
  });

  it('is not followed where policy says so, but for the time that passes asleep', async () => {
    const { triggers, log, sleep } = start({ policy: { withSystem: false } });
    triggers.screenLocked();
    triggers.userSwitched();
    triggers.suspended();
    await triggers.resumed();
    expect(log).toEqual(['hide', 'hide', 'reveal']);
    log.length = 0;
    triggers.suspended();
    sleep({ onWall: LIMIT, onUptime: 0 });
    await triggers.resumed();
    expect(log).toEqual(['hide', 'hide', 'lock idle', 'locked', 'reveal']);
  });

  it('security: nothing is seen after a sleep before the lock has ended', async () => {
    const { triggers, log, release } = start({ held: true });
    triggers.suspended();
    expect(log).toEqual(['hide', 'lock suspend']);
    const resumed = triggers.resumed();
    await Promise.resolve();
    expect(log).toEqual(['hide', 'lock suspend', 'hide']);
    release();
    await resumed;
    expect(log).toEqual(['hide', 'lock suspend', 'hide', 'locked', 'reveal']);
  });

  it('security: a sleep that was never told of is judged before anything is seen', async () => {
    const { triggers, log, sleep } = start({ policy: { withSystem: false } });
    sleep({ onWall: LIMIT, onUptime: LIMIT });
    await triggers.resumed();
    expect(log).toEqual(['hide', 'lock idle', 'locked', 'reveal']);
  });
});
