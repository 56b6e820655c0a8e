import * as z from 'zod';
import { instant } from './fhir.ts';

/**
 * What the cache knows of one kind of record for one patient (design rule 8).
 * `complete`: everything up to `asOf`; `partial`: some pages are missing; `not-fetched`: never asked;
 * `not-permitted`: the server or the token's scope refused the type; `not-kept`: machine policy leaves it out of the cache.
 */
export const sectionState = z.enum(['complete', 'partial', 'not-fetched', 'not-permitted', 'not-kept']);
export type SectionState = z.infer<typeof sectionState>;

/** The server tells nothing of what was deleted of the section: what is listed may be gone there (decision 10). */
export const deletionsUnknown = z.boolean();

/** What an unsent change of the record is waiting for; null where the record is as the server has it. */
export const unsent = z.enum(['waiting', 'conflict', 'parked']).nullable();
export type Unsent = z.infer<typeof unsent>;

/**
 * What access withholds of a section. `restricted`: entries are there that can be opened by stating a purpose, or by
 * emergency access only. `denied`: entries are there that can't be opened; told only where an absence is acted upon.
 */
export const withheld = z.strictObject({
  restricted: z.enum(['purpose', 'emergency']).nullable(),
  denied: z.boolean(),
});
export type Withheld = z.infer<typeof withheld>;

/** Paths of what is encrypted within a record, and opened when somebody asks (`sealed.reveal`). */
export const encrypted = z.array(z.string().max(200)).max(20);

/** More than any chart has: what a decision about safety hangs on is never cut. */
export const UNCUT = 1_000;

/** What is known of a part of a patient's records, as far as it may be seen. */
export function section<Item extends z.ZodType>(item: Item, max = 200) {
  return z.strictObject({
    state: sectionState,
    asOf: instant.nullable(),
    deletionsUnknown,
    items: z.array(item).max(max),
    /** Records that exist in the cache; more than `items` where the list is capped. */
    total: z.int().nonnegative(),
    /** The year to which those go back that are not in `items`; null where none is left out, or none has a date. */
    omittedSince: z
      .string()
      .regex(/^\d{4}$/)
      .nullable(),
    withheld,
  });
}
