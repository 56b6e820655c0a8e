import type { Observation, Patient } from 'fhir/r4';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import type { RunningApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { enrolledApp, newUserData, openChart, smallServer } from '../support/journey.ts';
import { nightRound } from '../support/night-round.ts';
import { shot } from '../support/shots.ts';

describe('results and vitals, at a workstation', () => {
  let server: DevServer;
  let running: RunningApp;
  let page: Page;

  beforeAll(async () => {
    server = await smallServer(6);
    const adults = (server.store.list('Patient') as Patient[]).filter(({ birthDate }) => (birthDate ?? '9') < '2000');
    const count = (id: string) =>
      (server.store.list('Observation') as Observation[]).filter(
        ({ subject }) => subject?.reference === `Patient/${id}`,
      ).length;
    const [id = ''] = panelOf(server)
      .filter((one) => adults.some((adult) => adult.id === one))
      .toSorted((a, b) => count(b) - count(a));
    for (const observation of nightRound(id)) server.store.put(observation);
    running = await enrolledApp(server, newUserData());
    page = running.page;
    await openChart(page, id);
  });
  afterAll(async () => {
    await running.app.close();
    await server.stop();
  });

  it('the early warning score stands on the card of the vitals, explained', async () => {
    const score = page.getByTestId('early-warning-score');
    await score.waitFor();
    expect(await score.textContent()).toMatch(/NEWS2 11.*High risk.*3 in one parameter: consciousness/);
    await page.getByTestId('early-warning-inputs').click();
    const temperature = page.locator('[data-input="temperature"]');
    expect(await temperature.textContent()).toContain('38.0 °C (written 100.4 °F)');
    await shot(page, 'summary');
  });

  it('values in °F stand on the line of those in °C, and say what was written', async () => {
    await page.getByTestId('tab-results').click();
    await page.locator('[data-testid="result-group"][data-code$="|8310-5"]').click();
    await page.getByTestId('trend-plot').waitFor();
    expect(await page.getByTestId('trend-plot').getAttribute('data-plots')).toBe('1');
    expect(await page.getByTestId('trend-table').textContent()).toContain('38.0 from 100.4 °F');
    await shot(page, 'trend');
  });

  it('the plot stays as wide as its place when the window changes', async () => {
    const widths = () =>
      page
        .getByTestId('trend-plot')
        .getByRole('img')
        .evaluate((host) => ({ place: host.clientWidth, plot: host.querySelector('canvas')?.clientWidth }));
    const resize = (by: number) =>
      running.app.evaluate(({ BrowserWindow }, more) => {
        const [window] = BrowserWindow.getAllWindows();
        const [width = 0, height = 0] = window?.getContentSize() ?? [];
        window?.setContentSize(width + more, height);
      }, by);
    const before = await widths();
    await resize(120);
    await expect.poll(async () => (await widths()).place).toBeGreaterThan(before.place);
    await expect.poll(async () => (await widths()).plot).toBe((await widths()).place);
    await resize(-120);
    await expect.poll(widths).toEqual({ place: before.place, plot: before.place });
  });

  it('several tests are plotted together, and zoomed by mouse and keyboard', async () => {
    await page.getByText('Several plots', { exact: true }).click();
    await page.locator('[data-testid="compare-plots"] canvas').first().waitFor();
    await shot(page, 'compare');
    const plot = page.locator('[data-testid="compare-plots"] [role=img]').first();
    const box = await plot.boundingBox();
    if (!box) throw new Error('no plot');
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    await page.getByTestId('zoom-reset').waitFor();
    await plot.focus();
    await page.keyboard.press('0');
    await page.getByTestId('zoom-reset').waitFor({ state: 'detached' });
    await page.keyboard.press('+');
    await page.getByTestId('zoom-reset').waitFor();
    await shot(page, 'compare-zoomed');
  });

  it('the table is walked by keys; its heads stay', async () => {
    await page.getByText('Table', { exact: true }).click();
    const grid = page.getByRole('grid', { name: 'Results by test and time' });
    await grid.waitFor();
    await page.getByTestId('cumulative-row').first().getByRole('button').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await shot(page, 'table');
    await page.keyboard.press('Control+End');
    await page.waitForFunction(
      () =>
        document.activeElement?.getAttribute('aria-colindex') ===
        document.querySelector('[role=grid]')?.getAttribute('aria-colcount'),
    );
    const head = await page.getByTestId('cumulative-row').last().locator('th').boundingBox();
    const box = await page.getByTestId('cumulative-scroller').boundingBox();
    expect(Math.abs((head?.x ?? 0) - (box?.x ?? 0))).toBeLessThan(4);
    await shot(page, 'table-end');
  });
});
