import type { DocumentReference } from 'fhir/r4';
import type { Page } from 'playwright';
import { openChart, synced } from '../../support/journey.ts';
import { atList, pageOf, type Stop, said, type World } from '../stop.ts';
import { tab } from './steps.ts';

/** Somebody changes the letter in the EHR. */
function changeLetter({ server }: World): void {
  const letter = server.store.read('DocumentReference', 'letter') as DocumentReference;
  const [content] = letter.content;
  const text = Buffer.from(content?.attachment.data ?? '', 'base64').toString('utf8');
  const data = Buffer.from(text.replace('six', 'eight')).toString('base64');
  server.store.put({ ...letter, content: [{ attachment: { ...content?.attachment, data } }] });
}

/** The page's own clock goes on by this much: nothing of main depends on it. */
function passTime(page: Page, ms: number): Promise<void> {
  return page.evaluate((later) => {
    const Real = Date;
    const now = () => Real.now() + later;
    globalThis.Date = new Proxy(Real, {
      construct: (_target, args) => Reflect.construct(Real, args.length === 0 ? [now()] : args),
      get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
    });
  }, ms);
}

/** A chart by time, its versions, and as it was known before; the chart of whom the letter is is open. */
export const timeline: readonly Stop[] = [
  {
    screen: 'timeline',
    state: 'full',
    async go(world) {
      world.server.faults.clear();
      changeLetter(world);
      await pageOf(world).getByTestId('sync-now').click();
      await synced(pageOf(world));
      await tab(world, 'timeline');
      await pageOf(world).getByTestId('timeline-entry').nth(3).waitFor();
    },
  },
  {
    screen: 'timeline',
    state: 'entry',
    async go(world) {
      const page = pageOf(world);
      await page.getByTestId('timeline-list').focus();
      for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowDown');
      await page.getByTestId('entry-panel').waitFor();
    },
  },
  {
    screen: 'timeline',
    state: 'kinds',
    async go(world) {
      await pageOf(world).getByTestId('timeline-kinds').click();
      await pageOf(world).getByTestId('timeline-kind-note').waitFor();
    },
  },
  {
    screen: 'timeline',
    state: 'no match',
    async go(world) {
      await pageOf(world).keyboard.press('Escape');
      await pageOf(world).getByTestId('timeline-text').fill('nothinglikethis');
      await pageOf(world).getByTestId('timeline-entry').first().waitFor({ state: 'detached' });
    },
  },
  {
    screen: 'timeline',
    state: 'compare',
    async go(world) {
      const page = pageOf(world);
      await page.getByTestId('timeline-text').fill('Discharge letter');
      await page.getByTestId('timeline-entry').first().click();
      await page.getByTestId('record-compare').selectOption({ index: 1 });
      await page.getByTestId('changed-field').first().waitFor();
    },
  },
  {
    screen: 'as of',
    state: 'choose',
    async go(world) {
      await pageOf(world).getByTestId('timeline-list').focus();
      await pageOf(world).keyboard.press('h');
      await pageOf(world)
        .getByTestId('past-quick')
        .filter({ hasText: said(world, 'At the sync before') })
        .waitFor();
    },
  },
  {
    screen: 'as of',
    state: 'summary',
    async go(world) {
      await pageOf(world)
        .getByTestId('past-quick')
        .filter({ hasText: said(world, 'At the sync before') })
        .click();
      await pageOf(world).getByTestId('section-allergies').waitFor();
    },
  },
  {
    screen: 'as of',
    state: 'timeline',
    async go(world) {
      await pageOf(world).keyboard.press('3');
      await pageOf(world).getByTestId('timeline-entry').first().waitFor();
    },
  },
];

/** Days after the last sync. The page's clock stays on until another language loads it anew. */
export const stale: readonly Stop[] = [
  {
    screen: 'chart',
    state: 'stale',
    async go(world) {
      const page = await atList(world);
      await passTime(page, 50 * 60 * 60_000);
      await openChart(page, world.patients.full);
    },
  },
  {
    screen: 'list',
    state: 'stale',
    async go(world) {
      await pageOf(world).getByTestId('back-to-list').click();
      await pageOf(world).getByTestId('patient-row').first().waitFor();
    },
  },
];
