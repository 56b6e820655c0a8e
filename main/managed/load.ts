import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { createFileSource, POLICY_FILE } from './sources/file.ts';
import { createPreferencesSource } from './sources/preferences.ts';
import { createRegistrySource, type Run } from './sources/registry.ts';
import { DOCUMENT_MAX, type Source } from './sources/source.ts';

/** Where machine policy stands on this operating system; a development build reads the file that its command line names. */
export function policySource(platform: NodeJS.Platform, developmentFile: string): Source {
  if (developmentFile !== '') return developerSource(developmentFile);
  if (platform === 'win32') return createRegistrySource(run, process.env.SystemRoot ?? 'C:\\Windows');
  if (platform === 'darwin') return createPreferencesSource(run, exists);
  return createFileSource({ file: POLICY_FILE, owner: 0 });
}

/** A developer's own file may be anybody's. */
function developerSource(file: string): Source {
  return {
    name: 'development',
    find: () =>
      readFile(file, 'utf8').then(
        (text) => ({ kind: 'document', document: JSON.parse(text) }),
        () => ({ kind: 'problem', code: 'unreadable' }),
      ),
  };
}

const RUN_LIMIT_MS = 10_000;

const run: Run = (program, args) =>
  new Promise((resolve) => {
    execFile(
      program,
      [...args],
      { timeout: RUN_LIMIT_MS, maxBuffer: 4 * DOCUMENT_MAX, windowsHide: true },
      (error, out) => {
        const code = error === null ? 0 : error.code;
        resolve(typeof code === 'number' ? { code, stdout: out } : null);
      },
    );
  });

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
