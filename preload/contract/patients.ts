import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call, event } from './channel.ts';
import { fhirDateTime, fhirId, instant, text } from './fhir.ts';
import { personName } from './names.ts';

export const patientSort = z.enum(['name', 'location', 'age', 'updated']);
export type PatientSort = z.infer<typeof patientSort>;

export const sex = z.enum(['male', 'female', 'other', 'unknown']);

export const patientRow = z.strictObject({
  id: fhirId,
  name: personName,
  birthDate: fhirDateTime.nullable(),
  deceased: z.union([z.boolean(), fhirDateTime]),
  sex,
  /** Medical record number: the identifier of type MR, else the first one. */
  mrn: text.nullable(),
  /** Ward and bed of the encounter in progress, or null where there is none. */
  location: text.nullable(),
  /** Newest server time among the patient's records in the cache. */
  lastUpdated: instant.nullable(),
});
export type PatientRow = z.infer<typeof patientRow>;

export const patientPage = z.strictObject({
  items: z.array(patientRow).max(500),
  /** Patients that match, and patients in the cache at all: zero of zero and zero of many read differently. */
  total: z.int().nonnegative(),
  panel: z.int().nonnegative(),
  /** Server time up to which the patient list is known; null when it was never fetched. */
  asOf: instant.nullable(),
  complete: z.boolean(),
});
export type PatientPage = z.infer<typeof patientPage>;

export const patients = {
  calls: {
    /** Rows `offset` to `offset + limit` of the clinician's patients whose name, identifier or location matches. */
    list: call(
      z.strictObject({
        query: z.string().max(200),
        sort: patientSort,
        descending: z.boolean(),
        offset: z.int().nonnegative(),
        limit: z.int().min(1).max(500),
      }),
      patientPage,
      [...auditErrors],
    ),
  },
  events: {
    /** Something in the cache changed; the page refetches what it shows. */
    changed: event(z.strictObject({ patients: z.union([z.literal('all'), z.array(fhirId).max(5_000)]) })),
  },
} as const;
