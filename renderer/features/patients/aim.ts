import { useEffect, useMemo, useRef } from 'react';

/** As long as somebody takes to notice that something else has come under the pointer. */
const UNNOTICED_MS = 500;

/**
 * Whether a click is meant for the row that it meets: not where other rows have come under a pointer that stood still,
 * too short a while ago to be noticed. `rows`: what stands where, as text.
 */
export function useAim(rows: string): { readonly onMove: () => void; readonly isMeant: () => boolean } {
  const movedAt = useRef<number | null>(null);
  const changedAt = useRef<number>(Number.NEGATIVE_INFINITY);
  const shown = useRef(rows);
  useEffect(() => {
    if (shown.current === rows) return;
    shown.current = rows;
    changedAt.current = performance.now();
  }, [rows]);
  // The same for as long as the list stands, so that no row is drawn anew for it.
  return useMemo(
    () => ({
      onMove() {
        movedAt.current = performance.now();
      },
      isMeant() {
        const stoodStill = movedAt.current !== null && movedAt.current < changedAt.current;
        return !stoodStill || performance.now() - changedAt.current >= UNNOTICED_MS;
      },
    }),
    [],
  );
}
