import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { modules } from '../../build/setup/places.mjs';
import { PROGRAM } from '../../build/windows/installable.ts';
import { makeStandIn } from '../../build/windows/stand-in.ts';
import { FUSE_MARK, FUSES_AS_RELEASED } from './fuses.ts';

let standIn: string | null = null;
/** Compiled once for a file of tests. */
function standInFolder(near: string): string {
  if (standIn === null) {
    standIn = join(dirname(near), 'stand-in');
    makeStandIn(standIn, '0.0.0');
  }
  return standIn;
}

export interface SmallProgram {
  readonly version: string;
  readonly fuses?: string;
  /** Files beside its own. */
  readonly extra?: Readonly<Record<string, string>>;
}

/** A program for Windows as it lies unpacked before it is signed, of a few kilobytes. */
export async function makeSmallProgram(
  folder: string,
  { version, fuses = FUSES_AS_RELEASED, extra = {} }: SmallProgram,
): Promise<string> {
  const from = standInFolder(folder);
  const app = `${folder}-app`;
  const put = (name: string, content: string | Buffer) => {
    mkdirSync(dirname(name), { recursive: true });
    writeFileSync(name, content);
  };
  put(join(app, 'package.json'), '{"name":"wardlight"}');
  put(join(app, 'out', 'main', 'index.js'), `// ${version}`);
  mkdirSync(join(folder, 'resources'), { recursive: true });
  const asar = createRequire(join(modules, 'app-builder-lib', 'package.json'))('@electron/asar');
  await asar.createPackage(app, join(folder, 'resources', 'app.asar'));
  const program = readFileSync(join(from, 'electron.exe')).toString('latin1');
  const place = program.indexOf(FUSE_MARK) + FUSE_MARK.length;
  put(
    join(folder, PROGRAM),
    Buffer.from(program.slice(0, place) + fuses + program.slice(place + fuses.length), 'latin1'),
  );
  copyFileSync(join(from, 'ffmpeg.dll'), join(folder, 'ffmpeg.dll'));
  const native = 'resources/app.asar.unpacked/node_modules/keytar/prebuilds/win32-x64/keytar.node';
  put(join(folder, native), readFileSync(join(from, 'ffmpeg.dll')));
  put(join(folder, 'locales', 'en-US.pak'), 'words');
  for (const [name, content] of Object.entries(extra)) put(join(folder, name), content);
  return folder;
}
