import { WINDOWS_TOOLS } from '../windows/tools.ts';

/** What can be built, and on which system: where its tools are. Installers for Windows are made by Debian's. */
const targets: Readonly<Record<string, readonly string[]>> = {
  linux: ['dir', 'deb', 'rpm', 'tar.gz', 'dir-win', 'nsis', 'msi'],
  win32: ['dir'],
  darwin: ['dir', 'dmg', 'pkg', 'zip'],
};
const systems: Readonly<Record<string, string>> = { linux: 'Linux', win32: 'Windows', darwin: 'macOS' };
const FOR_WINDOWS: readonly string[] = ['dir-win', 'nsis', 'msi'];

/** Debian packages with the tools for a target. */
export const toolsFor: Readonly<Record<string, readonly string[]>> = {
  rpm: ['rpm'],
  'tar.gz': ['p7zip-full'],
  'dir-win': WINDOWS_TOOLS,
  nsis: WINDOWS_TOOLS,
  msi: WINDOWS_TOOLS,
};

/** Those for the system that builds, and those for Windows: two programs, each packed by a run of its own. */
export function bySystem(names: readonly string[]): { readonly own: string[]; readonly windows: string[] } {
  const isForWindows = (name: string) => FOR_WINDOWS.includes(name);
  return { own: names.filter((name) => !isForWindows(name)), windows: names.filter(isForWindows) };
}

export type Targets = { readonly ok: true; readonly targets: string[] } | { readonly ok: false; readonly why: string };

/** Reads `deb,rpm`; answers what electron-builder is to build, or why it can't. */
export function readTargets(wanted: string, platform: string): Targets {
  const here = targets[platform] ?? [];
  const names = [...new Set(wanted.split(',').filter((name) => name !== ''))];
  if (names.length === 0) return { ok: false, why: `name a target: ${here.join(', ')}` };
  for (const name of names) {
    if (here.includes(name)) continue;
    const [system] = Object.entries(targets).find(([, ofSystem]) => ofSystem.includes(name)) ?? [];
    const reason = system
      ? `${name} is built on ${systems[system]}`
      : name === 'AppImage'
        ? 'an AppImage begins with a program that can only be downloaded from its authors, so none is built'
        : `there is no target ${name}`;
    return { ok: false, why: `${reason}; here: ${here.join(', ')}` };
  }
  return { ok: true, targets: names };
}
