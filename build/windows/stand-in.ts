import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../release/tools.ts';

const sources = join(import.meta.dirname, 'stand-in');
const COMPILER = 'x86_64-w64-mingw32-gcc';

/** What Electron's distribution for Windows has beside its program. */
const LIBRARIES = [
  'd3dcompiler_47.dll',
  'ffmpeg.dll',
  'libEGL.dll',
  'libGLESv2.dll',
  'vk_swiftshader.dll',
  'vulkan-1.dll',
];
const DATA = [
  ...['chrome_100_percent.pak', 'chrome_200_percent.pak', 'icudtl.dat', 'resources.pak'],
  ...['snapshot_blob.bin', 'v8_context_snapshot.bin', 'vk_swiftshader_icd.json', 'LICENSE', 'LICENSES.chromium.html'],
  ...['en-US', 'en-GB', 'es', 'es-419', 'de'].map((language) => join('locales', `${language}.pak`)),
];

/**
 * Makes a distribution that looks like Electron's for Windows to whatever packages, signs and installs it, and does
 * nothing: no Electron for Windows can be had where none can be downloaded. Never released.
 */
export function makeStandIn(folder: string, version: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'locales'), { recursive: true });
  mkdirSync(join(folder, 'resources'));
  const resource = join(folder, 'electron.o');
  run('x86_64-w64-mingw32-windres', [join(sources, 'electron.rc'), '-O', 'coff', '-o', resource]);
  const program = join(folder, 'electron.exe');
  run(COMPILER, ['-O1', '-s', '-mwindows', '-o', program, join(sources, 'electron.c'), resource]);
  rmSync(resource);
  const [first = '', ...others] = LIBRARIES;
  run(COMPILER, ['-O1', '-s', '-shared', '-o', join(folder, first), join(sources, 'library.c')]);
  for (const name of others) copyFileSync(join(folder, first), join(folder, name));
  for (const name of DATA) writeFileSync(join(folder, name), `stands in for ${name}\n`);
  writeFileSync(join(folder, 'version'), version);
}
