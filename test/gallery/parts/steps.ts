import type { Page } from 'playwright';
import { openChart } from '../../support/journey.ts';
import { atList, pageOf, type World } from '../stop.ts';

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
