import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call } from './channel.ts';
import { keyErrors, keyServiceErrors } from './documents.ts';
import { fhirId } from './fhir.ts';

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
      /** Plain text, in the order of the record. */
      z.strictObject({ texts: z.array(z.string().max(2_000_000)).max(1_000) }),
      [
        'not-found',
        'field-damaged',
        'field-algorithm-refused',
        'field-context-mismatch',
        'field-not-recipient',
        ...keyErrors,
        ...keyServiceErrors,
        ...auditErrors,
      ],
    ),
  },
  events: {},
} as const;
