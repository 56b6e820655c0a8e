import { join } from 'node:path';
import type { Page } from 'playwright';

/** Takes a picture in light and in dark, where pictures are asked for. */
export async function shot(page: Page, name: string): Promise<void> {
  const shots = process.env['WARDLIGHT_SHOTS'];
  if (!shots) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(shots, `${name}-${colorScheme}.png`) });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}
