/**
 * Virtual time: nothing waits, and one thing happens after the other. Events of the same time happen in the order in
 * which they were planned.
 */
export interface Time {
  /** Milliseconds since the simulation began. */
  now(): number;
  /** Plans an event; answers how to take it back. */
  after(ms: number, happen: () => void): () => void;
  /** Lets up to `count` events happen, each when its time has come. Answers how many did. */
  happen(count: number): Promise<number>;
  /** Lets `ms` pass, with all that happens meanwhile. */
  pass(ms: number): Promise<void>;
  /** Tells that something was done, so that what follows from an event is waited for. */
  touch(): void;
}

interface Event {
  readonly at: number;
  readonly order: number;
  happen: (() => void) | null;
}

/** Turns of the event loop without any activity after which all that follows from an event has been done. */
const QUIET_TURNS = 6;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

export function createTime(): Time {
  let now = 0;
  let order = 0;
  let activity = 0;
  let events: Event[] = [];

  /** Promises and in-memory streams need no clock, only turns: always the same ones. */
  async function settle(): Promise<void> {
    for (let quiet = 0, seen = activity; quiet < QUIET_TURNS; ) {
      await turn();
      quiet = activity === seen ? quiet + 1 : 0;
      seen = activity;
    }
  }

  function next(until: number): Event | undefined {
    events = events.filter((event) => event.happen !== null);
    const first = events.reduce<Event | undefined>(
      (best, event) =>
        best && (best.at < event.at || (best.at === event.at && best.order < event.order)) ? best : event,
      undefined,
    );
    return first && first.at <= until ? first : undefined;
  }

  async function step(until: number): Promise<boolean> {
    const event = next(until);
    if (!event) return false;
    now = Math.max(now, event.at);
    const { happen } = event;
    event.happen = null;
    activity += 1;
    happen?.();
    await settle();
    return true;
  }

  return {
    now: () => now,
    after(ms, happen) {
      activity += 1;
      order += 1;
      const event: Event = { at: now + Math.max(0, ms), order, happen };
      events.push(event);
      return () => {
        event.happen = null;
      };
    },
    async happen(count) {
      await settle();
      let done = 0;
      while (done < count && (await step(Number.POSITIVE_INFINITY))) done += 1;
      return done;
    },
    async pass(ms) {
      const until = now + ms;
      await settle();
      while (await step(until));
      now = Math.max(now, until);
    },
    touch() {
      activity += 1;
    },
  };
}
