import { constants } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { backlog, type HealthReport, healthReport, STALE_SECONDS } from '../../preload/contract/health.ts';

/** What is known of a profile only while it is open, kept for when it isn't. */
const known = z.strictObject({
  schema: z.int().nonnegative().nullable(),
  lastSync: z.iso.datetime().nullable(),
  backlog: backlog.nullable(),
});
export type KnownProfile = z.infer<typeof known>;

export const NOTHING_KNOWN: KnownProfile = { schema: null, lastSync: null, backlog: null };

const kept = z.strictObject({
  version: z.literal(1),
  report: healthReport,
  profiles: z.record(z.uuid(), known),
  /** Id of the profile that is open. */
  open: z.uuid().nullable(),
});
/** How the program stood when it last said so; profiles by their ids, which the status itself doesn't tell. */
export type KeptStatus = z.infer<typeof kept>;

/** Folder of what is kept for health and support, in the folder of the program's data. */
export const supportFolder = (data: string) => join(data, 'health');
/** The status file for monitoring, and what this account alone knows beside it. */
export const statusFile = (data: string) => join(supportFolder(data), 'status.json');
const keptFile = (data: string) => join(supportFolder(data), 'kept.json');

/** Null where there is none, or none that can be read. */
export async function readKept(data: string): Promise<KeptStatus | null> {
  try {
    return kept.parse(JSON.parse(await readFile(keptFile(data), 'utf8')));
  } catch {
    return null;
  }
}

export async function writeKept(data: string, status: Omit<KeptStatus, 'version'>): Promise<void> {
  await replace(keptFile(data), JSON.stringify({ version: 1, ...status }), 0o600);
}

/** Whoever may enter the folder may read it: there is nothing in it that must not be read. */
export async function writeStatus(file: string, report: HealthReport): Promise<void> {
  await replace(file, `${JSON.stringify(report, null, 2)}\n`, 0o644);
}

/**
 * Puts a file in the place of another, whole: a reader has either. What it is written into first is made anew, so that
 * nobody can have it written elsewhere by a link. Not flushed: after a power cut it is too old in any case.
 */
async function replace(file: string, content: string, mode: number): Promise<void> {
  const beside = `${file}.new`;
  await rm(beside, { force: true });
  const handle = await open(beside, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, mode);
  try {
    // The account's mask must not take the status from those that it is written for.
    if (process.platform !== 'win32') await handle.chmod(mode);
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
  await rename(beside, file);
}

/**
 * Whether the program runs, by what it said last: it says so each minute, and when it ends. What it said before the computer
 * was started says nothing of now. Times in milliseconds.
 */
export function stateOf(last: HealthReport | null, now: number, bootedAt: number): HealthReport['program']['state'] {
  if (last === null) return 'never-started';
  const said = Date.parse(last.time);
  if (last.program.state !== 'running' || said < bootedAt) return 'stopped';
  return Math.abs(now - said) <= STALE_SECONDS * 1_000 ? 'running' : 'not-answering';
}
