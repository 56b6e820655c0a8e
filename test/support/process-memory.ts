import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { RunningApp } from './app.ts';
import { type Canary, matches } from './canaries.ts';

const CHUNK = 16 * 1024 * 1024;

interface Region {
  readonly start: number;
  readonly end: number;
}

/** What a process can write to, and may have written secrets to. */
function writableRegions(pid: number): Region[] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const [range = '', mode = ''] = line.split(/\s+/);
    const [start = Number.NaN, end = Number.NaN] = range.split('-').map((part) => Number.parseInt(part, 16));
    return mode.startsWith('rw') ? [{ start, end }] : [];
  });
}

/**
 * Names of the canaries that stand somewhere in a process's memory; null where the OS lets nobody but root look, as with
 * Chromium's sandboxed renderers.
 */
export function scanMemory(pid: number, canaries: readonly Canary[]): string[] | null {
  let memory: number;
  try {
    memory = openSync(`/proc/${pid}/mem`, 'r');
  } catch {
    return null;
  }
  const longest = Math.max(...canaries.flatMap(({ forms }) => forms.map((form) => form.length)));
  const found = new Set<string>();
  const buffer = Buffer.alloc(CHUNK + longest);
  try {
    for (const { start, end } of writableRegions(pid)) {
      // Overlapping, so that nothing is missed at a border.
      for (let at = start; at < end; at += CHUNK) {
        const length = Math.min(end - at, buffer.length);
        try {
          const read = readSync(memory, buffer, 0, length, at);
          for (const name of matches(buffer.subarray(0, read), canaries)) found.add(name);
        } catch {
          // Guard pages and memory of devices.
        }
      }
    }
  } finally {
    closeSync(memory);
  }
  return [...found];
}

/** Collects main's garbage twice: what the first leaves to finalizers goes with the second. */
export function collectMain({ app }: RunningApp): Promise<void> {
  return app.evaluate(async () => {
    const { setFlagsFromString } = process.getBuiltinModule('node:v8');
    const { runInNewContext } = process.getBuiltinModule('node:vm');
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    for (let round = 0; round < 2; round += 1) {
      collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
}
