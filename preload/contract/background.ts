import * as z from 'zod';
import { fhirDateTime, fhirId, text } from './fhir.ts';
import { encrypted } from './section.ts';

/*
 * The parts of a chart's summary that stand behind its first ones: what was given, who cares, what is aimed at, and
 * where somebody comes from.
 */

/** What an Observation or a Consent says that belongs into the banner. */
export const stated = z.strictObject({
  id: fhirId,
  type: z.enum(['Observation', 'Consent']),
  warns: z.enum(['code-status', 'pregnancy']),
  text,
  date: fhirDateTime.nullable(),
  encrypted,
});
export type Stated = z.infer<typeof stated>;

export const immunization = z.strictObject({
  id: fhirId,
  vaccine: text,
  status: text,
  /** Why it was not given. */
  reason: text.nullable(),
  /** A date, or what was recorded in its place. */
  date: text.nullable(),
  /** Number in its series, such as `2`, and of how many. */
  dose: text.nullable(),
  series: text.nullable(),
  lot: text.nullable(),
  encrypted,
});
export type Immunization = z.infer<typeof immunization>;

export const contact = z.strictObject({
  kind: z.enum(['phone', 'pager', 'sms', 'email', 'fax', 'other']),
  value: text,
});
export type Contact = z.infer<typeof contact>;

export const careTeam = z.strictObject({
  id: fhirId,
  /** `general-practitioner` is what the Patient names, and no CareTeam. */
  kind: z.enum(['team', 'general-practitioner']),
  name: text.nullable(),
  members: z.array(z.strictObject({ name: text, role: text.nullable(), contacts: z.array(contact).max(10) })).max(50),
  encrypted,
});
export type CareTeamItem = z.infer<typeof careTeam>;

export const goal = z.strictObject({
  id: fhirId,
  text,
  status: text,
  achievement: text.nullable(),
  start: fhirDateTime.nullable(),
  due: fhirDateTime.nullable(),
  encrypted,
});
export type GoalItem = z.infer<typeof goal>;

export const carePlan = z.strictObject({
  id: fhirId,
  title: text,
  status: text,
  start: fhirDateTime.nullable(),
  end: fhirDateTime.nullable(),
  activities: z.array(text).max(10),
  encrypted,
});
export type CarePlanItem = z.infer<typeof carePlan>;

export const familyMember = z.strictObject({
  id: fhirId,
  relationship: text,
  status: text,
  deceased: z.boolean(),
  conditions: z.array(z.strictObject({ text, onset: text.nullable() })).max(20),
  encrypted,
});
export type FamilyMember = z.infer<typeof familyMember>;

export const device = z.strictObject({
  id: fhirId,
  name: text,
  status: text,
  lot: text.nullable(),
  serial: text.nullable(),
  /** As coded (NCI Thesaurus). `not-labelled`: the label says nothing; null: nothing is coded. */
  mri: z.enum(['safe', 'conditional', 'unsafe', 'not-labelled']).nullable(),
  encrypted,
});
export type DeviceItem = z.infer<typeof device>;
