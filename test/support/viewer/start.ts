import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { _electron as electron, type Page } from 'playwright';
import { build } from 'vite';
import { vi } from 'vitest';
import { findRuntime } from '../../../build/runtime.mjs';
import { type RunningApp, sessionFolder } from '../app.ts';
import { project } from '../desktop.ts';

/** Starts the built page over files that take the place of opened documents. */
export async function startViewer(files: Readonly<Record<string, Buffer>>): Promise<RunningApp> {
  const folder = mkdtempSync(sessionFolder('viewer-'));
  const content = join(folder, 'content');
  mkdirSync(content);
  for (const [handle, bytes] of Object.entries(files)) writeFileSync(join(content, handle), bytes);
  await bundle('main', 'es', join(folder, 'main.mjs'));
  await bundle('preload', 'cjs', join(folder, 'preload.cjs'));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'viewer', version: '0.0.0', type: 'module', main: 'main.mjs' }),
  );
  const app = await electron.launch({
    executablePath: findRuntime().executable,
    args: [
      folder,
      `--user-data-dir=${join(folder, 'data')}`,
      `--content=${content}`,
      `--page=${join(project, 'out', 'renderer')}`,
    ],
    env: process.env as Record<string, string>,
    chromiumSandbox: true,
    timeout: 20_000,
  });
  // Playwright may be there before the program is.
  const release = () => app.evaluate(() => Reflect.get(globalThis, 'releaseProgram')());
  await vi.waitFor(release, { timeout: 20_000 });
  // Its names are no patient's, and would be taken for one's by the search for canaries.
  app.once('close', () => rmSync(folder, { recursive: true, force: true }));
  const page = await app.firstWindow();
  page.setDefaultTimeout(20_000);
  return { app, page };
}

/** Goes to the documents of the first patient. */
export async function goToDocuments(page: Page): Promise<void> {
  await page.getByTestId('patient-row').first().click();
  await page.keyboard.press('Enter');
  await page.getByTestId('tab-documents').click();
  await page.getByTestId('document-row').first().waitFor();
}

async function bundle(entry: string, format: 'es' | 'cjs', file: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: join(import.meta.dirname, `${entry}.ts`),
      target: 'node20',
      outDir: join(file, '..'),
      emptyOutDir: false,
      minify: false,
      rollupOptions: { external: ['electron'], output: { format, entryFileNames: file.split('/').at(-1) ?? '' } },
    },
  });
}
