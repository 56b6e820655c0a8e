import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Theme, theme } from '../../preload/contract/preferences.ts';

const stored = z.object({ theme: theme.default('system') });

/** What a person chose about the program itself, for every profile of the OS account. Holds nothing clinical. */
export interface Preferences {
  theme(): Theme;
  setTheme(value: Theme): Promise<void>;
}

/** A missing or damaged file reads as the defaults: nothing in it is worth stopping for. */
export async function loadPreferences(options: {
  file: string;
  write: (file: string, content: string) => Promise<void>;
}): Promise<Preferences> {
  let current = stored.parse({});
  try {
    current = stored.parse(JSON.parse(await readFile(options.file, 'utf8')));
  } catch {
    // The defaults stand.
  }
  return {
    theme: () => current.theme,
    async setTheme(value) {
      current = { ...current, theme: value };
      await options.write(options.file, JSON.stringify(current));
    },
  };
}
