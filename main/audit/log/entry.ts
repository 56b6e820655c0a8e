import { hash as digest } from 'node:crypto';
import { base64Of } from './base64.ts';
import { canonical } from './canonical.ts';

/** Of one log: `wardlight.org/audit/<UUID>`. */
export function originOf(logId: string): string {
  return `wardlight.org/audit/${logId}`;
}

const VERSION = 1;

/**
 * The text of an entry: canonical JSON (RFC 8785) of event, previous, seq and version, in this order. `previous` is the
 * running chain before it.
 */
export function leafOf({ seq, previous, event }: { seq: number; previous: Buffer; event: object }): string {
  return `${HEAD}${canonical(event)}${tailOf(seq, previous)}`;
}

const HEAD = '{"event":';

function tailOf(seq: number, previous: Buffer): string {
  return `,"previous":"${previous.toString('base64')}","seq":${seq},"version":${VERSION}}`;
}

/** Before the first entry of a log the chain is the hash of its origin. */
export function chainStart(origin: string): Buffer {
  return digest('sha256', origin, 'buffer');
}

/** The running chain with one entry more. */
export function chained(chain: Buffer, leafHash: Buffer): Buffer {
  return digest('sha256', Buffer.concat([chain, leafHash]), 'buffer');
}

/** Whether an entry says that it is at this place of this chain. */
export function isAtPlace(leaf: string, seq: number, previous: Buffer): boolean {
  return leaf.startsWith(`${HEAD}{`) && leaf.endsWith(`}${tailOf(seq, previous)}`);
}

const TAIL = /,"previous":"([A-Za-z0-9+/]{43}=)","seq":(0|[1-9][0-9]{0,15}),"version":1\}$/;

/** What an entry says of itself; null where it is none. */
export function readLeaf(leaf: string): { seq: number; previous: Buffer; event: string } | null {
  const tail = TAIL.exec(leaf.slice(-120));
  const previous = base64Of(tail?.[1] ?? '');
  if (!tail || !previous || !leaf.startsWith(`${HEAD}{`)) return null;
  return { seq: Number(tail[2]), previous, event: leaf.slice(HEAD.length, leaf.length - tail[0].length) };
}
