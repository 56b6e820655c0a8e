import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call } from './channel.ts';
import { note } from './chart.ts';
import { fhirId, text } from './fhir.ts';
import { richText } from './rich.ts';

/** Longest note that can be written, in characters. */
export const NOTE_MAX = 100_000;

export const noteText = note.extend({
  /** Plain text; null where it is formatted, or the document is of a type that is not shown as text yet. */
  body: z.string().max(2_000_000).nullable(),
  /** What a note in HTML says; null for any other. */
  rich: richText.nullable(),
  contentType: z.string().max(200).nullable(),
  /**
   * The text is there, and no part of this answer. `encrypted`: it is opened when somebody asks (`sealed.reveal`);
   * `masked`: whoever has sent it has taken it out.
   */
  masked: z.enum(['encrypted', 'masked']).nullable(),
  /** The version on which an amendment is based; empty for a note that was never sent. */
  versionId: text,
  /** Somebody vouches for it (R4 documentreference.html#authenticator): it is added to, and never edited. */
  signed: z.boolean(),
});
export type NoteText = z.infer<typeof noteText>;

/** Kinds of note that can be written: LOINC document codes. */
export const noteKind = z.enum(['progress', 'nursing', 'consultation', 'telephone']);
export type NoteKind = z.infer<typeof noteKind>;

const body = z.string().trim().min(1).max(NOTE_MAX);
const written = z.strictObject({ noteId: fhirId });
/**
 * `fields-not-sealed`: something in it has to be encrypted, and this workstation doesn't have the keys for it yet;
 * `patient-merged`: the record was replaced by another one, into which it belongs.
 */
export const writeErrors = [
  ...auditErrors,
  'disk-full',
  'store-failed',
  'fields-not-sealed',
  'patient-merged',
] as const;

export const notes = {
  calls: {
    read: call(z.strictObject({ patientId: fhirId, noteId: fhirId }), noteText, ['not-found', ...auditErrors]),
    /** Keeps a new note in the outbox; it is durable when this answers. */
    create: call(z.strictObject({ patientId: fhirId, kind: noteKind, body }), written, writeErrors),
    /** Replaces the text of a note. `stale`: the note is another version than the one that was shown. */
    amend: call(z.strictObject({ patientId: fhirId, noteId: fhirId, versionId: text, body }), written, [
      'not-found',
      'not-amendable',
      'stale',
      ...writeErrors,
    ]),
  },
  events: {},
} as const;
