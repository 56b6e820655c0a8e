import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { nameFromReference } from './practitioner.ts';

const storedProfile = z.strictObject({
  version: z.literal(1),
  id: z.uuid(),
  display: z.string(),
  /** `Practitioner/<id>` on `server`. */
  practitioner: z.string(),
  server: z.string(),
});

const storedUse = z.strictObject({ version: z.literal(1), at: z.iso.datetime() });

/** One clinician on one server: a folder with keys and databases of its own. */
export interface Profile extends z.infer<typeof storedProfile> {
  readonly folder: string;
}

export interface KnownProfile extends Profile {
  /** When it was last unlocked, by the workstation's clock; null where that isn't known. */
  readonly lastUsed: string | null;
}

export interface FoundProfiles {
  /** Who used the workstation last comes first. */
  readonly profiles: readonly KnownProfile[];
  /** Names of the folders whose profile can't be read. They keep nobody else out, and nothing takes their place. */
  readonly damaged: readonly string[];
}

export interface Profiles {
  /**
   * The profiles of this workstation. A folder whose enrolment was interrupted holds nothing and doesn't count; one whose
   * profile can't be read does, since its records and keys may be whole.
   */
  list(): Promise<FoundProfiles>;
  folderOf(id: string): string;
  /** The last step of enrolment: from now on the profile exists. */
  add(profile: Omit<Profile, 'version' | 'folder'>): Promise<Profile>;
  /** Remembers that it was unlocked now. A list in another order harms nobody, so a failure is none of its user's. */
  touch(profile: Pick<Profile, 'id'>): Promise<void>;
}

export interface ProfilesOptions {
  root: string;
  /** Replaces a file whole or not at all. */
  write: (file: string, content: string) => Promise<void>;
  now: () => number;
}

export function createProfiles({ root, write, now }: ProfilesOptions): Profiles {
  const folderOf = (id: string) => join(root, id);
  const lastUsedFile = (id: string) => join(folderOf(id), 'last-used.json');

  async function read(id: string): Promise<KnownProfile | 'none' | 'damaged'> {
    let text: string;
    try {
      text = await readFile(join(folderOf(id), 'profile.json'), 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' || code === 'ENOTDIR' ? 'none' : 'damaged';
    }
    const parsed = storedProfile.safeParse(parse(text));
    if (!parsed.success || parsed.data.id !== id) return 'damaged';
    // Of before there was a better name for whom the server doesn't name.
    const display = nameFromReference(parsed.data.display);
    return { ...parsed.data, display, folder: folderOf(id), lastUsed: await lastUsed(id) };
  }

  async function lastUsed(id: string): Promise<string | null> {
    const parsed = storedUse.safeParse(parse(await readFile(lastUsedFile(id), 'utf8').catch(() => '')));
    return parsed.success ? parsed.data.at : null;
  }

  return {
    folderOf,
    async list() {
      const names = (await readdir(root).catch(() => [])).sort();
      const found = await Promise.all(names.map(read));
      const profiles = found.filter((one) => typeof one === 'object');
      const damaged = names.filter((_name, at) => found[at] === 'damaged');
      return { profiles: profiles.sort((a, b) => (b.lastUsed ?? '').localeCompare(a.lastUsed ?? '')), damaged };
    },
    async add({ id, display, practitioner, server }) {
      const profile = { version: 1 as const, id, display, practitioner, server };
      await write(join(folderOf(id), 'profile.json'), JSON.stringify(profile));
      return { ...profile, folder: folderOf(id) };
    },
    async touch({ id }) {
      const at = new Date(now()).toISOString();
      await write(lastUsedFile(id), JSON.stringify({ version: 1, at })).catch(() => undefined);
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
