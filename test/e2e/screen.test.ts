import type { Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import { inMain, type RunningApp, startApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { enrol, newUserData, openChart, smallServer, synced, unlock } from '../support/journey.ts';

describe('what can be seen and taken', () => {
  let server: DevServer;
  let running: RunningApp;
  let page: Page;
  beforeAll(async () => {
    server = await smallServer(4);
    running = await startApp({
      userData: newUserData(),
      server: server.url,
      policy: { screen: { contentProtection: true, shadeOnBlur: true, clipboardMs: 2_000 } },
    });
    page = running.page;
    await enrol(page);
    await synced(page);
    const [patientId = ''] = panelOf(server);
    await openChart(page, patientId);
    await page.getByTestId('tab-notes').click();
    await page.getByTestId('note-row').first().click();
    await page.getByTestId('note-body').waitFor();
  });
  beforeEach(async () => {
    await inMain(running.app, ({ clipboard }) => clipboard.writeText('of another program'));
  });
  afterAll(async () => {
    await running.app.close();
    await server.stop();
  });

  const held = () => inMain(running.app, async ({ clipboard }) => clipboard.readText());
  const focus = (name: 'blur' | 'focus') =>
    running.app.evaluate(({ BrowserWindow }, event) => BrowserWindow.getAllWindows()[0]?.emit(event), name);

  async function copyNote(): Promise<string> {
    await page.getByTestId('note-body').click({ clickCount: 3 });
    await page.keyboard.press('Control+c');
    await expect.poll(held).not.toBe('of another program');
    return held();
  }

  it('security: what was copied from a chart leaves the clipboard after its time', async () => {
    expect((await copyNote()).length).toBeGreaterThan(5);
    await expect.poll(held, { timeout: 10_000 }).toBe('');
  });

  it('security: the page is covered while another window is in front, a dialog too, and the focus stays', async () => {
    await page.getByTestId('note-new').click();
    await page.getByTestId('note-text').fill('x');
    await page.getByTestId('note-cancel').click();
    await page.getByTestId('leave-dialog').waitFor();
    await focus('blur');
    const shade = page.getByTestId('shade');
    await shade.waitFor();
    expect(await shade.textContent()).toContain('click to return');
    const top = await page.evaluate(() =>
      document.elementFromPoint(640, 400)?.closest('[data-testid]')?.getAttribute('data-testid'),
    );
    expect(top).toBe('shade');
    await focus('focus');
    await shade.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Keep writing');
    await page.keyboard.press('Escape');
    await page.getByTestId('note-text').waitFor();
  });

  it.runIf(process.platform === 'linux')('says that this system can’t keep the window out of screenshots', async () => {
    await page.getByTestId('patient-search').focus();
    await page.keyboard.press('Escape');
    await page.getByLabel('Keyboard shortcuts').click();
    expect(await page.getByTestId('captures').textContent()).toContain('can’t do that');
    await page.keyboard.press('Escape');
  });

  it('security: what was copied leaves the clipboard when Wardlight locks', async () => {
    await page.getByTestId('note-text').fill('Canary of a copied draft');
    await page.getByTestId('note-text').selectText();
    await page.keyboard.press('Control+c');
    await expect.poll(held).toBe('Canary of a copied draft');
    await page.getByTestId('lock-button').click();
    await expect.poll(held).toBe('');
    await unlock(page);
    await page.getByTestId('frame').waitFor();
  });
});
