import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { state } from './setup/places.mjs';

/**
 * The Electron that set-up has found.
 * @returns {{ kind: 'official' | 'fallback', version: string, executable: string }}
 */
export function findRuntime() {
  const file = join(state, 'runtime.json');
  if (!existsSync(file)) throw new Error('Run `node build/setup.mjs` first.');
  return JSON.parse(readFileSync(file, 'utf8'));
}
