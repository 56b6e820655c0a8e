import { findInFile, POLICY_FILE } from './sources/file.ts';

/**
 * Whether the administrator lets others debug the program: `"remoteDebugging": true` in machine policy, on Linux alone.
 * Read at once and without the rest of policy, as it decides before anything is opened; what is wrong with the file allows
 * nothing.
 */
export function remoteDebuggingAllowed(file = POLICY_FILE, owner = 0): boolean {
  if (process.platform !== 'linux') return false;
  const found = findInFile({ file, owner });
  const policy = found.kind === 'document' ? found.document : null;
  return typeof policy === 'object' && policy !== null && Reflect.get(policy, 'remoteDebugging') === true;
}
