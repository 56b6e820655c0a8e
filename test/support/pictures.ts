import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';

/**
 * Takes pictures of what is on screen, light and dark, into the folder that WARDLIGHT_SHOTS names; none where it names
 * none, as drawing and packing them takes a good part of a test's time and nobody would look at them.
 */
export function picturesOf(name: string): (page: Page, picture: string) => Promise<void> {
  const out = process.env['WARDLIGHT_SHOTS'];
  if (out === undefined) return async () => undefined;
  mkdirSync(out, { recursive: true });
  return async (page, picture) => {
    const show = (scheme: string) =>
      page.evaluate((to) => document.documentElement.setAttribute('data-mantine-color-scheme', to), scheme);
    for (const scheme of ['dark', 'light']) {
      await show(scheme);
      await page.screenshot({ path: join(out, `${name}-${picture}-${scheme}.png`) });
    }
  };
}
