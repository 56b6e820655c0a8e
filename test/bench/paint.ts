import type { Page } from 'playwright';

/**
 * Acts in the page and waits, frame by frame, until each of some elements is there: the times that a person sees, in
 * milliseconds and in the order of `waits`.
 */
export function timesInPage(page: Page, act: string, waits: readonly string[]): Promise<number[]> {
  return page.evaluate(
    ([actOn, waitsFor]) =>
      new Promise<number[]>((resolve, reject) => {
        const target = document.querySelector<HTMLElement>(actOn);
        if (!target) return reject(new Error(`nothing at ${actOn}`));
        const times = new Map<string, number>();
        const begun = performance.now();
        target.click();
        const look = () => {
          const elapsed = performance.now() - begun;
          for (const one of waitsFor) if (!times.has(one) && document.querySelector(one)) times.set(one, elapsed);
          const missing = waitsFor.find((one) => !times.has(one));
          if (missing === undefined) resolve(waitsFor.map((one) => times.get(one) ?? Number.NaN));
          else if (elapsed > 20_000) reject(new Error(`no ${missing}`));
          else requestAnimationFrame(look);
        };
        look();
      }),
    [act, waits] as const,
  );
}
