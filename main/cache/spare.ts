import type { ChildPort } from './rpc.ts';

/**
 * Keeps one cache process started but empty, so that an unlock needn't wait for a process to start. It holds no key
 * and has opened nothing until it is taken; a process that was used is never given out again.
 */
export interface Spare {
  /** Starts a process for the next `take`, unless one waits already. */
  prepare(): void;
  take(): ChildPort;
  /** Ends the process that waits, and lets no further one be prepared. */
  end(): void;
}

export function createSpare(fork: () => ChildPort): Spare {
  let waiting: ChildPort | null = null;
  let ended = false;

  return {
    prepare() {
      if (waiting || ended) return;
      const started = fork();
      waiting = started;
      started.on('exit', () => {
        if (waiting === started) waiting = null;
      });
    },
    take() {
      const taken = waiting ?? fork();
      waiting = null;
      return taken;
    },
    end() {
      ended = true;
      waiting?.kill();
      waiting = null;
    },
  };
}
