import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { sessionFolder } from './app.ts';

/** Takes pictures of what is on screen, light and dark, into a folder of the test's own or that WARDLIGHT_SHOTS names. */
export function picturesOf(name: string): (page: Page, picture: string) => Promise<void> {
  const out = process.env['WARDLIGHT_SHOTS'] ?? sessionFolder(`${name}-screenshots`);
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
