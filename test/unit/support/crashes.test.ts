import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { countCrashes, createCrashes, readCrashes } from '../../../main/support/crashes.ts';
import type { Crash } from '../../../preload/contract/health.ts';

const NOW = Date.parse('2026-11-26T03:01:00Z');
let data: string;
let now: number;
const told: Crash[] = [];
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'wl-crashes-'));
  now = NOW;
  told.length = 0;
});
const create = () => createCrashes({ data, version: '0.1.0', now: () => now, onCrash: (one) => told.push(one) });
const file = () => join(data, 'health', 'crashes.jsonl');

it('are on disk at once, with process, code, exit, version and time, and nothing else', () => {
  create().record('cache', 'crashed', { exit: 11 });
  const one = { time: '2026-11-26T03:01:00.000Z', process: 'cache', code: 'crashed', version: '0.1.0', exit: 11 };
  expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual(one);
  expect(told).toEqual([one]);
  if (process.platform !== 'win32') expect(statSync(file()).mode & 0o777).toBe(0o600);
});

it('security: a line of anything else is no crash, and is told to nobody', () => {
  mkdirSync(join(data, 'health'));
  const one = { time: '2026-11-26T03:01:00.000Z', process: 'page', code: 'crashed', version: '0.1.0', exit: null };
  const lines = [
    one,
    { ...one, message: 'Amara Nwosu' },
    { ...one, process: 'Amara Nwosu' },
    { ...one, version: 'a b' },
  ];
  writeFileSync(file(), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"time":\n`);
  expect(readCrashes(data)).toEqual([one]);
});

it('are counted by day and month, with the last one', () => {
  const crashes = create();
  for (const daysAgo of [40, 20, 0.5]) {
    now = NOW - daysAgo * 24 * 60 * 60_000;
    crashes.record('page', 'out-of-memory');
  }
  expect(countCrashes(readCrashes(data), NOW)).toMatchObject({ lastDay: 1, lastMonth: 2, last: { process: 'page' } });
});

it('are no more than a few hundred after a start, the newest', () => {
  const crashes = create();
  for (let at = 0; at < 250; at += 1) crashes.record('page', 'crashed', { exit: at });
  create();
  const kept = readCrashes(data);
  expect(kept).toHaveLength(200);
  expect(kept.at(-1)?.exit).toBe(249);
});

it('end nothing where they can’t be written', () => {
  writeFileSync(join(data, 'health'), 'a file in the place of the folder');
  create().record('main', 'exception');
  expect(told).toHaveLength(1);
  expect(readCrashes(data)).toEqual([]);
});
