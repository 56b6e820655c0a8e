import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LANGUAGES, type Language } from '../../preload/contract/languages.ts';
import type { Theme } from '../../preload/contract/preferences.ts';

/** Where preferences are kept, in the folder of the program's data. */
export const preferencesFile = (data: string) => join(data, 'preferences.json');

const spoken = (tag: unknown) => LANGUAGES.find((one) => one === String(tag).split(/[-_]/)[0]?.toLowerCase());

/**
 * The language for the page: the one that is chosen in the file of preferences, else the first of the system's that the
 * page speaks, else English. Read from the file each time, and without a schema: the first page is asked for before
 * anything else of main is there.
 */
export async function pageLanguage(file: string, ofSystem: readonly string[]): Promise<Language> {
  const { language: chosen } = await chosenIn(file);
  return [chosen, ...ofSystem].map(spoken).find((one) => one !== undefined) ?? 'en';
}

/** The theme that is chosen in the file of preferences, read as the language is. */
export async function pageTheme(file: string): Promise<Theme> {
  const { theme } = await chosenIn(file);
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

async function chosenIn(file: string): Promise<{ language?: unknown; theme?: unknown }> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) ?? {};
  } catch {
    return {};
  }
}
