import * as z from 'zod';
import { text } from './fhir.ts';

/** Place of an element within its resource, types of choices left out: `reaction.severity`, `onset`. */
const at = z.string().max(200);

/** A bit of what an element says. What people wrote is as they wrote it; the page has the words for the rest. */
export const saidBit = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text }),
  /** A code, and what the record itself calls it. */
  z.strictObject({ kind: z.literal('code'), at, code: text, text }),
  z.strictObject({ kind: z.literal('time'), time: text }),
  z.strictObject({ kind: z.literal('yes'), yes: z.boolean() }),
  /** What follows is what that element says. */
  z.strictObject({ kind: z.literal('name'), at }),
  /** A file of a media type, without its content. */
  z.strictObject({ kind: z.literal('file'), type: text }),
  z.strictObject({ kind: z.literal('hidden'), how: z.enum(['masked', 'encrypted']) }),
]);
export type SaidBit = z.infer<typeof saidBit>;

export const EXACT_MAX = 5;

/** A place in an element, and what stands there in each version, as JSON to the character: an excerpt where it is long. */
export const exactDifference = z.strictObject({
  at: z.string().max(200),
  base: text.nullable(),
  mine: text.nullable(),
  theirs: text.nullable(),
});
export type ExactDifference = z.infer<typeof exactDifference>;

export const BITS_MAX = 200;
export const ITEMS_MAX = 100;

/** One item of a list, or an element that is no list. */
export const saidItem = z.array(saidBit).max(BITS_MAX);
export type SaidItem = z.infer<typeof saidItem>;

/** All that an element says, item by item. */
export const saidItems = z.array(saidItem).max(ITEMS_MAX);
export type SaidItems = z.infer<typeof saidItems>;
