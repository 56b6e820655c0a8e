/**
 * Server time that never stands still: each write gets an instant of its own, so that (`lastUpdated`, id) orders all
 * versions and a cursor over it is stable. Under more than 1,000 writes a second it runs ahead of the wall clock.
 */
export interface ServerClock {
  /** A new instant, later than all before. */
  next(): string;
  /** Now, not earlier than the last instant handed out. */
  now(): Date;
  /** Gives the next `count` writes the milliseconds before now, so that a bulk load doesn't run ahead of the clock. */
  makeRoom(count: number): void;
}

export function createServerClock(clock: () => Date): ServerClock {
  let last = 0;
  let room = 0;
  return {
    next() {
      last = room > 0 ? last + 1 : Math.max(clock().getTime(), last + 1);
      room = Math.max(0, room - 1);
      return new Date(last).toISOString();
    },
    now: () => new Date(Math.max(clock().getTime(), last)),
    makeRoom(count) {
      last = clock().getTime() - count - 1;
      room = count;
    },
  };
}
