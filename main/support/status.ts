import type { HealthReport } from '../../preload/contract/health.ts';
import { type KeptStatus, type KnownProfile, NOTHING_KNOWN } from './kept-status.ts';

/** What is told of often, such as a sync that goes on, is written down no more often than this. */
const SETTLE_MS = 2_000;

export interface StatusOptions {
  /** How everything stands; `running` is false for the last time. */
  readonly report: (running: boolean) => Promise<HealthReport>;
  /** Writes it where monitoring reads it, with what is known of the profiles. */
  readonly write: (report: HealthReport, profiles: KeptStatus['profiles']) => Promise<void>;
  readonly after: (ms: number, callback: () => void) => () => void;
  readonly every: (ms: number, callback: () => void) => () => void;
  /** Time between two signs of life. */
  readonly everyMs: number;
  /** Told once, until it can be written again. */
  readonly onFailure: () => void;
}

/** What the running program writes down of how it stands. */
export interface Status {
  /** What was known when the program ended last; before `begin`. */
  remember(profiles: KeptStatus['profiles']): void;
  /** Writes it, and again each minute. */
  begin(): Promise<void>;
  /** Something is another way: it is written soon. */
  changed(): void;
  /** What is known of a profile that is open. */
  learn(id: string, facts: Partial<KnownProfile>): void;
  known(): ReadonlyMap<string, KnownProfile>;
  /** Writes it for the last time. */
  close(): Promise<void>;
}

export function createStatus({ report, write, after, every, everyMs, onFailure }: StatusOptions): Status {
  const known = new Map<string, KnownProfile>();
  let writing: Promise<void> = Promise.resolve();
  let waiting: (() => void) | null = null;
  let stop: (() => void) | null = null;
  let isFailing = false;

  async function writeNow(running: boolean): Promise<void> {
    try {
      await write(await report(running), Object.fromEntries(known));
      isFailing = false;
    } catch {
      // A full disk, or a folder that isn't there: the old status gets too old, and that is seen.
      if (!isFailing) onFailure();
      isFailing = true;
    }
  }

  /** One after the other, so that the last one stays. */
  function queue(running: boolean): Promise<void> {
    waiting?.();
    waiting = null;
    writing = writing.then(() => writeNow(running));
    return writing;
  }

  return {
    remember(profiles) {
      for (const [id, facts] of Object.entries(profiles)) if (!known.has(id)) known.set(id, facts);
    },
    begin() {
      stop = every(everyMs, () => void queue(true));
      return queue(true);
    },
    changed() {
      if (!stop || waiting) return;
      waiting = after(SETTLE_MS, () => {
        waiting = null;
        void queue(true);
      });
    },
    learn(id, facts) {
      known.set(id, { ...NOTHING_KNOWN, ...known.get(id), ...facts });
    },
    known: () => known,
    async close() {
      // Where it has never begun, what is written down is of the start before.
      if (!stop) return;
      stop();
      stop = null;
      await queue(false);
    },
  };
}
