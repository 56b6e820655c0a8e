import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call, event } from './channel.ts';
import { fhirId, instant, nothing, text } from './fhir.ts';
import { personName } from './names.ts';
import { NOTE_MAX, noteKind } from './notes.ts';

/** Which draft: of a note that is amended, or of a new one. */
const key = { patientId: fhirId, noteId: fhirId.nullable() };

/** Text that somebody has typed and not saved. It is no part of the record, and is never sent. */
export const draft = z.strictObject({
  ...key,
  kind: noteKind,
  /** The version that was amended; empty for a new note, and for one that was never sent. */
  versionId: text,
  /** What it is, in a clinician's words. */
  title: text,
  body: z.string().max(NOTE_MAX),
  /** Workstation time at which it was last typed in. */
  changedAt: instant,
});
export type Draft = z.infer<typeof draft>;

export const draftItem = draft.extend({ patient: personName });
export type DraftItem = z.infer<typeof draftItem>;

/** A draft without its text. */
export const draftLine = draftItem.omit({ body: true });
export type DraftLine = z.infer<typeof draftLine>;

const DRAFTS_MAX = 1_000;
const count = z.int().nonnegative();

export const drafts = {
  calls: {
    /** Keeps a draft in place of the one before; it is durable when this answers. */
    keep: call(draft.omit({ changedAt: true }), z.strictObject({ keptAt: instant }), [
      ...auditErrors,
      'disk-full',
      'store-failed',
    ]),
    /** Gives a draft up, on a person's word. */
    drop: call(z.strictObject(key), nothing, [...auditErrors, 'disk-full', 'store-failed']),
    /** `withheld`: drafts of notes that may not be seen just now, or of which nothing is known; they are kept. */
    ofPatient: call(
      z.strictObject({ patientId: fhirId }),
      z.strictObject({ items: z.array(draftItem).max(DRAFTS_MAX), withheld: count }),
      [...auditErrors],
    ),
    /** All of them. `hidden`: drafts for patients or of notes that may not be seen just now; they are kept. */
    list: call(nothing, z.strictObject({ items: z.array(draftLine).max(DRAFTS_MAX), hidden: count }), [...auditErrors]),
    /** Everything that is typed has been handed over; answers `flush`. */
    flushed: call(nothing, nothing),
  },
  events: {
    /** Wardlight is about to lock or to close: whatever is typed and not kept is to be handed over now. */
    flush: event(nothing),
  },
} as const;
