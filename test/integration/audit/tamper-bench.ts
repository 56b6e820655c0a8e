import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Anchor } from '../../../main/audit/checkpoints.ts';
import { exportLines } from '../../../main/audit/export/write.ts';
import { createAuditLog, type LogOperations, type OpenedLog } from '../../../main/audit/log.ts';
import type { WriteDb } from '../../../main/cache/open.ts';
import { storeErrorOf } from '../../../main/cache/store-error.ts';
import { openLogFile } from '../../support/audit.ts';
import { eventOf, NOW } from './support.ts';

export const SIZE = 300;
const MARKS = [100, 200, SIZE];
const time = new Date(NOW).toISOString();
export const DEVICE_SEED = 2;

/** What an attacker has before her: the files, the database's key and, where the attack says so, the keychain. */
export interface Victim {
  readonly file: string;
  /** The keychain. */
  anchor: Anchor | null;
  seed: number;
  key: number;
}

/** A log as the program has left it when it ended, and as it was earlier. */
export interface Base {
  readonly root: string;
  readonly now: Victim;
  /** The same when it had so many entries. */
  readonly then: ReadonlyMap<number, Victim>;
  /** The same log as the verifier is given it: what was delivered before anybody changed anything. */
  readonly delivered: readonly string[];
  readonly identity: OpenedLog;
  /** Another log of the same workstation, with the same keys. */
  readonly other: Victim;
}

const keyOf = (byte: number) => new Uint8Array(32).fill(byte);

export function openVictim({ file, anchor, seed, key }: Victim): { log: LogOperations; opened: OpenedLog | string } {
  const log: LogOperations = createAuditLog();
  const request = { file, anchor, key: keyOf(key), seed: keyOf(seed), damaged: false, nativeBinding: undefined };
  const opened = log.open({ ...request, logId: crypto.randomUUID(), time });
  return { log, opened: opened.ok ? opened.value : opened.error.code };
}

export async function append(log: LogOperations, from: number, to: number, offset = 0): Promise<Anchor> {
  await Promise.all(Array.from({ length: to - from }, (_, at) => log.append(eventOf(from + at + offset))));
  const signed = log.checkpoint({ time });
  if (!signed) throw new Error('nothing was signed');
  log.anchored({ size: signed.anchor.size });
  return signed.anchor;
}

export function copyVictim(root: string, from: Victim): Victim {
  const file = join(mkdtempSync(join(root, 'copy-')), 'audit.db');
  for (const part of ['', '-wal', '.kcv']) {
    if (existsSync(`${from.file}${part}`)) copyFileSync(`${from.file}${part}`, `${file}${part}`);
  }
  return { ...from, file };
}

export async function linesOf(log: LogOperations, identity: OpenedLog): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of exportLines({ reading: log, identity, filter: null })) lines.push(line);
  return lines;
}

async function build(root: string, name: string, then: Map<number, Victim>) {
  const victim: Victim = { file: join(root, name, 'audit.db'), anchor: null, seed: DEVICE_SEED, key: 1 };
  let lines: string[] = [];
  let identity: OpenedLog | null = null;
  for (const [at, mark] of MARKS.entries()) {
    const { log, opened } = openVictim(victim);
    if (typeof opened === 'string') throw new Error(opened);
    identity = opened;
    victim.anchor = await append(log, MARKS[at - 1] ?? 0, mark);
    lines = await linesOf(log, opened);
    log.close();
    then.set(mark, copyVictim(root, victim));
  }
  return { victim, lines, identity: identity as unknown as OpenedLog };
}

export async function buildBase(): Promise<Base> {
  const root = mkdtempSync(join(tmpdir(), 'wardlight-tamper-'));
  const then = new Map<number, Victim>();
  const { victim, lines, identity } = await build(root, 'log', then);
  const other = await build(root, 'other', new Map());
  return { root, now: victim, then, delivered: lines, identity, other: other.victim };
}

export function removeBase({ root }: Base): void {
  rmSync(root, { recursive: true, force: true });
}

/** Changes the file with its key in hand; what the program's triggers forbid is no hindrance. */
export function change(victim: Victim, work: (db: WriteDb) => void): void {
  const db = openLogFile(victim.file, keyOf(victim.key));
  const triggers = db.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all() as {
    name: string;
    sql: string;
  }[];
  db.pragma('synchronous = 0');
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  work(db);
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[];
  for (const { sql } of triggers) if (tables.includes(/ ON (\w+)/.exec(sql)?.[1] ?? '')) db.exec(sql);
  db.close();
}

/** What the program says of it at the next start, and what it finds when it goes through all of it. */
export function inspect(victim: Victim): { start: string[]; verification: string[]; setAside: boolean } {
  try {
    return look(victim);
  } catch (error) {
    // As main takes it: the log is set aside when it is opened the next time.
    if (storeErrorOf(error) !== 'cache-damaged') throw error;
    return { start: ['log-damaged'], verification: [], setAside: false };
  }
}

function look(victim: Victim): ReturnType<typeof inspect> {
  const { log, opened } = openVictim(victim);
  if (typeof opened === 'string') return { start: [opened], verification: [], setAside: false };
  const start = log.findings().map(({ code }) => code);
  let progress = log.verify({ anew: { anchor: victim.anchor } });
  while (!progress.done) progress = log.verify({ anew: null });
  const verification = log.findings().map(({ code }) => code);
  log.close();
  return { start, verification: verification.slice(start.length), setAside: opened.predecessor !== null };
}

/** All that a log's file holds. */
export function contentsOf({ file, key }: Victim): unknown {
  const db = openLogFile(file, keyOf(key));
  const tables = ['log', 'entry', 'about', 'agent', 'moment', 'kind', 'tile', 'checkpoint', 'finding'];
  const contents = tables.map((table) => db.prepare(`SELECT * FROM ${table}`).all());
  db.close();
  return contents;
}
