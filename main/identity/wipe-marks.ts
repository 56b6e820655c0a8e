import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';

const wipeMark = z.strictObject({
  version: z.literal(1),
  profile: z.strictObject({ id: z.uuid(), display: z.string(), practitioner: z.string(), server: z.string() }),
  /** `Task/<id>` that ordered it. */
  task: z.string(),
  /** Keys are destroyed and files removed. */
  erased: z.boolean(),
  /** What became of unsent work: sealed for the recovery key, or gone with the keys; null until it is erased. */
  unsent: z.enum(['kept', 'removed']).nullable(),
  /** The server knows of it, or will not take it. */
  acknowledged: z.boolean(),
  /** A person has read what happened. */
  seen: z.boolean(),
});

/**
 * What is being erased, and how far that is. It stands on the disk before the first key goes and outlives the profile, so
 * that neither a crash nor a cut power line leaves half of it.
 */
export type WipeMark = z.infer<typeof wipeMark>;

/** The profile's id, so that nothing else can name a folder. */
const MARK = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.json$/;

export interface WipeMarks {
  list(): Promise<WipeMark[]>;
  put(mark: WipeMark): Promise<void>;
  remove(id: string): Promise<void>;
}

export interface WipeMarksOptions {
  folder: string;
  /** Makes the folder where it isn't there, for its owner alone. */
  makeFolder: (path: string) => Promise<void>;
  /** Replaces a file whole or not at all. */
  write: (file: string, content: string) => Promise<void>;
}

export function createWipeMarks({ folder, makeFolder, write }: WipeMarksOptions): WipeMarks {
  const fileOf = (id: string) => join(folder, `${id}.json`);

  /** A mark that can't be read spares nobody: whose it is stands in its name. */
  async function read(name: string): Promise<WipeMark> {
    const id = basename(name, '.json');
    const profile = { id, display: '', practitioner: '', server: '' };
    const unreadable = { erased: false, unsent: null, acknowledged: true, seen: false } as const;
    try {
      const mark = wipeMark.parse(JSON.parse(await readFile(join(folder, name), 'utf8')));
      return { ...mark, profile: { ...mark.profile, id } };
    } catch {
      return { version: 1, profile, task: '', ...unreadable };
    }
  }

  return {
    async list() {
      const names = await readdir(folder).catch(() => []);
      return Promise.all(
        names
          .filter((name) => MARK.test(name))
          .sort()
          .map(read),
      );
    },
    async put(mark) {
      await makeFolder(folder);
      await write(fileOf(mark.profile.id), JSON.stringify(mark));
    },
    remove: (id) => rm(fileOf(id), { force: true }),
  };
}
