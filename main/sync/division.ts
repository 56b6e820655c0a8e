/** Searches or comparisons of a type that are divided while none is answered: enough to come from 25 patients to one. */
const IN_VAIN_MAX = 6;

/** Whether searches and comparisons that the server refuses are divided, to find whose records it is that may not be read. */
export interface Division {
  /** One of a type was answered: where another is refused, it is for some of its patients. */
  answered(type: string): void;
  /** One of a type was refused. False: so are all of them, as far as can be told, and it isn't worth while. */
  pays(type: string): boolean;
}

export function createDivision(): Division {
  const inVain = new Map<string, number>();
  return {
    answered: (type) => void inVain.delete(type),
    pays(type) {
      const count = (inVain.get(type) ?? 0) + 1;
      inVain.set(type, count);
      return count <= IN_VAIN_MAX;
    },
  };
}
