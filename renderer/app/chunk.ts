/** A part of the page that is loaded when it is first shown, or before. */
export interface Chunk<Part> {
  /** The part, once it is loaded. */
  readonly loaded: () => Part | null;
  readonly fetch: () => Promise<Part>;
  readonly prefetch: () => void;
}

/** A chunk from the `import()` of its file. */
export function createChunk<Part>(load: () => Promise<{ readonly default: Part }>): Chunk<Part> {
  let part: Part | null = null;
  const fetch = async () => {
    part ??= (await load()).default;
    return part;
  };
  return { loaded: () => part, fetch, prefetch: () => void fetch().catch(() => undefined) };
}
