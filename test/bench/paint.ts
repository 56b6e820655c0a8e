import type { Page } from 'playwright';

/** Acts in the page and waits, frame by frame, until an element is there: the time that a person sees. */
export function timeInPage(page: Page, act: string, wait: string): Promise<number> {
  return page.evaluate(
    ([actOn, waitFor]) =>
      new Promise<number>((resolve, reject) => {
        const target = document.querySelector<HTMLElement>(actOn ?? '');
        if (!target) return reject(new Error(`nothing at ${actOn}`));
        const begun = performance.now();
        target.click();
        const look = () => {
          const elapsed = performance.now() - begun;
          if (document.querySelector(waitFor ?? '')) resolve(elapsed);
          else if (elapsed > 20_000) reject(new Error(`no ${waitFor}`));
          else requestAnimationFrame(look);
        };
        look();
      }),
    [act, wait],
  );
}
