import type { Page } from 'playwright';
import type { RunningApp } from '../../support/app.ts';

/** What `installMeter` puts into the page. */
interface Meter {
  /** When the frame that is drawn next is over. */
  frameEnd(): Promise<number>;
  /** Resolves when something that a selector names is there. */
  appears(selector: string): Promise<void>;
  /** What the last key that was waited for took. */
  key: Promise<number>;
  frames: number[];
  scrolling: boolean;
}

declare const meter: Meter;

/** Lets the page tell when something was painted: its frame is over by then, not only its elements there. */
export async function installMeter(page: Page): Promise<void> {
  await page.evaluate(() => {
    const made: Pick<Meter, 'frameEnd' | 'appears'> = {
      frameEnd: () =>
        new Promise((resolve) =>
          requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => resolve(performance.now());
            port2.postMessage(null);
          }),
        ),
      appears: (selector) =>
        new Promise((resolve, reject) => {
          if (document.querySelector(selector)) return resolve();
          const observer = new MutationObserver(() => {
            if (!document.querySelector(selector)) return;
            observer.disconnect();
            clearTimeout(timer);
            resolve();
          });
          const timer = setTimeout(() => reject(new Error(`no ${selector}`)), 20_000);
          observer.observe(document, { subtree: true, childList: true, attributes: true });
        }),
    };
    Object.assign(globalThis, { meter: made });
  });
}

/** Milliseconds from a click until what a selector names was painted. */
export function clickToPaint(page: Page, target: string, there: string): Promise<number> {
  return page.evaluate(
    async ([at, until]) => {
      const element = document.querySelector<HTMLElement>(at);
      if (!element) throw new Error(`nothing at ${at}`);
      const begun = performance.now();
      element.click();
      await meter.appears(until);
      return (await meter.frameEnd()) - begun;
    },
    [target, there] as const,
  );
}

/** Milliseconds from a key, as the operating system tells it, until what a selector names was painted. */
export async function keyToPaint(page: Page, key: string, there: string): Promise<number> {
  await page.evaluate((until) => {
    const pressed = (event: KeyboardEvent) =>
      addEventListener(
        'input',
        () =>
          // After what the page does about it at once.
          setTimeout(async () => {
            await meter.appears(until);
            settle((await meter.frameEnd()) - event.timeStamp);
          }),
        { once: true },
      );
    let settle: (ms: number) => void = () => undefined;
    meter.key = new Promise((resolve) => {
      settle = resolve;
    });
    addEventListener('keydown', pressed, { once: true, capture: true });
  }, there);
  await page.keyboard.press(key);
  return page.evaluate(() => meter.key);
}

/** A page, and the milliseconds of the processor that its own thread has taken so far: whoever else is busy adds none. */
export interface Clocked {
  readonly page: Page;
  spent(): Promise<number>;
  /** The same of all processes of the program. */
  spentByAll(): Promise<number>;
}

export async function clocked({ app, page }: RunningApp): Promise<Clocked> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return {
    page,
    async spent() {
      const { metrics } = await session.send('Performance.getMetrics');
      return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1_000;
    },
    spentByAll: () =>
      app.evaluate(({ app: { getAppMetrics } }) =>
        getAppMetrics().reduce((sum, { cpu }) => sum + (cpu.cumulativeCPUUsage ?? Number.NaN) * 1_000, 0),
      ),
  };
}

export interface Scrolled {
  /** Milliseconds from each frame to the next one. */
  readonly frames: readonly number[];
  /** Processor time of the page's thread for each frame, on average; milliseconds. */
  readonly cpu: number;
}

/** Scrolls what a selector names by so many pixels for each frame, as a hand on the scroll bar does, and watches the frames. */
export async function scrollFrames(
  { page, spent }: Clocked,
  selector: string,
  step: number,
  count: number,
): Promise<Scrolled> {
  const before = await spent();
  const frames = await page.evaluate(
    ([at, by, most]) =>
      new Promise<number[]>((resolve, reject) => {
        const scroller = document.querySelector(at);
        if (!scroller) return reject(new Error(`nothing at ${at}`));
        const times: number[] = [];
        let last: number | null = null;
        const next = (time: number) => {
          if (last !== null) times.push(time - last);
          last = time;
          if (times.length >= most) return resolve(times);
          scroller.scrollTop += by;
          requestAnimationFrame(next);
        };
        requestAnimationFrame(next);
      }),
    [selector, step, count] as const,
  );
  return { frames, cpu: ((await spent()) - before) / count };
}

/** Lays a list of as many plain lines over the window: what scrolling costs where nothing is read and nothing made. */
export function layPlainList(page: Page, lines: number, height: number): Promise<void> {
  return page.evaluate(
    ([count, each]) => {
      const list = document.createElement('div');
      list.id = 'plain-list';
      list.style.cssText = 'position:fixed;inset:0;z-index:1000;overflow:auto;background:#fff;contain:strict';
      for (let at = 0; at < count; at += 1) {
        const line = document.createElement('div');
        line.style.cssText = `height:${each}px;border-bottom:1px solid #ddd`;
        line.textContent = `Line ${at} of a list that holds nothing but such lines`;
        list.append(line);
      }
      document.body.append(list);
    },
    [lines, height] as const,
  );
}

export function liftPlainList(page: Page): Promise<void> {
  return page.evaluate(() => document.getElementById('plain-list')?.remove());
}
