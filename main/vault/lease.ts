import * as z from 'zod';
import type { LeaseError } from '../../preload/contract/session.ts';

/** How long a profile opens without its server, and what is kept after that. */
export interface LeaseTerms {
  readonly offlineMs: number;
  readonly graceMs: number;
  /** How long it is told on the screen, at least, before the keys are destroyed. */
  readonly noticeMs: number;
  /** By how much the clock may be behind the time that must have passed before it counts as set back. */
  readonly toleranceMs: number;
}

/** The workstation's clock, which can be set, and the time since it was started, which can't. */
export interface LeaseClocks {
  wall(): number;
  uptime(): number;
}

/** All times in milliseconds; `until` and `seen` by the server's clock. */
export const leaseRecord = z.strictObject({
  version: z.literal(1),
  until: z.number(),
  /** The latest time that was ever seen: time doesn't go back behind it. */
  seen: z.number(),
  /** Time since the start of the computer when that was. */
  uptime: z.number().nonnegative(),
  /** The server's clock minus the workstation's at the last contact. */
  offset: z.number(),
  /** How long it has been told that the keys will be destroyed. */
  noticed: z.number().nonnegative(),
  destroyed: z.boolean(),
});
export type LeaseRecord = z.infer<typeof leaseRecord>;

/** What the clock of a server says by now that told a time when the computer had been running for `uptime`. */
export function serverTimeNow(told: { serverTime: number; uptime: number }, { uptime }: LeaseClocks): number {
  return told.serverTime + Math.max(0, uptime() - told.uptime);
}

/** A contact with the server begins the lease anew, whatever the workstation's clock said before. */
export function granted(serverTime: number, clocks: LeaseClocks, { offlineMs }: LeaseTerms): LeaseRecord {
  return {
    version: 1,
    until: serverTime + offlineMs,
    seen: serverTime,
    uptime: clocks.uptime(),
    offset: serverTime - clocks.wall(),
    noticed: 0,
    destroyed: false,
  };
}

/**
 * Time that has passed for certain since the record was written. After a restart only the time since then is certain;
 * without one the difference is, so that each is a lower bound.
 */
function elapsed(record: LeaseRecord, clocks: LeaseClocks): number {
  const uptime = clocks.uptime();
  return uptime >= record.uptime ? uptime - record.uptime : uptime;
}

const shown = (record: LeaseRecord, clocks: LeaseClocks) => clocks.wall() + record.offset;
const certain = (record: LeaseRecord, clocks: LeaseClocks) => record.seen + elapsed(record, clocks);

/** The time by the server's clock: never earlier than it must be. */
export function leaseTime(record: LeaseRecord, clocks: LeaseClocks): number {
  return Math.max(shown(record, clocks), certain(record, clocks));
}

/** Why the profile can't be opened without its server; null where it can. No record is no lease. */
export function leaseProblem(record: LeaseRecord | null, clocks: LeaseClocks, terms: LeaseTerms): LeaseError | null {
  if (!record) return 'lease-expired';
  if (record.destroyed) return 'lease-destroyed';
  if (isPastGrace(record, clocks, terms)) return 'lease-overdue';
  if (leaseTime(record, clocks) > record.until) return 'lease-expired';
  // How long the computer was off is not known: a clock that is behind may hide any time.
  return shown(record, clocks) < certain(record, clocks) - terms.toleranceMs ? 'lease-clock' : null;
}

/** By the clock as it stands, so that one that was far ahead and is set right destroys nothing. */
function isPastGrace(record: LeaseRecord, clocks: LeaseClocks, { graceMs }: LeaseTerms): boolean {
  return shown(record, clocks) > record.until + graceMs;
}

/** What was told while the computer slept or Wardlight didn't run was told to nobody: one look counts for no more. */
const TOLD_MS = 60_000;

/** The record some time later. The notice begins anew when the clock no longer says that the grace is over. */
export function aged(record: LeaseRecord, clocks: LeaseClocks, terms: LeaseTerms): LeaseRecord {
  const noticed = isPastGrace(record, clocks, terms) ? record.noticed + Math.min(elapsed(record, clocks), TOLD_MS) : 0;
  return { ...record, seen: leaseTime(record, clocks), uptime: clocks.uptime(), noticed };
}

/** The grace is over, and it was told for long enough. */
export function isDue(record: LeaseRecord, clocks: LeaseClocks, terms: LeaseTerms): boolean {
  return !record.destroyed && isPastGrace(record, clocks, terms) && record.noticed >= terms.noticeMs;
}
