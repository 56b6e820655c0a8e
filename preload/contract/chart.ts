import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { carePlan, careTeam, device, familyMember, goal, immunization, stated } from './background.ts';
import { call } from './channel.ts';
import { fhirDateTime, fhirId, instant, pastMoment, text } from './fhir.ts';
import { patientRow } from './patients.ts';
import { encrypted, section, UNCUT, unsent } from './section.ts';

/** `versionId`: the version that is changed by who changes it; empty for a record that was never sent. */
const written = { versionId: text, unsent };

export * from './section.ts';

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
  /** As recorded: an allergy of the immune system, or an intolerance. */
  type: z.enum(['allergy', 'intolerance']).nullable(),
  category: z.array(text).max(10),
  reactions: z.array(z.strictObject({ manifestation: text, severity: text.nullable() })).max(20),
  recorded: fhirDateTime.nullable(),
  note: text.nullable(),
  encrypted,
  ...written,
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
  recorder: text.nullable(),
  /** What the banner says of it. A pregnancy only while it is recent (main/cache/views/safety.ts). */
  warns: z.enum(['code-status', 'pregnancy', 'infection']).nullable(),
  encrypted,
  ...written,
});
export type Problem = z.infer<typeof problem>;

export const medication = z.strictObject({
  id: fhirId,
  source: z.enum(['MedicationRequest', 'MedicationStatement']),
  drug: text,
  /** All that is said of how it is taken, for people: as written, else its parts. */
  dosage: text,
  /** The parts of its instructions, where they are coded (NHS CUI medication line). */
  doses: z.array(z.strictObject({ dose: text.nullable(), route: text.nullable(), frequency: text.nullable() })).max(10),
  /** `dosage` is in the words of who wrote it, and may say more than `doses`. */
  written: z.boolean(),
  asNeeded: z.boolean(),
  status: text,
  authored: fhirDateTime.nullable(),
  author: text.nullable(),
  /** When the server last changed the record. */
  changed: instant.nullable(),
  encrypted,
  ...written,
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
  /** Of HL7 v3 ActCode, for which the page has words. */
  classCode: text.nullable(),
  status: text,
  start: fhirDateTime.nullable(),
  end: fhirDateTime.nullable(),
  location: text.nullable(),
  reason: text.nullable(),
  /** Visit number, where one says that it is. */
  number: text.nullable(),
  /** Numbers that it had before, as they turned out to be others': labels with them are void. */
  voidNumbers: z.array(text).max(10),
  /** It was registered by Wardlight. */
  isOurs: z.boolean(),
  versionId: text,
  encrypted,
  unsent,
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
export const alert = z.strictObject({
  id: fhirId,
  text,
  category: text.nullable(),
  /** Since when. */
  since: fhirDateTime.nullable(),
  warns: z.enum(['code-status', 'infection']).nullable(),
  encrypted,
});
export type AlertItem = z.infer<typeof alert>;

export const chartSummary = z.strictObject({
  patient: patientRow.extend({
    identifiers: z.array(z.strictObject({ label: text, value: text })).max(20),
    encrypted,
    /** The record by which it was replaced (`Patient.link`), and whether that is on this workstation. */
    replacedBy: z.strictObject({ id: fhirId, here: z.boolean() }).nullable(),
  }),
  /** Oldest `asOf` of the sections down to `notes`: how old the chart is as a whole. Null if any was never fetched. */
  asOf: instant.nullable(),
  allergyStatement,
  allergies: section(allergy, UNCUT),
  /** Those of which the banner warns are among them, however many there are. */
  problems: section(problem, UNCUT),
  medications: section(medication),
  alerts: section(alert, UNCUT),
  vitals: section(observation),
  results: section(observation),
  encounters: section(encounter),
  notes: section(note),
  /** What observations and consents say that belongs into the banner. */
  stated: z.array(stated).max(UNCUT),
  immunizations: section(immunization),
  careTeam: section(careTeam),
  goals: section(goal),
  carePlans: section(carePlan),
  /** The newest value of each code. */
  social: section(observation),
  family: section(familyMember),
  devices: section(device, UNCUT),
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
