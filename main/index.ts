import { join } from 'node:path';
import { app, ipcMain } from 'electron';
import type { ChannelNames } from '../preload/contract/index.ts';
import { createGate } from './ipc/gate.ts';
import { remoteDebuggingAllowed } from './managed/remote-debugging.ts';
import { createCamera } from './shell/camera-use.ts';
import { collectDeepLinks } from './shell/deep-links.ts';
import { denyMenu } from './shell/menu.ts';
import { pageLanguage, preferencesFile } from './shell/page-language.ts';
import { createPageSession, switchOffBackgroundServices, switchOffDictionaries } from './shell/page-session.ts';
import { pageSettled } from './shell/page-settled.ts';
import { registerPageScheme } from './shell/scheme.ts';
import { examineStart, questionOf, REFUSED_EXIT } from './shell/start-switches.ts';
import { createViewerContent } from './shell/viewer-content.ts';
import { createWindow, denyNavigation } from './shell/window.ts';

// Before anything else, and before ready: every renderer of this program is sandboxed.
app.enableSandbox();
switchOffBackgroundServices();
registerPageScheme();
denyNavigation();
denyMenu();

/** Names of the channels, put in by the build from the contract. */
declare const __CHANNELS__: ChannelNames;

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
  void app.whenReady().then(async () => {
    switchOffDictionaries();
    const names = __CHANNELS__;
    const gate = createGate(ipcMain, names);
    const first = openWindow();
    // While the page's process starts, main has little to do: what everything is checked by is large.
    const large = import('./ipc/bind.ts').catch(() => undefined);
    // Main's one thread brings the page its files first; then both prepare at the same time, and the gate keeps the
    // page's first questions until main can answer. A page that fails, or doesn't ask for all that it names, must not
    // keep main from working.
    await Promise.race([scriptServed, pageSettled(first)]);
    await large;
    try {
      const { compose } = await import('./compose.ts');
      const folder = import.meta.dirname;
      await compose({ first, openWindow, names, gate, links, viewerContent, camera, folder, isDebugged });
    } catch {
      // A bug, or a disk that can't be used. The page stands already, and says it.
      gate.fail();
      const { createCrashes } = await import('./support/crashes.ts');
      const crashes = { data: app.getPath('userData'), version: app.getVersion(), now: Date.now };
      createCrashes({ ...crashes, onCrash: () => undefined }).record('main', 'start-failed');
    }
  });
} else {
  app.quit();
}
