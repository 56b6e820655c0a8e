import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ElectronApplication } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRuntime } from '../../build/runtime.mjs';
import type { DevServer } from '../server/index.ts';
import { inMain, startApp } from '../support/app.ts';
import { project } from '../support/desktop.ts';
import { enrol, newUserData, PASSPHRASE, profilesOf, smallServer } from '../support/journey.ts';
import { profileSecrets } from '../support/profile-files.ts';

const BUILT_PAGE = join(project, 'out', 'renderer');
/** What the first screen may cost: its script and all that this imports at once. Five of it put words into the page. */
const FIRST_SCRIPT_MAX = 53 * 1024;

/** What the words may be that its page reads before: English ones with places alone, as JSON. */
const WORDS_MAX = 40 * 1024;

/** The files of the page's first script, by following what it imports statically. */
function firstScripts(): string[] {
  const html = readFileSync(join(BUILT_PAGE, 'index.html'), 'utf8');
  const found = new Set([...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file ?? ''));
  for (const file of found) {
    const code = readFileSync(join(BUILT_PAGE, file), 'utf8');
    for (const [, name] of code.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) found.add(`assets/${name}`);
  }
  return [...found];
}

it('the first screen loads little, and no React', () => {
  const all = firstScripts().map((file) => join(BUILT_PAGE, file));
  const words = all.filter((file) => basename(file).startsWith('words-'));
  const files = all.filter((file) => !words.includes(file));
  const sizeOf = (some: readonly string[]) => some.reduce((sum, file) => sum + statSync(file).size, 0);
  expect([words.length, files.length > 0]).toEqual([1, true]);
  expect(sizeOf(files)).toBeLessThan(FIRST_SCRIPT_MAX);
  expect(sizeOf(words)).toBeLessThan(WORDS_MAX);
  // Without the names of the files that are read later.
  const codes = files.map((file) => readFileSync(file, 'utf8').replace(/^const __vite__mapDeps=.*\n/, ''));
  expect(codes.filter((code) => code.includes('react'))).toHaveLength(0);
});

/** Makes main fail while it is put together. */
function breakMain(app: ElectronApplication): Promise<void> {
  return inMain(app, ({ powerMonitor }) => {
    powerMonitor.on = () => {
      throw new Error('synthetic');
    };
  });
}

/** Notes each scheme that the page takes, from its beginning. */
async function noteSchemes(app: ElectronApplication): Promise<void> {
  await app.context().addInitScript(() => {
    const schemes: (string | undefined)[] = [];
    Reflect.set(window, 'schemes', schemes);
    new MutationObserver(() => {
      const scheme = document.documentElement?.dataset['mantineColorScheme'];
      if (scheme !== schemes.at(-1)) schemes.push(scheme);
    }).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-mantine-color-scheme'] });
  });
}

describe('a start', () => {
  let server: DevServer;
  let userData: string;
  beforeAll(async () => {
    server = await smallServer(4);
    userData = newUserData();
    const { app, page } = await startApp({ userData, server: server.url });
    await enrol(page);
    await app.close();
  });
  afterAll(() => server.stop());

  it('takes the passphrase as soon as its field is seen, without a click', async () => {
    const { app, page } = await startApp({ userData, server: server.url, settle: false });
    try {
      await page.getByTestId('unlock-passphrase').waitFor();
      await page.keyboard.type(PASSPHRASE);
      await page.keyboard.press('Enter');
      await page.getByTestId('frame').waitFor();
    } finally {
      await app.close();
    }
  });

  describe('where dark was chosen', () => {
    beforeAll(() => writeFileSync(join(userData, 'preferences.json'), JSON.stringify({ theme: 'dark' })));
    afterAll(() => rmSync(join(userData, 'preferences.json')));

    it.for([
      ['the unlock screen', 'unlock-passphrase', noteSchemes],
      [
        'what main did not get through',
        'keyring-screen',
        (app: ElectronApplication) => noteSchemes(app).then(() => breakMain(app)),
      ],
    ] as const)('%s is dark from the first moment', async ([, testId, prepare]) => {
      const { app, page } = await startApp({ userData, server: server.url, prepare, colorScheme: null });
      try {
        await page.getByTestId(testId).waitFor();
        expect(await page.evaluate(() => Reflect.get(window, 'schemes'))).toEqual(['dark']);
      } finally {
        await app.close();
      }
    });
  });

  it('that main does not get through is told in place of the unlock screen', async () => {
    const { app, page } = await startApp({ userData, server: server.url, prepare: breakMain });
    try {
      await page.getByTestId('keyring-screen').getByText('internal').waitFor();
      expect(await page.getByTestId('unlock-passphrase').count()).toBe(0);
    } finally {
      await app.close();
    }
  });

  it('a second one shows the first window and ends', async () => {
    const { app, page } = await startApp({ userData, server: server.url });
    try {
      await page.getByTestId('unlock-passphrase').waitFor();
      await inMain(app, ({ BrowserWindow }) => {
        const [window] = BrowserWindow.getAllWindows();
        if (!window) throw new Error('no window');
        const asked: string[] = [];
        // A virtual display has no window manager that would minimize or focus: what the window is asked for counts.
        Object.assign(window, {
          isMinimized: () => true,
          restore: () => asked.push('restore'),
          focus: () => asked.push('focus'),
        });
        Reflect.set(globalThis, 'asked', asked);
      });
      const second = spawn(findRuntime().executable, [project, `--user-data-dir=${userData}`], { stdio: 'ignore' });
      expect(await once(second, 'exit')).toEqual([0, null]);
      expect(await inMain(app, () => Reflect.get(globalThis, 'asked'))).toEqual(['restore', 'focus']);
      expect(app.windows()).toHaveLength(1);
    } finally {
      await app.close();
    }
  });

  it('a profile that is damaged is named, and nothing is made in its place', async () => {
    const { folder } = await profileSecrets(userData);
    writeFileSync(join(folder, 'profile.json'), '{');
    const { app, page } = await startApp({ userData, server: server.url });
    try {
      const screen = page.getByTestId('keyring-screen');
      await screen.waitFor();
      expect(await screen.textContent()).toContain('profile-damaged');
      expect(await page.getByTestId('signin-submit').count()).toBe(0);
      expect(readFileSync(join(profilesOf(userData), folder.split('/').at(-1) ?? '', 'profile.json'), 'utf8')).toBe(
        '{',
      );
    } finally {
      await app.close();
    }
  });
});
