import { open } from 'node:fs/promises';
import * as z from 'zod';
import { healthCode, healthVersion } from '../../preload/contract/health.ts';
import { contract } from '../../preload/contract/index.ts';
import { jsonOf } from './crashes.ts';

/** Of all days together: what is older is left out. */
const TAIL_BYTES = 1_000_000;

const count = z.int().nonnegative();
const word = z.string().regex(/^[a-z][A-Za-z]{0,39}$/);

/** A line as the program writes it. What is anything else is left out as a whole, as nobody knows what it is. */
const logLine = z
  .strictObject({
    level: z.int().min(10).max(60),
    time: z.iso.datetime(),
    event: z.string().regex(/^[a-z][a-z-]{0,39}(?:\.[a-z][a-z-]{0,39}){0,3}$/),
    code: healthCode.optional(),
    feature: word.optional(),
    name: word.optional(),
    ms: count.optional(),
    count: count.optional(),
    status: count.optional(),
    version: healthVersion.optional(),
  })
  .refine(({ feature, name }) => feature === undefined || isCall(feature, name));
export type LogLine = z.infer<typeof logLine>;

/** The names of calls are those of the contract, and no others. */
function isCall(feature: string, name = ''): boolean {
  const calls = Object.hasOwn(contract, feature) ? contract[feature as keyof typeof contract].calls : {};
  return Object.hasOwn(calls, name);
}

export interface ReadLog {
  readonly lines: readonly LogLine[];
  /** Lines that are none of the program's. */
  readonly leftOut: number;
}

/** The newest lines of a log, oldest first. `files`: of the days before and of today, the newest last. */
export async function readLog(files: readonly string[]): Promise<ReadLog> {
  const texts: string[] = [];
  let room = TAIL_BYTES;
  for (const file of files.toReversed()) {
    const text = await tailOf(file, room);
    texts.unshift(text);
    room -= Buffer.byteLength(text);
    if (room <= 0) break;
  }
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
  const parsed = lines.map((line) => logLine.safeParse(jsonOf(line)));
  const good = parsed.flatMap((one) => (one.success ? [one.data] : []));
  return { lines: good, leftOut: parsed.length - good.length };
}

/** The last lines that are whole, so many bytes at most; nothing where there is no file. */
async function tailOf(file: string, most: number): Promise<string> {
  const handle = await open(file, 'r').catch(() => null);
  if (!handle) return '';
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - most);
    const bytes = Buffer.alloc(size - start);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    const text = bytes.subarray(0, bytesRead).toString('utf8');
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await handle.close();
  }
}

/** What was warned of: each event with its code once, how often, and when first and last. */
export function problemsIn(lines: readonly LogLine[]) {
  const found = new Map<string, { event: string; code: string | null; count: number; first: string; last: string }>();
  for (const { level, event, code = null, time } of lines) {
    if (level < 40) continue;
    const key = `${event} ${code}`;
    const before = found.get(key) ?? { event, code, count: 0, first: time, last: time };
    found.set(key, { ...before, count: before.count + 1, last: time });
  }
  return [...found.values()];
}

/** What the page asked for: how often, with which outcomes, and the longest time in milliseconds. */
export function callsIn(lines: readonly LogLine[]) {
  const found = new Map<string, { call: string; count: number; slowestMs: number; codes: Record<string, number> }>();
  for (const { event, feature, name, code = 'ok', ms = 0 } of lines) {
    if (event !== 'call' || feature === undefined) continue;
    const call = `${feature}.${name}`;
    const one = found.get(call) ?? { call, count: 0, slowestMs: 0, codes: {} };
    found.set(call, {
      call,
      count: one.count + 1,
      slowestMs: Math.max(one.slowestMs, ms),
      codes: { ...one.codes, [code]: (one.codes[code] ?? 0) + 1 },
    });
  }
  return [...found.values()].sort((left, right) => left.call.localeCompare(right.call));
}
