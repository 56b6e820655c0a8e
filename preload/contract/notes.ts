import * as z from 'zod';
import { call } from './channel.ts';
import { note } from './chart.ts';
import { fhirId } from './fhir.ts';

export const noteText = note.extend({
  /** Plain text. `body` is null where the document is of a type that is not shown as text yet. */
  body: z.string().max(2_000_000).nullable(),
  contentType: z.string().max(200).nullable(),
});
export type NoteText = z.infer<typeof noteText>;

export const notes = {
  calls: {
    read: call(z.strictObject({ patientId: fhirId, noteId: fhirId }), noteText, ['not-found', 'audit-unavailable']),
  },
  events: {},
} as const;
