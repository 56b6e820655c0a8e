import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call, event } from './channel.ts';
import { fhirDateTime, fhirId, instant, nothing, text } from './fhir.ts';
import { personName } from './names.ts';

/** `list`: the order of the list itself, by time of the appointment or the newest first. */
export const patientSort = z.enum(['name', 'location', 'age', 'updated', 'list']);
export type PatientSort = z.infer<typeof patientSort>;

const scopes = [
  z.strictObject({ list: z.literal('mine') }),
  /** Those who lie there: the first part of a location. */
  z.strictObject({ list: z.literal('ward'), ward: text }),
  /** Whose chart the clinician opened last on this workstation. */
  z.strictObject({ list: z.literal('recent') }),
  /** Of whom she has drafts, unsent changes or conflicts. */
  z.strictObject({ list: z.literal('unfinished') }),
] as const;

/** The lists that a clinician works from: of appointments those of today, whichever day that is by then. */
export const listScope = z.discriminatedUnion('list', [...scopes, z.strictObject({ list: z.literal('appointments') })]);
export type ListScope = z.infer<typeof listScope>;

/** A list as it is asked for. */
const askedScope = z.discriminatedUnion('list', [
  ...scopes,
  /** Who has an appointment that begins in that time: the page's own day. */
  z.strictObject({ list: z.literal('appointments'), from: instant, to: instant }),
]);
export type AskedScope = z.infer<typeof askedScope>;

/** A filter that the clinician keeps by a name. */
export const keptFilter = z.strictObject({
  name: z.string().min(1).max(60),
  scope: listScope,
  query: z.string().max(200),
  sort: patientSort,
  descending: z.boolean(),
});
export type KeptFilter = z.infer<typeof keptFilter>;
export const KEPT_FILTERS_MAX = 20;

export const sex = z.enum(['male', 'female', 'other', 'unknown']);

/**
 * What must be known of a record before anything else of it. `test`: nobody's; `merged`: replaced by another record;
 * `restricted`, `very-restricted` and `label-unknown`: by its confidentiality label, the last where it is no known one.
 */
export const patientMark = z.enum(['merged', 'test', 'very-restricted', 'restricted', 'label-unknown']);
export type PatientMark = z.infer<typeof patientMark>;

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
  /** Her next appointment of the day that was asked for, with what it is for. */
  appointment: z.strictObject({ start: instant, what: text.nullable(), status: text }).nullable(),
  /** Not as it was typed: her name sounds like it. */
  alike: z.boolean(),
  /** Somebody else on the same list could be taken for her, be it among the rows that were asked for or not. */
  similar: z.boolean(),
  /** The gravest first. */
  marks: z.array(patientMark).max(5),
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
        /** Absent: all of the clinician's patients. */
        scope: askedScope.optional(),
        query: z.string().max(200),
        sort: patientSort,
        descending: z.boolean(),
        offset: z.int().nonnegative(),
        limit: z.int().min(1).max(500),
      }),
      patientPage,
      [...auditErrors],
    ),
    /** How many are on each list, and the wards where somebody lies. */
    lists: call(
      z.strictObject({ from: instant, to: instant }),
      z.strictObject({
        mine: z.int().nonnegative(),
        wards: z.array(z.strictObject({ ward: text, count: z.int().positive() })).max(500),
        appointments: z.int().nonnegative(),
        recent: z.int().nonnegative(),
        unfinished: z.int().nonnegative(),
      }),
      [...auditErrors],
    ),
    filters: call(nothing, z.strictObject({ items: z.array(keptFilter).max(KEPT_FILTERS_MAX) })),
    /** Keeps a filter in place of the one of the same name. */
    keepFilter: call(z.strictObject({ filter: keptFilter }), nothing, ['too-many-filters']),
    dropFilter: call(z.strictObject({ name: z.string().min(1).max(60) }), nothing),
  },
  events: {
    /** Something in the cache changed; the page refetches what it shows. */
    changed: event(z.strictObject({ patients: z.union([z.literal('all'), z.array(fhirId).max(5_000)]) })),
  },
} as const;
