import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pageLanguage, pageTheme, preferencesFile } from '../../../main/shell/page-preferences.ts';
import { temporaryFolder } from '../vault/support.ts';

it.each([
  ['{"language":"es"}', ['en-US'], 'es'],
  ['{"language":"en"}', ['es-PR', 'en-US'], 'en'],
  ['{"language":"system"}', ['es-PR', 'en-US'], 'es'],
  ['{"theme":"dark"}', ['fr-FR', 'es_MX', 'en'], 'es'],
  ['{"language":"../../es"}', ['fr-FR'], 'en'],
  ['{"language":7}', ['ES'], 'es'],
  ['{', [], 'en'],
  ['null', ['eu-ES', 'en-GB', 'es'], 'en'],
] as const)('with %s and a system that speaks %j the page speaks %s', async (content, ofSystem, language) => {
  const file = preferencesFile(temporaryFolder());
  writeFileSync(file, content);
  expect(await pageLanguage(file, ofSystem)).toBe(language);
});

it('a missing file leaves the choice to the system', async () => {
  expect(await pageLanguage(join(temporaryFolder(), 'none'), ['es'])).toBe('es');
});

it.each([
  ['{"theme":"dark"}', 'dark'],
  ['{"theme":"light","language":"es"}', 'light'],
  ['{"theme":"system"}', 'system'],
  ['{"theme":"blue"}', 'system'],
  ['{"language":"es"}', 'system'],
  ['null', 'system'],
  ['{', 'system'],
])('with %s the page is %s', async (content, theme) => {
  const file = preferencesFile(temporaryFolder());
  writeFileSync(file, content);
  expect(await pageTheme(file)).toBe(theme);
});
