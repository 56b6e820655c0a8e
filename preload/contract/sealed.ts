import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call } from './channel.ts';
import { keyErrors, keyServiceErrors } from './documents.ts';
import { fhirId } from './fhir.ts';
import { changeId } from './sync.ts';

/** Plain text, in the order of the record. */
const texts = z.strictObject({ texts: z.array(z.string().max(2_000_000)).max(1_000) });

const errors = [
  'not-found',
  'field-damaged',
  'field-algorithm-refused',
  'field-context-mismatch',
  'field-not-recipient',
  ...keyErrors,
  ...keyServiceErrors,
  ...auditErrors,
] as const;

/** Fields that are encrypted within a record, and masked in every view of it. */
export const sealed = {
  calls: {
    /** Opens the fields at a path of one record for the view that asks; each is recorded before this answers. */
    reveal: call(
      z.strictObject({
        patientId: fhirId,
        type: z.string().regex(/^[A-Z][A-Za-z]{1,63}$/),
        id: fhirId,
        path: z
          .string()
          .max(200)
          .regex(/^[a-zA-Z]+(\.[a-zA-Z]+){0,7}$/),
      }),
      texts,
      errors,
    ),
    /** The same for an element of one version of a record that was changed here and on the server. */
    revealConflict: call(
      z.strictObject({
        changeId,
        side: z.enum(['base', 'mine', 'theirs']),
        path: z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/),
      }),
      texts,
      errors,
    ),
  },
  events: {},
} as const;
