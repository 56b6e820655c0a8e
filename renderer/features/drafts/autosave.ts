/** Longest time for which typed text is in the page alone. */
export const AUTOSAVE_MS = 500;

/** Keeps the newest value, a while after the first change and never twice at a time. */
export interface Autosave<Value> {
  change(value: Value): void;
  /** Keeps what is not kept yet, at once; resolves when all of it is. */
  flush(): Promise<void>;
  /** Forgets what is not kept yet; resolves when nothing is being kept any more. */
  stop(): Promise<void>;
}

/** `save` never rejects: what becomes of it is its own to tell. */
export function createAutosave<Value>(save: (value: Value) => Promise<void>, ms = AUTOSAVE_MS): Autosave<Value> {
  let pending: { value: Value } | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let saving: Promise<void> = Promise.resolve();
  let stopped = false;

  function forget(): void {
    if (timer) clearTimeout(timer);
    timer = null;
  }

  function run(): Promise<void> {
    forget();
    const next = pending;
    pending = null;
    if (next) saving = saving.then(() => save(next.value));
    return saving;
  }

  return {
    change(value) {
      if (stopped) return;
      pending = { value };
      timer ??= setTimeout(run, ms);
    },
    flush: run,
    stop() {
      stopped = true;
      pending = null;
      forget();
      return saving;
    },
  };
}
