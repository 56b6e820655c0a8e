/** Where Windows is installed unless somebody wanted it elsewhere. */
const USUAL = 'C:\\Windows';

/**
 * The folder of Windows, by where the system has loaded its own library from into this process. Not by an environment
 * variable: whoever starts the program sets those, and could have policy read by a `reg.exe` of hers.
 */
export function windowsFolder(loaded: readonly string[]): string {
  for (const path of loaded) {
    const [, folder] = /^([A-Z]:\\.+)\\System32\\ntdll\.dll$/i.exec(path) ?? [];
    if (folder !== undefined) return folder;
  }
  return USUAL;
}
