/** A page that hangs may not hold up a lock. */
const LONGEST_MS = 500;

export interface LastWordsOptions {
  /** Asks the page to hand over what is typed; false where there is no page. */
  ask: () => boolean;
  after: (ms: number, callback: () => void) => () => void;
}

/** What the page is asked for before it is taken away. */
export interface LastWords {
  /** Resolves when the page has handed over what was typed, or takes too long. */
  collect(): Promise<void>;
  /** The page has said that it is done. */
  done(): void;
}

export function createLastWords({ ask, after }: LastWordsOptions): LastWords {
  let end: () => void = () => undefined;
  let collecting: Promise<void> | null = null;

  return {
    collect() {
      collecting ??= new Promise<void>((resolve) => {
        if (!ask()) return resolve();
        const forget = after(LONGEST_MS, resolve);
        end = () => {
          forget();
          resolve();
        };
      }).finally(() => {
        collecting = null;
      });
      return collecting;
    },
    done: () => end(),
  };
}
