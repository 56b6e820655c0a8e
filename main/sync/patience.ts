/** Types that fail one after the other, with no answer in between, before the server counts as failing at everything. */
const TYPES_MAX = 3;
/** The same in tasks: a type of which each search fails, for a large panel, must not be asked for to the end. */
const IN_A_ROW_MAX = 30;

/** How long a run goes on with the others, while the server fails (5xx) at some of what it is asked for. */
export interface Patience {
  /** A task was done. */
  answered(): void;
  /** A task of a type failed. False: so does all, and the run is to stop. */
  bears(type: string): boolean;
}

export function createPatience(): Patience {
  const types = new Set<string>();
  let inRow = 0;
  return {
    answered() {
      types.clear();
      inRow = 0;
    },
    bears(type) {
      types.add(type);
      inRow += 1;
      return types.size < TYPES_MAX && inRow < IN_A_ROW_MAX;
    },
  };
}
