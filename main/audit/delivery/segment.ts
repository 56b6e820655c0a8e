import type { SegmentHeader } from '../export/format.ts';

/*
 * A part of the log in the clear: NDJSON, first the header, then one entry a line. With the public key of its log alone
 * it can be verified (`export/check.ts`).
 */

/** A segment as text. */
export function segmentText(header: SegmentHeader, leaves: readonly string[]): string {
  return `${[JSON.stringify(header), ...leaves].join('\n')}\n`;
}

const DIGITS = 12;

/** The name of a segment wherever it is kept; the same whenever it is brought. */
export function segmentName(origin: string, first: number, end: number): string {
  const id = origin.slice(origin.lastIndexOf('/') + 1);
  const padded = (number: number) => String(number).padStart(DIGITS, '0');
  return `audit/${id}/${padded(first)}-${padded(end)}.jwe`;
}
