import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';

/** Where the administrator's word stands on Linux. */
export const MACHINE_POLICY = '/etc/wardlight/policy.json';
const ROOT = 0;
const MAX_BYTES = 1_000_000;

const belongsTo = (owner: number, { uid, mode }: Stats) => uid === owner && (mode & 0o022) === 0;

/**
 * Whether the administrator lets others debug the program: `"remoteDebugging": true` in machine policy. A file that a
 * clinician could have put there counts for nothing: it and its folder must be root's, writable for root only, and no
 * links. Read at once and without the rest of policy, as it decides before anything is opened.
 */
export function remoteDebuggingAllowed(file = MACHINE_POLICY, owner = ROOT): boolean {
  if (process.platform !== 'linux') return false;
  let descriptor: number | undefined;
  try {
    const folder = lstatSync(dirname(file));
    if (!folder.isDirectory() || !belongsTo(owner, folder)) return false;
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const found = fstatSync(descriptor);
    if (!found.isFile() || !belongsTo(owner, found) || found.size > MAX_BYTES) return false;
    const policy: unknown = JSON.parse(readFileSync(descriptor, 'utf8'));
    return typeof policy === 'object' && policy !== null && Reflect.get(policy, 'remoteDebugging') === true;
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
