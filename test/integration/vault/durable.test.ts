import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makePrivateFolder, writeDurably } from '../../../main/vault/durable.ts';
import { temporaryFolder } from '../../unit/vault/support.ts';

async function writeAndKill(file: string, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'write-forever.ts'), file], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  setTimeout(() => child.kill('SIGKILL'), afterMs);
  await once(child, 'exit');
}

describe('writing a small file durably', () => {
  it('leaves the old or the new file whole when the process is killed at any point', async () => {
    const file = join(temporaryFolder(), 'slots.json');
    for (const afterMs of [0, 3, 11, 23]) {
      await writeAndKill(file, afterMs);
      const { round, filler, end } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
      expect(end).toBe(round);
      expect(filler).toBe(String(Number(round) % 10).repeat(200_000));
    }
    await writeDurably(file, 'after');
    expect(readFileSync(file, 'utf8')).toBe('after');
  });

  it('keeps the old file where the new one can not be written', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'file');
    writeFileSync(file, 'old');
    await expect(writeDurably(join(folder, 'no-such-folder', 'file'), 'new')).rejects.toThrow();
    await expect(writeDurably(folder, 'new')).rejects.toThrow();
    expect(readFileSync(file, 'utf8')).toBe('old');
  });

  it('leaves one whole text and nothing beside it when it is written to by two at once', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'file');
    const texts = Array.from({ length: 8 }, (_, index) => String(index).repeat(50_000 + index));
    await Promise.all(texts.map((text) => writeDurably(file, text)));
    expect(texts).toContain(readFileSync(file, 'utf8'));
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it.skipIf(process.platform === 'win32')(
    'security: the file is its owner’s alone, whatever was left before',
    async () => {
      const folder = join(temporaryFolder(), 'a', 'b');
      await makePrivateFolder(folder);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      const file = join(folder, 'file');
      writeFileSync(file, 'old', { mode: 0o644 });
      writeFileSync(`${file}.new`, 'left by a crash', { mode: 0o644 });
      await writeDurably(file, 'new');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(existsSync(file)).toBe(true);
    },
  );
});
