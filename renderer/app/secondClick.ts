const DOUBLE_CLICK = 500;

/**
 * A double click opens a chart with its first half; the second half must not press what then lies under the pointer.
 * To be called at the first.
 */
export function dropSecondClick(): void {
  const drop = (event: MouseEvent) => {
    if (event.detail < 2) return;
    event.preventDefault();
    event.stopPropagation();
  };
  window.addEventListener('click', drop, { capture: true, signal: AbortSignal.timeout(DOUBLE_CLICK) });
}
