import type { Page } from 'playwright';

/** How a screen is looked at. */
export interface View {
  readonly theme: 'light' | 'dark' | 'high-contrast';
  /** In pixels of the screen. */
  readonly size: readonly [width: number, height: number];
  /** 2 for 200 %: as many pixels of the screen are one of the page. */
  readonly zoom: 1 | 2;
}

const SMALL = [1280, 720] as const;
const LARGE = [2560, 1440] as const;

const light: View = { theme: 'light', size: SMALL, zoom: 1 };
const dark: View = { ...light, theme: 'dark' };
const zoomed: View = { ...light, zoom: 2 };
const highContrast: View = { ...light, theme: 'high-contrast' };

/** What axe looks at. */
export const VIEWS: readonly View[] = [light, dark, zoomed, highContrast];

/** What pictures are taken of. */
export const PICTURED: readonly View[] = [...VIEWS, { ...light, size: LARGE }, { ...dark, size: LARGE }];

export function nameOf({ theme, size, zoom }: View): string {
  return [theme, size.join('x'), ...(zoom === 1 ? [] : [`${zoom * 100}%`])].join(' ');
}

/** Shows the page that way. 200 % of 1280 × 720 is a page of 640 × 360. */
export async function look(page: Page, { theme, size: [width, height], zoom }: View): Promise<void> {
  await page.emulateMedia({
    colorScheme: theme === 'dark' ? 'dark' : 'light',
    forcedColors: theme === 'high-contrast' ? 'active' : 'none',
    contrast: theme === 'high-contrast' ? 'more' : 'no-preference',
  });
  await page.setViewportSize({ width: width / zoom, height: height / zoom });
  // Twice: what measures itself draws in the frame after. What is shown in a frame of its own has to be told first.
  for (const frame of page.frames()) {
    await frame.evaluate(
      () => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
    );
  }
}
