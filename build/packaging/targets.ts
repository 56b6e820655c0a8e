/** What can be built, and on which system: each needs the tools of its own. */
const targets: Readonly<Record<string, readonly string[]>> = {
  linux: ['dir', 'deb', 'rpm', 'tar.gz'],
  win32: ['dir', 'nsis', 'msi'],
  darwin: ['dir', 'dmg', 'pkg', 'zip'],
};
const systems: Readonly<Record<string, string>> = { linux: 'Linux', win32: 'Windows', darwin: 'macOS' };

/** Debian packages with the tools for a target. */
export const toolsFor: Readonly<Record<string, readonly string[]>> = { rpm: ['rpm'], 'tar.gz': ['p7zip-full'] };

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
