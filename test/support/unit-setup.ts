import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderInMemory } from './memory.ts';

/** What the tests that write most have open at once, many times over. */
const ROOM_BYTES = 2 ** 30;
const PREFIX = 'wardlight-tests-';

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize >= ROOM_BYTES;
  } catch {
    return false;
  }
}

/**
 * Gives the unit and integration tests a temporary folder of their own, which goes with all that they left in it. It is
 * in memory where there is room: half of the time of the tests of sync was waiting for the disk, and no power fails in
 * them. The end-to-end tests are on the disk.
 *
 * What a process compiled is kept for the next one, as tests start hundreds that read the same modules.
 */
export default function setup(): () => void {
  const folder = hasRoom() ? folderInMemory(PREFIX) : mkdtempSync(join(tmpdir(), PREFIX));
  // Ordinary users' desktops are in it too, where root runs the tests.
  chmodSync(folder, 0o711);
  process.env['NODE_COMPILE_CACHE'] = join(folder, 'compiled');
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
