const REMEMBERED_MAX = 100_000;

/** Values that are looked for by a text, and remembered. */
export interface Memory<Value> {
  get(text: string): Value;
  clear(): void;
}

/** Remembers what `find` finds. The last one is known without its hash: what comes together is much alike. */
export function createMemory<Value = number>(find: (text: string) => Value): Memory<Value> {
  const known = new Map<string, Value>();
  let last: { readonly text: string; readonly value: Value } | null = null;
  return {
    get(text) {
      if (last?.text === text) return last.value;
      let value = known.get(text);
      if (value === undefined) {
        value = find(text);
        if (known.size >= REMEMBERED_MAX) known.clear();
        known.set(text, value);
      }
      last = { text, value };
      return value;
    },
    clear() {
      known.clear();
      last = null;
    },
  };
}
