// The program, which is ready only when the test says so: when Playwright has attached. It can miss a page that is being
// loaded while it attaches, and its launch then never ends.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const project = resolve(import.meta.dirname, '..', '..', '..');
const { version, main } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
app.setVersion(version);

const ready = app.whenReady();
const released = new Promise((resolve) => {
  globalThis.releaseProgram = resolve;
});
app.whenReady = async () => {
  await Promise.all([ready, released]);
};
await import(pathToFileURL(join(project, main)).href);
