import { type ComponentType, type ReactNode, useEffect, useState } from 'react';

/** A part of the page that is loaded when it is first shown, or before. */
export interface Chunk<Props> {
  /** The part, once it is loaded. */
  readonly loaded: () => ComponentType<Props> | null;
  readonly fetch: () => Promise<ComponentType<Props>>;
  readonly prefetch: () => void;
}

export function createChunk<Props>(load: () => Promise<{ readonly default: ComponentType<Props> }>): Chunk<Props> {
  let part: ComponentType<Props> | null = null;
  const fetch = async () => {
    part ??= (await load()).default;
    return part;
  };
  return { loaded: () => part, fetch, prefetch: () => void fetch().catch(() => undefined) };
}

interface LateProps<Props> {
  readonly chunk: Chunk<Props>;
  readonly props: Props;
  readonly fallback: ReactNode;
}

/**
 * As React.lazy, with two differences: what was fetched before is shown at once, and what comes late is shown when it
 * is there. React holds back for 300 ms whatever follows the fallback of a Suspense.
 */
export function Late<Props extends object>({ chunk, props, fallback }: LateProps<Props>) {
  const [Part, setPart] = useState(chunk.loaded);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (Part) return;
    chunk.fetch().then(
      (part) => setPart(() => part),
      () => setFailed(true),
    );
  }, [Part, chunk]);
  // For the error boundary. The cause may name paths of the workstation, so it stays behind.
  if (failed) throw new Error('A part of the page could not be read');
  return Part ? <Part {...props} /> : fallback;
}
