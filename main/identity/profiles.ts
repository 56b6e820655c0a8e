import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

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
  /** The profile of this workstation, or null. A folder whose enrolment was interrupted holds nothing and doesn't count. */
  find(): Promise<Profile | null>;
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

  async function read(id: string): Promise<Profile | null> {
    try {
      const text = await readFile(join(folderOf(id), 'profile.json'), 'utf8');
      const parsed = storedProfile.safeParse(JSON.parse(text));
      return parsed.success && parsed.data.id === id ? { ...parsed.data, folder: folderOf(id) } : null;
    } catch {
      return null;
    }
  }

  return {
    folderOf,
    async find() {
      const names = await readdir(root).catch(() => []);
      for (const name of names.sort()) {
        const profile = await read(name);
        if (profile) return profile;
      }
      return null;
    },
    async add({ id, display, practitioner, server }) {
      const profile = { version: 1 as const, id, display, practitioner, server };
      await write(join(folderOf(id), 'profile.json'), JSON.stringify(profile));
      return { ...profile, folder: folderOf(id) };
    },
  };
}
