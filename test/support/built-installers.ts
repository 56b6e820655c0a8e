import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { installDebianPackages } from '../../build/setup/debian.mjs';
import { SetupError } from '../../build/setup/report.mjs';
import { buildForWindows } from '../../build/windows/build.ts';
import { STAND_IN_TOOLS, WINDOWS_TOOLS, WINE } from '../../build/windows/tools.ts';
import { makeSmallProgram } from './small-windows.ts';
import { hasWine } from './wine.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the installers of two versions lie, each in a folder of its number. */
    installers: string;
    /** Why the tests that need a Windows are skipped; empty where they are not. */
    noWindows: string;
  }
}

export const [OLDER, NEWER] = ['1.0.0', '1.1.0'];

/** What can't be had is told, and skipped by name. */
function whyNoWindows(): string {
  const say = (message: string) => process.stdout.write(`tools: ${message}\n`);
  try {
    process.stdout.write(`tools: ${installDebianPackages(say, [...WINDOWS_TOOLS, ...STAND_IN_TOOLS, ...WINE])}\n`);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return 'the packages that it needs could not be installed';
  }
  return hasWine() ? '' : 'there is no wine64';
}

/** Once for all tests of installers: two versions of a small program, with other files. */
export default async function setup({ provide }: TestProject): Promise<() => void> {
  const noWindows = whyNoWindows();
  const out = mkdtempSync('/var/tmp/wardlight-installers-');
  provide('installers', out);
  provide('noWindows', noWindows);
  if (noWindows !== '') process.stdout.write(`tests of installers for Windows are skipped: ${noWindows}\n`);
  for (const version of noWindows === '' ? [OLDER, NEWER] : []) {
    const folder = join(out, version);
    const words = version === OLDER ? 'es' : 'es-419';
    await makeSmallProgram(join(folder, 'win-unpacked'), { version, extra: { [`locales/${words}.pak`]: words } });
    buildForWindows({ out: folder, version, targets: ['nsis', 'msi'], fast: true, signing: null });
  }
  return () => rmSync(out, { recursive: true, force: true });
}
