import * as z from 'zod';

/* What leaves a log: whole exports, exports of selected entries, and the sealed segments that are delivered. */

const count = z.int().min(0);
const hash = z.string().length(44);
const origin = z.string().regex(/^wardlight\.org\/audit\/[0-9a-f-]{36}$/);
const note = z.string().max(2_000);
/** A tree of as many entries as there can be is not higher. */
const proof = z.array(hash).max(64);

export const exportHeader = z.strictObject({
  format: z.literal('wardlight-audit-export'),
  version: z.literal(1),
  origin,
  /** As the workstation says; what is verified by comes from elsewhere. */
  vkey: z.string().max(300),
  checkpoint: note,
  size: count,
  content: z.enum(['all', 'selected']),
});
export type ExportHeader = z.infer<typeof exportHeader>;

export const segmentHeader = z.strictObject({
  format: z.literal('wardlight-audit-segment'),
  version: z.literal(1),
  origin,
  /** Entries from `first` to before `end`. */
  first: count,
  end: count,
  checkpoint: note,
  /** That the segment before is the beginning of what this one ends. */
  consistency: proof,
  /** The full subtrees before `first`: with the entries they give the root of the checkpoint. */
  inclusion: proof,
});
export type SegmentHeader = z.infer<typeof segmentHeader>;

export const selectedLine = z.strictObject({ seq: count, leaf: z.string().max(1_000_000), proof });
export type SelectedLine = z.infer<typeof selectedLine>;

export const fileHeader = z.discriminatedUnion('format', [exportHeader, segmentHeader]);
export type FileHeader = z.infer<typeof fileHeader>;
