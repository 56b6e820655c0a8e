import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPreferences } from '../../../main/shell/preferences.ts';
import { writeDurably } from '../../../main/vault/durable.ts';
import { temporaryFolder } from '../vault/support.ts';

const start = () => {
  const file = join(temporaryFolder(), 'preferences.json');
  return { file, load: () => loadPreferences({ file, write: writeDurably }) };
};

describe('preferences', () => {
  it('are kept until the next start', async () => {
    const { load } = start();
    const first = await load();
    expect(first.theme()).toBe('system');
    await first.setTheme('dark');
    expect(first.theme()).toBe('dark');
    expect((await load()).theme()).toBe('dark');
    await first.setLanguage('es');
    expect([(await load()).theme(), (await load()).language()]).toEqual(['dark', 'es']);
  });

  it.each(['', '{', 'null', '[]', '"dark"', '{"theme":"purple"}', '{"theme":null}', '\0\0\0'])(
    'are the defaults where the file is %j, and can be set again',
    async (content) => {
      const { file, load } = start();
      writeFileSync(file, content);
      const preferences = await load();
      expect(preferences.theme()).toBe('system');
      await preferences.setTheme('light');
      expect((await load()).theme()).toBe('light');
    },
  );

  it('keep the last choice where several are made at once, however long each takes to write', async () => {
    let content = '';
    let turns = 10;
    const preferences = await loadPreferences({
      file: join(temporaryFolder(), 'none'),
      async write(_file, text) {
        // The first takes the longest.
        turns -= 4;
        for (let left = turns; left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve));
        content = text;
      },
    });
    await Promise.all([preferences.setTheme('dark'), preferences.setTheme('system'), preferences.setTheme('light')]);
    expect(JSON.parse(content)).toEqual({ theme: 'light', language: 'system' });
  });

  it('can be written again after a time when they could not', async () => {
    let full = true;
    const written: string[] = [];
    const preferences = await loadPreferences({
      file: join(temporaryFolder(), 'none'),
      async write(_file, content) {
        if (full) throw new Error('disk full');
        written.push(content);
      },
    });
    await expect(preferences.setTheme('dark')).rejects.toThrow();
    full = false;
    await preferences.setTheme('light');
    expect(written.map((text) => JSON.parse(text))).toEqual([{ theme: 'light', language: 'system' }]);
  });
});
