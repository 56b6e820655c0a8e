import type { Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import { inMain, type RunningApp, startApp } from '../support/app.ts';
import { tellScreenSaver } from '../support/desktop-bus.ts';
import { enrol, newUserData, smallServer, unlock } from '../support/journey.ts';

async function lockedFor(page: Page, reason: string): Promise<void> {
  await page.locator(`[data-testid="lock-reason"][data-reason="${reason}"]`).waitFor();
}

describe('an open profile', () => {
  let server: DevServer;
  let running: RunningApp;
  beforeAll(async () => {
    server = await smallServer(4);
    running = await startApp({ userData: newUserData(), server: server.url });
    await enrol(running.page);
    await running.page.getByTestId('lock-button').click();
    await lockedFor(running.page, 'asked');
  });
  beforeEach(async () => {
    await unlock(running.page);
    await running.page.getByTestId('frame').waitFor();
  });
  afterAll(async () => {
    await running.app.close();
    await server.stop();
  });

  it('locks by its hotkey, also over an open dialog', async () => {
    const { page } = running;
    await page.keyboard.press('?');
    await page.locator('dialog[open]').waitFor();
    // By main's own hand: what the inspector types does not pass where the hotkey is heard.
    await inMain(running.app, ({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      contents?.sendInputEvent({ type: 'keyDown', keyCode: 'L', modifiers: ['control'] });
    });
    await lockedFor(page, 'asked');
  });

  it.runIf(process.platform === 'linux')('locks with the screen of a Linux desktop', async () => {
    await tellScreenSaver(false);
    await tellScreenSaver(true);
    await lockedFor(running.page, 'system');
  });

  it.each([
    ['lock-screen', 'system'],
    ['user-did-resign-active', 'user-switch'],
  ])('locks when the OS tells %s', async (event, reason) => {
    await running.app.evaluate(({ powerMonitor }, name) => powerMonitor.emit(name), event);
    await lockedFor(running.page, reason);
  });

  it('is off the screen while the computer sleeps, and comes back locked', async () => {
    const isVisible = () => inMain(running.app, ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());
    await inMain(running.app, ({ powerMonitor }) => powerMonitor.emit('suspend'));
    expect(await isVisible()).toBe(false);
    await inMain(running.app, ({ powerMonitor, BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      window?.once('show', () =>
        Reflect.set(globalThis, 'shownAs', window.webContents.executeJavaScript('document.body.innerText')),
      );
      powerMonitor.emit('resume');
    });
    await lockedFor(running.page, 'suspend');
    // The page is ready before the window is shown.
    await expect.poll(isVisible).toBe(true);
    const shown = await inMain(running.app, () => Reflect.get(globalThis, 'shownAs') as Promise<string>);
    expect(shown).not.toContain('Find a patient');
  });
});

describe('an open profile that nobody uses', () => {
  let server: DevServer;
  beforeAll(async () => {
    server = await smallServer(4);
  });
  afterAll(() => server.stop());

  it('warns without taking the focus, stays open for a key, and then locks', async () => {
    const { app, page } = await startApp({
      userData: newUserData(),
      server: server.url,
      policy: { lock: { idleMs: 8_000 } },
    });
    try {
      await enrol(page);
      await page.getByTestId('patient-search').click();
      await page.getByTestId('idle-warning').waitFor();
      await page.keyboard.type('a');
      await page.getByTestId('idle-warning').waitFor({ state: 'detached' });
      expect(await page.getByTestId('patient-search').inputValue()).toBe('a');
      await page.getByTestId('idle-warning').waitFor();
      // Scripts of the page are nobody's input.
      await page.evaluate(() => window.dispatchEvent(new KeyboardEvent('keydown', { key: 'a' })));
      await lockedFor(page, 'idle');
    } finally {
      await app.close();
    }
  });
});
