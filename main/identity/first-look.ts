import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionState } from '../../preload/contract/session.ts';
import { profilesFolder, wipesFolder } from './folders.ts';
import { nameFromReference } from './practitioner.ts';

/**
 * Where the workstation stands, as far as that is plain from the disk: one clinician, and nothing that was erased. Null
 * where there is more to look at, which is the session's to do (`createEntrance`); it looks here too, and has the last
 * word. Read without a schema: the page is told before anything else of main is there.
 *
 * @param data folder of the program's data
 */
export async function firstLook(data: string): Promise<SessionState | null> {
  const [names, erased] = await Promise.all([namesIn(profilesFolder(data)), namesIn(wipesFolder(data))]);
  const [id] = names;
  if (id === undefined || names.length > 1 || erased.length > 0) return null;
  const profile = await read(join(profilesFolder(data), id, 'profile.json'));
  if (profile?.['version'] !== 1 || profile['id'] !== id) return null;
  const { display, server } = profile;
  if (typeof display !== 'string' || typeof server !== 'string') return null;
  const shown = { id, display: nameFromReference(display), server };
  return { phase: 'locked', profile: shown, reason: 'started', problem: null };
}

const namesIn = (folder: string) => readdir(folder).catch(() => []);

async function read(file: string): Promise<Record<string, unknown> | null> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    return content && typeof content === 'object' ? (content as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
