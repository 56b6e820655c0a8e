import { join } from 'node:path';
import { app, ipcMain, nativeTheme } from 'electron';
import { wireName } from '../preload/contract/channel.ts';
import type { ChannelNames } from '../preload/contract/index.ts';
import type { SessionState } from '../preload/contract/session.ts';
import { firstLook } from './identity/first-look.ts';
import { createGate } from './ipc/gate.ts';
import { remoteDebuggingAllowed } from './managed/remote-debugging.ts';
import { createCamera } from './shell/camera-use.ts';
import { collectDeepLinks, type DeepLinks } from './shell/deep-links.ts';
import { denyMenu } from './shell/menu.ts';
import { pageLanguage, pageTheme, preferencesFile } from './shell/page-preferences.ts';
import { createPageSession, switchOffBackgroundServices, switchOffDictionaries } from './shell/page-session.ts';
import { pageFailed, pageSettled } from './shell/page-settled.ts';
import { registerPageScheme } from './shell/scheme.ts';
import { examineStart, questionOf, REFUSED_EXIT } from './shell/start-switches.ts';
import { createViewerContent } from './shell/viewer-content.ts';
import { createWindow, denyNavigation, isTrustedSender, pageShown } from './shell/window.ts';

// Before anything else, and before ready: every renderer of this program is sandboxed.
app.enableSandbox();
switchOffBackgroundServices();
registerPageScheme();
denyNavigation();
denyMenu();

/** Names of the channels, put in by the build from the contract. */
declare const __CHANNELS__: ChannelNames;

/** For so long main waits for a page that isn't drawn. */
const LONGEST_MS = 1_000;

const viewerContent = createViewerContent();
const camera = createCamera();

let session: ReturnType<typeof createPageSession> | undefined;
let hasScript: () => void;
const scriptServed = new Promise<void>((resolve) => {
  hasScript = resolve;
});

function openWindow() {
  session ??= createPageSession(join(import.meta.dirname, '..', 'renderer'), {
    onScript: hasScript,
    readContent: viewerContent.read,
    camera,
    language: () => pageLanguage(preferencesFile(app.getPath('userData')), app.getPreferredSystemLanguages()),
  });
  const preload = join(import.meta.dirname, '..', 'preload', 'index.cjs');
  return createWindow({ session, preload, devTools: !app.isPackaged });
}

/** A developer's own program may carry what it likes. */
const { refused, isDebugged } = app.isPackaged
  ? examineStart(process.argv, { platform: process.platform, mayDebug: () => remoteDebuggingAllowed() })
  : { refused: [], isDebugged: false };

const question = questionOf(process.argv, process.platform);

if (refused.length > 0) {
  // Before Chromium opens a port, a profile or a window.
  process.stderr.write(`wardlight: switch-refused: ${refused.map((name) => `--${name}`).join(' ')}\n`);
  app.exit(REFUSED_EXIT);
} else if (question) {
  // Waited for at the top, before `ready`: no display is needed, and no other program is asked to show itself.
  const { answer } = await import('./compose/answer.ts');
  app.exit(await answer(question));
} else if (app.requestSingleInstanceLock()) {
  const links = collectDeepLinks(app, process.argv);
  // Not awaited at the top: `ready` is only emitted once this module has been evaluated.
  void app.whenReady().then(() => start(links));
} else {
  app.quit();
}

async function start(links: DeepLinks): Promise<void> {
  switchOffDictionaries();
  const names = __CHANNELS__;
  const data = app.getPath('userData');
  const known = firstLook(data);
  const gate = createGate(ipcMain, names, {
    channel: wireName('session', 'state'),
    isTrusted: (event) => isTrustedSender(event, first.webContents),
    async answer() {
      const value = await known;
      return value ? { ok: true, value } : undefined;
    },
  });
  const first = openWindow();
  // In the same turn: what happens to the page meanwhile would be missed.
  const [shown, failed, settled] = [pageShown(first), pageFailed(first), pageSettled(first)];
  nativeTheme.themeSource = await pageTheme(preferencesFile(data));
  if (!first.isDestroyed()) first.setBackgroundColor(nativeTheme.shouldUseDarkColors ? '#1a1b1e' : '#ffffff');
  // Main's one thread serves the page first: it has its files, and where it is plain who is to unlock, her screen too. The
  // gate keeps the page's other questions until main can answer. A page that fails, isn't drawn, or doesn't ask for all
  // that it names, must not keep main from working.
  const longest = new Promise((resolve) => setTimeout(resolve, LONGEST_MS));
  await Promise.race((await known) ? [shown, failed, longest] : [scriptServed, settled]);
  try {
    const { compose } = await import('./compose.ts');
    const folder = import.meta.dirname;
    await compose({ first, openWindow, names, gate, links, viewerContent, camera, folder, isDebugged });
  } catch {
    // A bug, or a disk that can't be used. The page stands already, and says it.
    gate.fail();
    const said: SessionState = { phase: 'blocked', problem: 'internal' };
    if (!first.isDestroyed()) first.webContents.send(wireName('session', 'changed'), said);
    const { createCrashes } = await import('./support/crashes.ts');
    const crashes = { data, version: app.getVersion(), now: Date.now };
    createCrashes({ ...crashes, onCrash: () => undefined }).record('main', 'start-failed');
  }
}
