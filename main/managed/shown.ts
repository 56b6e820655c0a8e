import type { Language } from '../../preload/contract/languages.ts';
import type { ManagedSetting } from '../../preload/contract/managed.ts';
import { settingsList } from './list.ts';
import type { Managed } from './managed.ts';
import { settingIn } from './paths.ts';
import { spanish } from './spanish.ts';

/** Longest value that is shown whole. */
const VALUE_MAX = 300;

/** Every setting as it holds, for whoever looks what the organisation has decided. */
export function managedSettings({ policy, keys }: Managed, language: Language): ManagedSetting[] {
  const decided = new Set(keys());
  return settingsList.map(({ key, text, default: standard }) => ({
    key,
    text: settingText(key, text, language),
    value: shown(settingIn(policy, key)),
    standard: shown(standard),
    isManaged: decided.has(key),
  }));
}

/** What a setting is for, in a language that templates and page have. */
export function settingText(key: string, english: string, language: Language): string {
  return language === 'es' ? (spanish[key] ?? english) : english;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX)}…` : text;
}
