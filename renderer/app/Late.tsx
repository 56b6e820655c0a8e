import { type ComponentType, type ReactNode, useEffect, useState } from 'react';
import type { Chunk } from './chunk.ts';

interface LateProps<Props> {
  readonly chunk: Chunk<ComponentType<Props>>;
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
