import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import { createCamera } from '../../../main/shell/camera-use.ts';
import { createPageSession, switchOffBackgroundServices } from '../../../main/shell/page-session.ts';
import { registerPageScheme } from '../../../main/shell/scheme.ts';
import { createViewerContent } from '../../../main/shell/viewer-content.ts';
import { watchViewer } from '../../../main/shell/viewer-processes.ts';
import { createWindow, denyNavigation } from '../../../main/shell/window.ts';

/*
 * The built page with the program's own window, session and rules, over a bridge without main (preload.ts): documents
 * are files of a folder, each named by its handle.
 */

app.enableSandbox();
switchOffBackgroundServices();
registerPageScheme();
denyNavigation();

const content = createViewerContent();
const folder = app.commandLine.getSwitchValue('content');

/** What was asked for of which document: how far each reading went. */
const reads: { handle: string; offset: number; length: number }[] = [];
Reflect.set(globalThis, 'reads', reads);
/** Every request of the page and of its frames. */
const requests: string[] = [];
Reflect.set(globalThis, 'requests', requests);

const files = new Map<string, Buffer>();
content.serve(async (handle, { offset, length }) => {
  reads.push({ handle, offset, length });
  const bytes = files.get(handle) ?? readFileSync(join(folder, handle));
  files.set(handle, bytes);
  return { bytes: bytes.subarray(offset, offset + length), total: bytes.length };
});

const released = new Promise<void>((resolve) => {
  Reflect.set(globalThis, 'releaseProgram', resolve);
});
void Promise.all([app.whenReady(), released]).then(() => {
  const session = createPageSession(app.commandLine.getSwitchValue('page'), {
    onScript: () => undefined,
    readContent: (handle, range) => content.read(handle, range),
    camera: createCamera(),
    language: async () => 'en',
  });
  session.webRequest.onSendHeaders(({ url }) => void requests.push(url));
  const window = createWindow({ session, preload: join(import.meta.dirname, 'preload.cjs'), devTools: true });
  watchViewer(window);
});
