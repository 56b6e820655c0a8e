import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { RunningApp } from './app.ts';
import { type Canary, matches } from './canaries.ts';

const CHUNK = 16 * 1024 * 1024;

const PAGE = 4_096;
/** Bits 63 and 62 of a page's entry: in memory, or swapped out (proc_pid_pagemap(5)); here those of its upper half. */
const HELD = 0xc000_0000;
/** So many pages that hold nothing are read along rather than divide what is read. */
const GAP = 32 * PAGE;

interface Region {
  readonly start: number;
  readonly end: number;
  /** With other processes: what is in it needn't be in this one's table of pages. */
  readonly isShared: boolean;
}

/** What a process can write to, and may have written secrets to. */
function writableRegions(pid: number): Region[] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const [range = '', mode = ''] = line.split(/\s+/);
    const [start = Number.NaN, end = Number.NaN] = range.split('-').map((part) => Number.parseInt(part, 16));
    return mode.startsWith('rw') ? [{ start, end, isShared: mode.endsWith('s') }] : [];
  });
}

/**
 * The parts of a region that hold something. What a process has set aside and never written to reads as zeros, and is
 * nine tenths and more of what those of Electron can write to.
 */
function heldParts(pageMap: number, region: Region): { start: number; end: number }[] {
  const { start, end, isShared } = region;
  if (isShared) return [region];
  const entries = Buffer.alloc(((end - start) / PAGE) * 8);
  const read = readSync(pageMap, entries, 0, entries.length, (start / PAGE) * 8);
  // None of a region that is gone by now, or that has no pages, such as that of a device.
  const parts: { start: number; end: number }[] = [];
  for (let at = 0; at < read; at += 8) {
    if ((entries.readUInt32LE(at + 4) & HELD) === 0) continue;
    const page = start + (at / 8) * PAGE;
    const last = parts.at(-1);
    if (last && page - last.end <= GAP) last.end = page + PAGE;
    else parts.push({ start: page, end: page + PAGE });
  }
  return parts;
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
  const pageMap = openSync(`/proc/${pid}/pagemap`, 'r');
  const longest = Math.max(...canaries.flatMap(({ forms }) => forms.map((form) => form.length)));
  const found = new Set<string>();
  const buffer = Buffer.alloc(CHUNK + longest);
  try {
    for (const { start, end } of writableRegions(pid).flatMap((region) => heldParts(pageMap, region))) {
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
    closeSync(pageMap);
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
