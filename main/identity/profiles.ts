import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Result } from '../../preload/contract/channel.ts';

const storedProfile = z.strictObject({
  version: z.literal(1),
  id: z.uuid(),
  display: z.string(),
  /** `Practitioner/<id>` on `server`. */
  practitioner: z.string(),
  server: z.string(),
});

/** One clinician on one server: a folder with keys and databases of its own. */
export interface Profile extends z.infer<typeof storedProfile> {
  readonly folder: string;
}

export interface Profiles {
  /**
   * The profile of this workstation, or null. A folder whose enrolment was interrupted holds nothing and doesn't count;
   * one whose profile can't be read does, since its records and keys may be whole.
   */
  find(): Promise<Result<Profile | null, 'profile-damaged'>>;
  folderOf(id: string): string;
  /** The last step of enrolment: from now on the profile exists. */
  add(profile: Omit<Profile, 'version' | 'folder'>): Promise<Profile>;
}

export interface ProfilesOptions {
  root: string;
  /** Replaces a file whole or not at all. */
  write: (file: string, content: string) => Promise<void>;
}

export function createProfiles({ root, write }: ProfilesOptions): Profiles {
  const folderOf = (id: string) => join(root, id);

  async function read(id: string): Promise<Profile | 'none' | 'damaged'> {
    let text: string;
    try {
      text = await readFile(join(folderOf(id), 'profile.json'), 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' || code === 'ENOTDIR' ? 'none' : 'damaged';
    }
    try {
      const parsed = storedProfile.safeParse(JSON.parse(text));
      return parsed.success && parsed.data.id === id ? { ...parsed.data, folder: folderOf(id) } : 'damaged';
    } catch {
      return 'damaged';
    }
  }

  return {
    folderOf,
    async find() {
      const names = await readdir(root).catch(() => []);
      const found = await Promise.all(names.sort().map(read));
      const profile = found.find((one) => typeof one === 'object');
      if (profile) return { ok: true, value: profile };
      return found.includes('damaged') ? { ok: false, error: { code: 'profile-damaged' } } : { ok: true, value: null };
    },
    async add({ id, display, practitioner, server }) {
      const profile = { version: 1 as const, id, display, practitioner, server };
      await write(join(folderOf(id), 'profile.json'), JSON.stringify(profile));
      return { ...profile, folder: folderOf(id) };
    },
  };
}
