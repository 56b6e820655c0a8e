import { app } from 'electron';
import { compose } from './compose.ts';
import { switchOffBackgroundServices } from './shell/page-session.ts';
import { registerPageScheme } from './shell/scheme.ts';
import { denyNavigation } from './shell/window.ts';

// Before anything else, and before ready: every renderer of this program is sandboxed.
app.enableSandbox();
switchOffBackgroundServices();
registerPageScheme();
denyNavigation();

if (app.requestSingleInstanceLock()) {
  // Not awaited: `ready` is only emitted once this module has been evaluated.
  void app.whenReady().then(compose);
} else {
  app.quit();
}
