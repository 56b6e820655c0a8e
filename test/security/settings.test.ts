import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channelNames } from '../../preload/contract/index.ts';
import { type RunningApp, startApp } from '../support/app.ts';
import { newUserData } from '../support/journey.ts';
import { childPids, commandLineOf } from '../support/processes.ts';

/** Names of the functions that the page finds on `window.wardlight`. */
function expectedBridge(): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(channelNames()).map(([feature, { calls, events }]) => [
      feature,
      [...calls, ...events.map((name) => `on${name.charAt(0).toUpperCase()}${name.slice(1)}`)].sort(),
    ]),
  );
}

describe('the running program', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp({ userData: newUserData(), server: 'http://127.0.0.1:9/fhir' });
    await running.page.getByTestId('signin-submit').waitFor();
  });
  afterAll(() => running.app.close());

  it('shows its page in a sandboxed, isolated renderer without Node', async () => {
    const settings = await running.app.evaluate(({ BrowserWindow }) => {
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
    const seen = await running.page.evaluate(() =>
      ['require', 'process', 'module', 'Buffer', 'global', 'ipcRenderer', 'electron'].filter((name) => name in window),
    );
    expect(seen).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('runs its renderer under seccomp, without privileges to gain', () => {
    const pid = running.app.process().pid ?? 0;
    const renderers = childPids(pid).filter((child) => commandLineOf(child).includes('--type=renderer'));
    expect(renderers.length).toBeGreaterThan(0);
    for (const renderer of renderers) {
      const status = readFileSync(`/proc/${renderer}/status`, 'utf8');
      expect(status).toMatch(/^Seccomp:\s+2$/m);
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
      expect(status).toMatch(/^CapEff:\s+0000000000000000$/m);
    }
    const commands = childPids(pid).map(commandLineOf);
    expect(commands.filter((command) => command.includes('no-sandbox'))).toEqual([]);
  });

  it('exposes named functions only, and no way to reach another channel', async () => {
    const bridge = await running.page.evaluate(() => {
      const entries = Object.entries(window.wardlight as Record<string, Record<string, unknown>>);
      return entries.map(([feature, members]) => [
        feature,
        Object.keys(members).sort(),
        Object.values(members).every((member) => typeof member === 'function'),
      ]);
    });
    expect(bridge).toEqual(Object.entries(expectedBridge()).map(([feature, names]) => [feature, names, true]));
  });

  it('serves its page with a policy that allows nothing but its own files', async () => {
    const response = await running.page.reload();
    await running.page.getByTestId('signin-submit').waitFor();
    const policy = response?.headers()['content-security-policy'] ?? '';
    for (const directive of [
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'none'",
      'frame-src app://viewer camera://photo',
      "require-trusted-types-for 'script'",
    ]) {
      expect(policy.split('; ')).toContain(directive);
    }
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  it('refuses scripts as text, requests, windows, navigation, permissions and web views', async () => {
    const page = running.page;
    const violations = await page.evaluate(async () => {
      const outcome = async (work: () => unknown) => {
        try {
          return String(await work());
        } catch (error) {
          return error instanceof Error ? error.name : 'refused';
        }
      };
      const element = document.createElement('div');
      return {
        html: await outcome(() => {
          element.innerHTML = '<b>x</b>';
        }),
        policy: await outcome(() => Reflect.get(window, 'trustedTypes').createPolicy('any', {})),
        fetch: await outcome(() => fetch('https://example.org/')),
        file: await outcome(() => fetch('file:///etc/passwd')),
        window: await outcome(() => window.open('https://example.org/')),
        notifications: await outcome(() => Notification.requestPermission()),
        clipboard: await outcome(() => navigator.clipboard.readText()),
        microphone: await outcome(async () => (await navigator.permissions.query({ name: 'microphone' })).state),
      };
    });
    expect(violations).toEqual({
      html: 'TypeError',
      policy: 'TypeError',
      fetch: 'TypeError',
      file: 'TypeError',
      window: 'null',
      notifications: 'denied',
      clipboard: 'NotAllowedError',
      microphone: 'denied',
    });
    await page.evaluate(() => {
      window.location.href = 'https://example.org/';
    });
    await page.evaluate(() => {
      const link = document.createElement('a');
      link.href = 'file:///etc/passwd';
      document.body.append(link);
      link.click();
      link.remove();
    });
    const url = await running.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.getURL(),
    );
    expect(url).toBe('app://wardlight/index.html');
    expect(await page.getByTestId('signin-submit').isVisible()).toBe(true);
    expect(running.app.windows()).toHaveLength(1);
  });

  it('answers nothing outside its own folder', async () => {
    const answers = await running.app.evaluate(async ({ session }) => {
      const page = session.fromPartition('page');
      const urls = [
        'app://wardlight/../main/index.js',
        'app://wardlight/%2e%2e/main/index.js',
        'app://wardlight/..%2fmain%2findex.js',
        'app://elsewhere/index.html',
        'app://wardlight/stamp',
        'app://viewer/index.html',
        'app://viewer/content/0c6f7a52-3a8e-4a57-9d0b-000000000001',
      ];
      return Promise.all(urls.map(async (url) => (await page.fetch(url)).status));
    });
    expect(answers).toEqual([404, 404, 404, 404, 404, 404, 404]);
  });

  it('refuses a second instance, and keeps a title without a patient', async () => {
    const title = await running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle());
    expect(title).toBe('Wardlight');
    const locked = await running.app.evaluate(({ app }) => app.hasSingleInstanceLock());
    expect(locked).toBe(true);
  });
});
