import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { createFileSource, POLICY_FILE } from './sources/file.ts';
import { foundInJson } from './sources/json.ts';
import { createPreferencesSource } from './sources/preferences.ts';
import { createRegistrySource, type Run } from './sources/registry.ts';
import { DOCUMENT_MAX, type Found, type Source } from './sources/source.ts';
import { windowsFolder } from './sources/windows-folder.ts';

/** Where machine policy stands on this operating system; a development build reads the file that its command line names. */
export function policySource(platform: NodeJS.Platform, developmentFile: string): Source {
  if (developmentFile !== '') return developerSource(developmentFile);
  if (platform === 'win32') {
    const folder = windowsFolder(loadedLibraries());
    return createRegistrySource(runWith({ SystemRoot: folder }), folder);
  }
  if (platform === 'darwin') return createPreferencesSource(runWith({}), exists);
  return createFileSource({ file: POLICY_FILE, owner: 0 });
}

/** A developer's own file may be anybody's. */
function developerSource(file: string): Source {
  return {
    name: 'development',
    find: () => readFile(file).then(foundInJson, (): Found => ({ kind: 'problem', code: 'unreadable' })),
  };
}

/** Paths of what the operating system has loaded into this process. */
function loadedLibraries(): readonly string[] {
  const report: { readonly sharedObjects?: readonly string[] } = process.report.getReport();
  return report.sharedObjects ?? [];
}

const RUN_LIMIT_MS = 10_000;

/** Runs the system's own programs, with nothing of the environment that the program was started in. */
function runWith(env: Readonly<Record<string, string>>): Run {
  const options = { timeout: RUN_LIMIT_MS, maxBuffer: 4 * DOCUMENT_MAX, windowsHide: true, env };
  return (program, args) =>
    new Promise((resolve) => {
      execFile(program, [...args], options, (error, out) => {
        const code = error === null ? 0 : error.code;
        resolve(typeof code === 'number' ? { code, stdout: out } : null);
      });
    });
}

/** Null where nobody can tell. */
const exists = (file: string) =>
  stat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? false : null),
  );
