import * as z from 'zod';

/*
 * What a formatted note or a narrative says, as blocks and runs of text: the page makes elements of its own of them, and
 * never sees the HTML (design rule 9).
 */

export const RICH_TEXT_MAX = 2_000_000;
export const BLOCKS_MAX = 20_000;
export const RUNS_MAX = 2_000;
export const LEVELS_MAX = 8;

/** `alt`: what stands for a picture that isn't shown. */
export const emphasis = z.enum(['strong', 'em', 'underline', 'deleted', 'marked', 'sub', 'sup', 'code', 'alt']);
export type Emphasis = z.infer<typeof emphasis>;

const run = z.strictObject({
  text: z.string().max(RICH_TEXT_MAX),
  as: z.array(emphasis).max(emphasis.options.length).optional(),
});
export type Run = z.infer<typeof run>;

const runs = z.array(run).max(RUNS_MAX);
/** How deep in lists and quotations. */
const level = z.int().min(0).max(LEVELS_MAX);
const span = z.int().min(1).max(100);

const cell = z.strictObject({ header: z.boolean(), columns: span, rows: span, runs });
export type Cell = z.infer<typeof cell>;

export const block = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('heading'), rank: z.int().min(1).max(6), runs }),
  z.strictObject({ kind: z.literal('text'), level, runs }),
  /** Lines as they were written. */
  z.strictObject({ kind: z.literal('lines'), level, runs }),
  /** `number`: of an ordered list. */
  z.strictObject({ kind: z.literal('item'), level, number: z.int().min(-99_999).max(99_999).nullable(), runs }),
  z.strictObject({ kind: z.literal('rule') }),
  z.strictObject({ kind: z.literal('table'), caption: runs, rows: z.array(z.array(cell).max(200)).max(10_000) }),
]);
export type Block = z.infer<typeof block>;

export const richText = z.strictObject({
  blocks: z.array(block).max(BLOCKS_MAX),
  /** Pictures and other things in it that aren't text. */
  omitted: z.int().nonnegative(),
  /** It goes on. */
  cut: z.boolean(),
});
export type RichText = z.infer<typeof richText>;
