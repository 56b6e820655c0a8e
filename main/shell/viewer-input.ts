export interface ViewerInputOptions {
  /** Seconds since the last input to any window, as the OS knows it. */
  readonly idleSeconds: () => number;
  /** A document is shown, and the window is the one that is worked in. */
  readonly isInFront: () => boolean;
  readonly input: () => void;
}

/** A second that isn't over yet counts too. */
const JUST_NOW_S = 1;

/**
 * Makes what is called every second. Chromium tells main of no pointer in the viewer's frame, which is a process of its
 * own, and whoever reads there for long must not be locked out. The frame itself isn't asked: a document must not keep
 * Wardlight open. Where the OS can't tell (Wayland says 0 for ever), nothing counts, and it locks as usual.
 */
export function createViewerInput({ idleSeconds, isInFront, input }: ViewerInputOptions): () => void {
  let measures = false;
  return () => {
    if (!isInFront()) return;
    const idle = idleSeconds();
    if (idle > JUST_NOW_S) measures = true;
    else if (measures) input();
  };
}
