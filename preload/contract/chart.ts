import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call } from './channel.ts';
import { fhirDateTime, fhirId, instant, pastMoment, text } from './fhir.ts';
import { patientRow } from './patients.ts';

/**
 * What the cache knows of one kind of record for one patient (design rule 8).
 * `complete`: everything up to `asOf`; `partial`: some pages are missing; `not-fetched`: never asked;
 * `not-permitted`: the server or the token's scope refused the type.
 */
export const sectionState = z.enum(['complete', 'partial', 'not-fetched', 'not-permitted']);
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

/** What is known of a part of a patient's records, as far as it may be seen. */
export function section<Item extends z.ZodType>(item: Item, max = 200) {
  return z.strictObject({
    state: sectionState,
    asOf: instant.nullable(),
    deletionsUnknown,
    items: z.array(item).max(max),
    /** Records that exist in the cache; more than `items` where the list is capped. */
    total: z.int().nonnegative(),
    withheld,
  });
}

/**
 * What may be said of allergies when none is listed as active (design rule 7).
 * `none-known` and the narrower ones only ever come from a coded statement.
 */
export const allergyStatement = z.enum([
  'recorded',
  'none-known',
  'no-known-drug-allergy',
  'none-recorded',
  'not-fetched',
  'not-permitted',
  /** There are entries that aren't shown: they can be opened, or they can't. */
  'restricted',
  'partly-not-permitted',
]);
export type AllergyStatement = z.infer<typeof allergyStatement>;

export const allergy = z.strictObject({
  id: fhirId,
  substance: text,
  clinicalStatus: z.enum(['active', 'inactive', 'resolved', 'unknown']),
  verificationStatus: z.enum(['unconfirmed', 'confirmed', 'refuted', 'entered-in-error', 'unknown']),
  criticality: z.enum(['low', 'high', 'unable-to-assess', 'unknown']),
  category: z.array(text).max(10),
  reactions: z.array(z.strictObject({ manifestation: text, severity: text.nullable() })).max(20),
  recorded: fhirDateTime.nullable(),
  note: text.nullable(),
  encrypted,
});
export type Allergy = z.infer<typeof allergy>;

export const problem = z.strictObject({
  id: fhirId,
  text,
  clinicalStatus: text,
  verificationStatus: text,
  onset: fhirDateTime.nullable(),
  abatement: fhirDateTime.nullable(),
  recorded: fhirDateTime.nullable(),
  encrypted,
});
export type Problem = z.infer<typeof problem>;

export const medication = z.strictObject({
  id: fhirId,
  source: z.enum(['MedicationRequest', 'MedicationStatement']),
  drug: text,
  dosage: text,
  asNeeded: z.boolean(),
  status: text,
  authored: fhirDateTime.nullable(),
  author: text.nullable(),
  encrypted,
});
export type Medication = z.infer<typeof medication>;

/** Interpretation codes of HL7 v3 ObservationInterpretation that the page draws. */
export const flag = z.enum(['normal', 'low', 'high', 'critical-low', 'critical-high', 'abnormal']);
export type Flag = z.infer<typeof flag>;

export const observation = z.strictObject({
  id: fhirId,
  /** Key of the trend this value belongs to (`system|code`, or the text where it is not coded). */
  code: text,
  name: text,
  /** Value and unit as the server wrote them; decimals keep their digits (`4.50`). */
  value: text,
  unit: text.nullable(),
  flag: flag.nullable(),
  range: text.nullable(),
  effective: fhirDateTime.nullable(),
  status: text,
  /** The version on which a correction is based; empty for one that was never sent. */
  versionId: text,
  encrypted,
  unsent,
});
export type ObservationItem = z.infer<typeof observation>;

export const encounter = z.strictObject({
  id: fhirId,
  type: text,
  class: text,
  status: text,
  start: fhirDateTime.nullable(),
  end: fhirDateTime.nullable(),
  location: text.nullable(),
  reason: text.nullable(),
  encrypted,
});
export type EncounterItem = z.infer<typeof encounter>;

export const note = z.strictObject({
  id: fhirId,
  title: text,
  author: text.nullable(),
  date: fhirDateTime.nullable(),
  status: text,
  encrypted,
  unsent,
});
export type NoteItem = z.infer<typeof note>;

/** Active alerts of the patient (FHIR Flag), such as code status or infection control. */
export const alert = z.strictObject({ id: fhirId, text, category: text.nullable(), encrypted });

export const chartSummary = z.strictObject({
  patient: patientRow.extend({
    identifiers: z.array(z.strictObject({ label: text, value: text })).max(20),
    encrypted,
  }),
  /** Oldest `asOf` of the sections below: how old the chart is as a whole. Null if any was never fetched. */
  asOf: instant.nullable(),
  allergyStatement,
  allergies: section(allergy),
  problems: section(problem),
  medications: section(medication),
  alerts: section(alert),
  vitals: section(observation),
  results: section(observation),
  encounters: section(encounter),
  notes: section(note),
});
export type ChartSummary = z.infer<typeof chartSummary>;

export const chart = {
  calls: {
    /** The whole summary in one round trip. The access is decided and recorded before anything is returned. */
    read: call(z.strictObject({ patientId: fhirId, asOf: pastMoment.optional() }), chartSummary, [
      'not-found',
      ...auditErrors,
    ]),
  },
  events: {},
} as const;
