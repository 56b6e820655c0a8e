import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { type LanguageChoice, languageChoice, type Theme, theme } from '../../preload/contract/preferences.ts';

const stored = z.object({ theme: theme.default('system'), language: languageChoice.default('system') });

/** What a person chose about the program itself, for every profile of the OS account. Holds nothing clinical. */
export interface Preferences {
  theme(): Theme;
  setTheme(value: Theme): Promise<void>;
  language(): LanguageChoice;
  setLanguage(value: LanguageChoice): Promise<void>;
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
  // One after the other, so that the last choice is the one that stays.
  let writing = Promise.resolve();
  const change = (part: Partial<typeof current>) => {
    current = { ...current, ...part };
    const content = JSON.stringify(current);
    const write = () => options.write(options.file, content);
    writing = writing.then(write, write);
    return writing;
  };
  return {
    theme: () => current.theme,
    setTheme: (value) => change({ theme: value }),
    language: () => current.language,
    setLanguage: (value) => change({ language: value }),
  };
}
