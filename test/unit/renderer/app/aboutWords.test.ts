import { expect, it } from 'vitest';
import { aboutWords } from '../../../../renderer/app/aboutWords.ts';

it('names the program and the runtime, and says when it is the stand-in', () => {
  const about = {
    version: '0.1.0',
    electron: '45.4.1',
    chromium: '140',
    developmentRuntime: false,
    remoteDebugging: false,
  };
  expect(aboutWords(about)).toBe('Wardlight 0.1.0 · Electron 45.4.1');
  expect(aboutWords({ ...about, developmentRuntime: true })).toContain('development runtime');
});
