import type { Page } from 'playwright';
import { openChart } from '../../support/journey.ts';
import { atList, pageOf, said, type World } from '../stop.ts';

/** Another patient's chart. */
export async function chartOf(world: World, id: string): Promise<Page> {
  const page = await atList(world);
  await page.getByTestId('list-mine').click();
  await openChart(page, id);
  return page;
}

/** Another tab of it. */
export async function tab(world: World, name: string): Promise<Page> {
  await pageOf(world).getByTestId(`tab-${name}`).click();
  return pageOf(world);
}

/** Opens a form by the keyboard, N and then its letter; what was open is closed. */
export async function openForm(world: World, letter: string): Promise<Page> {
  const page = pageOf(world);
  await closeDialogs(page);
  await page.getByTestId('tab-summary').click();
  await page.keyboard.press('n');
  // What may be written is asked of main, and comes a moment later.
  await page.getByTestId('write-menu').locator(`[aria-keyshortcuts="${letter.toUpperCase()}"]`).waitFor();
  await page.keyboard.press(letter);
  return page;
}

/** What is typed in what is open is kept by now. */
export async function draftKept(world: World): Promise<void> {
  const words = said(world, 'Not saved. Draft kept {when}.');
  await pageOf(world).getByTestId('draft-state').getByText(words).waitFor();
}

export async function closeDialogs(page: Page): Promise<void> {
  const open = page.locator('dialog[open]');
  while ((await open.count()) > 0) {
    const leave = page.getByTestId('leave-dialog-confirm');
    if (await leave.isVisible()) await leave.click();
    else await page.keyboard.press('Escape');
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}
