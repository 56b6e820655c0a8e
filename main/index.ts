import { join } from 'node:path';
import { app } from 'electron';
import { createPageSession, switchOffBackgroundServices } from './shell/page-session.ts';
import { registerPageScheme } from './shell/scheme.ts';
import { createWindow, denyNavigation } from './shell/window.ts';

// Before anything else, and before ready: every renderer of this program is sandboxed.
app.enableSandbox();
switchOffBackgroundServices();
registerPageScheme();
denyNavigation();

let session: ReturnType<typeof createPageSession> | undefined;
let answering: () => void;
const ready = new Promise<void>((resolve) => {
  answering = resolve;
});

function openWindow() {
  session ??= createPageSession(join(import.meta.dirname, '..', 'renderer'), ready);
  const preload = join(import.meta.dirname, '..', 'preload', 'index.cjs');
  return createWindow({ session, preload, devTools: !app.isPackaged });
}

if (app.requestSingleInstanceLock()) {
  // The window's process starts while the rest of main is loaded. Not awaited at the top: `ready` is only emitted
  // once this module has been evaluated.
  const rest = import('./compose.ts');
  void app.whenReady().then(async () => {
    const first = openWindow();
    await (await rest).compose({ first, openWindow, answering, folder: import.meta.dirname });
  });
} else {
  app.quit();
}
