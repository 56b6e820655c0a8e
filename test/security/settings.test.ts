import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inMain, type RunningApp, startApp } from '../support/app.ts';
import { project } from '../support/desktop.ts';
import { newUserData } from '../support/journey.ts';

/* What only main can be asked about; what its page can do is in attacks.test.ts. */
const REFUSED = JSON.stringify({ ok: false, error: { code: 'not-permitted' } });

describe('the running program', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp({ userData: newUserData(), server: 'http://127.0.0.1:9/fhir' });
    await running.page.getByTestId('signin-submit').waitFor();
  });
  afterAll(() => running.app.close());

  it('shows its page in a sandboxed, isolated renderer without Node', async () => {
    const settings = await inMain(running.app, ({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      // Electron's own record of what the renderer was started with; not part of its typed interface.
      return Reflect.get(contents ?? {}, 'getLastWebPreferences').call(contents);
    });
    expect(settings).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    });
  });

  it.skipIf(process.platform === 'darwin')('has no menu, whose shortcuts would reload, zoom or inspect', async () => {
    expect(await inMain(running.app, ({ Menu }) => Menu.getApplicationMenu())).toBeNull();
  });

  it('security: refuses every call of another window, be it with our own page and bridge in it', async () => {
    const preload = join(project, 'out', 'preload', 'index.cjs');
    const answers = await running.app.evaluate(async ({ BrowserWindow, session }, script) => {
      const webPreferences = { session: session.fromPartition('page'), preload: script, sandbox: true };
      const other = new BrowserWindow({ show: false, webPreferences });
      await other.loadURL('app://wardlight/index.html');
      const isEvent = '/^on[A-Z]/.test(name)';
      const calls = `Object.values(wardlight).flatMap((one) => Object.entries(one).filter(([name]) => !${isEvent}))`;
      const all = await other.webContents.executeJavaScript(`Promise.all(${calls}.map(([, call]) => call({})))`);
      other.destroy();
      return all as unknown[];
    }, preload);
    expect(answers.length).toBeGreaterThan(100);
    expect(answers.filter((answer) => JSON.stringify(answer) !== REFUSED)).toEqual([]);
  });

  it('security: refuses every message of a frame within our page, be it of our own origin', async () => {
    await running.page.evaluate(() => {
      for (const url of ['about:blank', 'app://viewer/viewer/index.html']) {
        const frame = document.body.appendChild(document.createElement('iframe'));
        frame.src = url;
      }
    });
    await expect
      .poll(() => running.page.frames().map((frame) => frame.url()))
      .toContain('app://viewer/viewer/index.html');
    const { own, others } = await running.app.evaluate(async ({ BrowserWindow, ipcMain }) => {
      const sender = BrowserWindow.getAllWindows()[0]?.webContents;
      if (!sender) throw new Error('no window');
      // Where Electron keeps what answers; frames have no preload script, and no other way to send a message.
      const handlers: Map<string, (event: object, request: object) => Promise<unknown>> = Reflect.get(
        ipcMain,
        '_invokeHandlers',
      );
      const ask = (senderFrame: unknown) =>
        Promise.all([...handlers.values()].map((handler) => handler({ sender, senderFrame }, {})));
      return {
        own: await handlers.get('wardlight:session.state')?.({ sender, senderFrame: sender.mainFrame }, {}),
        others: await Promise.all([...sender.mainFrame.frames, null].map(ask)),
      };
    });
    expect(own).toMatchObject({ ok: true });
    expect(others).toHaveLength(3);
    expect(others.flat().filter((answer) => JSON.stringify(answer) !== REFUSED)).toEqual([]);
  });

  it('refuses a second instance, and keeps a title without a patient', async () => {
    const title = await inMain(running.app, ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle());
    expect(title).toBe('Wardlight');
    const locked = await inMain(running.app, ({ app }) => app.hasSingleInstanceLock());
    expect(locked).toBe(true);
  });
});
