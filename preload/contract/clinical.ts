import * as z from 'zod';
import { fhirId, text } from './fhir.ts';

/*
 * What forms of the chart are made of. Codes are those of R4's required value sets, or of the small lists that main
 * knows the codings of (main/writing/codes.ts).
 */

/** Longest name of a substance, problem, drug or vaccine, and of a short text beside it. */
export const NAME_MAX = 500;
/** Longest comment. */
export const COMMENT_MAX = 4_000;
export const REACTIONS_MAX = 20;
/** Longest section of a note. */
export const SOAP_MAX = 20_000;

/** What FHIR's texts can't hold: other white space than that of ASCII becomes a space, and control characters go. */
function plain(value: string): string {
  return value.replace(/[^\S \r\n\t]/g, ' ').replace(/(?![\r\n\t])\p{Cc}/gu, '');
}

const typed = z.string().overwrite(plain).trim();
export const shortText = typed.min(1).max(NAME_MAX);
export const comment = typed.min(1).max(COMMENT_MAX).nullable();
/** Why something is taken back, refuted, stopped or not done. */
export const why = typed.min(2).max(1_000);

export const coding = z.strictObject({
  system: z
    .string()
    .max(500)
    .regex(/^(?:https?:\/\/|urn:)\S+$/),
  /** R4 datatypes.html#code. */
  code: z
    .string()
    .max(200)
    .regex(/^[^\s]+(?:\s[^\s]+)*$/),
  display: shortText,
});
export type Coding = z.infer<typeof coding>;

/** As it was typed, with the coding that was chosen from those that `suggest` offered, if one was. */
export const named = z.strictObject({ text: shortText, coding: coding.nullable() });
export type Named = z.infer<typeof named>;

/** Year, month or day, as exactly as it is known (R4 datatypes.html#date). */
export const partialDate = z
  .string()
  .regex(/^(?:18|19|20|21)\d{2}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?$/)
  .refine(isDay);

function isDay(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return date.length < 10 || (!Number.isNaN(time) && new Date(time).toISOString().startsWith(date));
}

/** A day. */
export const day = partialDate.refine((date) => date.length === 10);

/** A number as it was typed: more than 0, the decimals kept. */
export const amount = z
  .string()
  .regex(/^\d{1,7}(?:\.\d{1,6})?$/)
  .refine((value) => Number(value) > 0);

export const allergyCategory = z.enum(['food', 'medication', 'environment', 'biologic']);
export const allergyCriticality = z.enum(['low', 'high', 'unable-to-assess']);
export const allergyCertainty = z.enum(['unconfirmed', 'confirmed']);
export const severity = z.enum(['mild', 'moderate', 'severe']);

export const newAllergy = z.strictObject({
  substance: named,
  category: z.array(allergyCategory).max(4),
  criticality: allergyCriticality.nullable(),
  verification: allergyCertainty,
  onset: partialDate.nullable(),
  reactions: z.array(z.strictObject({ manifestation: named, severity: severity.nullable() })).max(REACTIONS_MAX),
  note: comment,
});
export type NewAllergy = z.infer<typeof newAllergy>;

export const problemCertainty = z.enum(['unconfirmed', 'provisional', 'differential', 'confirmed']);
export const newProblem = z.strictObject({
  problem: named,
  verification: problemCertainty,
  severity: severity.nullable(),
  onset: partialDate.nullable(),
  note: comment,
});
export type NewProblem = z.infer<typeof newProblem>;

/** What becomes of a problem. `end` belongs to `resolve` and `inactivate`: when it was over. */
export const problemChange = z.strictObject({
  change: z.enum(['resolve', 'inactivate', 'reactivate']),
  end: partialDate.nullable(),
  reason: why.nullable(),
});
export type ProblemChange = z.infer<typeof problemChange>;

export const medicationRoute = z.enum([
  'oral',
  'sublingual',
  'inhalation',
  'nasal',
  'topical',
  'transdermal',
  'ocular',
  'rectal',
  'vaginal',
  'subcutaneous',
  'intramuscular',
  'intravenous',
]);
/** `times` in each `period` of the unit: 3 in 1 day. */
export const frequency = z.strictObject({
  times: z.int().min(1).max(48),
  period: z.int().min(1).max(365),
  unit: z.enum(['h', 'd', 'wk', 'mo']),
});
/** What a patient takes, by whatever it is known: R4 MedicationStatement. */
export const newMedication = z.strictObject({
  drug: named,
  /** `intended`: not begun yet. */
  status: z.enum(['active', 'intended', 'on-hold']),
  dose: z.strictObject({ value: amount, unit: typed.min(1).max(60) }).nullable(),
  route: medicationRoute.nullable(),
  frequency: frequency.nullable(),
  asNeeded: z.boolean(),
  /** What dose, route and frequency don't say. */
  instruction: shortText.nullable(),
  since: partialDate.nullable(),
  note: comment,
});
export type NewMedication = z.infer<typeof newMedication>;

export const taskPriority = z.enum(['routine', 'urgent', 'asap', 'stat']);
export const newTask = z.strictObject({
  title: shortText,
  /** Who is to do it; null: whoever of the team comes to it. */
  owner: z
    .strictObject({
      reference: z.string().regex(/^(?:Practitioner|PractitionerRole|CareTeam|Organization)\/[A-Za-z0-9\-.]{1,64}$/),
      display: shortText,
    })
    .nullable(),
  due: day.nullable(),
  priority: taskPriority,
  note: comment,
});
export type NewTask = z.infer<typeof newTask>;

/** Where a task can be brought; `cancelled`, `rejected`, `failed` and `on-hold` want a reason. */
export const taskStatus = z.enum([
  'accepted',
  'in-progress',
  'on-hold',
  'completed',
  'cancelled',
  'rejected',
  'failed',
]);
export type TaskStatus = z.infer<typeof taskStatus>;

export const immunizationSite = z.enum(['left-arm', 'right-arm', 'left-thigh', 'right-thigh']);
export const immunizationRoute = z.enum(['intramuscular', 'subcutaneous', 'intradermal', 'nasal', 'oral']);
export const newImmunization = z.strictObject({
  vaccine: named,
  /** Given now, or on an earlier day. For one that wasn't given: when it was to be. */
  occurrence: partialDate.nullable(),
  /** Null: it was given. */
  notDone: why.nullable(),
  lot: typed.min(1).max(60).nullable(),
  expiry: day.nullable(),
  site: immunizationSite.nullable(),
  route: immunizationRoute.nullable(),
  /** Millilitres. */
  dose: amount.nullable(),
  /** Which of a series. */
  doseNumber: z.int().min(1).max(20).nullable(),
  note: comment,
});
export type NewImmunization = z.infer<typeof newImmunization>;

/** The next number of this workstation, one that stands on paper already, or that of the rejected record that is corrected. */
const numberChoice = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('next') }),
  z.strictObject({ kind: z.literal('paper'), number: typed.min(1).max(60) }),
  z.strictObject({ kind: z.literal('kept') }),
]);
export type NumberChoice = z.infer<typeof numberChoice>;

/** v3-ActCode. */
export const visitClass = z.enum(['AMB', 'EMER', 'IMP', 'ACUTE', 'OBSENC', 'SS']);
export type VisitClass = z.infer<typeof visitClass>;
/** A visit that begins now, registered while the EHR can't. */
export const newVisit = z.strictObject({
  /** Null: the one that policy names. */
  class: visitClass.nullable(),
  reason: shortText.nullable(),
  number: numberChoice,
});
export type NewVisit = z.infer<typeof newVisit>;

/** Those of which main knows the coding; `other` wants words. */
export const specimenType = z.enum([
  'venous-blood',
  'arterial-blood',
  'capillary-blood',
  'blood-culture',
  'urine',
  'midstream-urine',
  'sputum',
  'stool',
  'csf',
  'wound-swab',
  'throat-swab',
  'nasopharyngeal-swab',
  'other',
]);
export const newSpecimen = z
  .strictObject({
    type: specimenType,
    /** What it is, where the list doesn't say it, or more closely. */
    text: shortText.nullable(),
    /** Null: now. */
    collected: z.iso.datetime({ offset: true }).nullable(),
    number: numberChoice,
  })
  .refine(({ type, text: words }) => type !== 'other' || words !== null);
export type NewSpecimen = z.infer<typeof newSpecimen>;

const part = typed.max(SOAP_MAX);
/** Subjective, objective, assessment, plan. One of them at least says something. */
export const soap = z
  .strictObject({ subjective: part, objective: part, assessment: part, plan: part })
  .refine((sections) => Object.values(sections).some((one) => one !== ''));
export type Soap = z.infer<typeof soap>;

/** Types of which a record can be taken back as entered in error. */
export const correctableType = z.enum([
  'AllergyIntolerance',
  'Condition',
  'MedicationStatement',
  'Task',
  'Immunization',
  'Appointment',
  'Observation',
  'DocumentReference',
  'QuestionnaireResponse',
  'Encounter',
  'Specimen',
]);
export type CorrectableType = z.infer<typeof correctableType>;

/** What can be done to a record that is there. */
export const deed = z.enum([
  'refute',
  ...problemChange.shape.change.options,
  'stop',
  ...taskStatus.options,
  'arrived',
  'checked-in',
  'entered-in-error',
]);
export type Deed = z.infer<typeof deed>;

/** What codings are looked for: each is of one element of one type of record. */
export const suggestKind = z.enum(['allergy', 'reaction', 'problem', 'medication', 'vaccine']);
export type SuggestKind = z.infer<typeof suggestKind>;

/** A record that is changed, in the version that was shown; empty for one that was never sent. */
export const changed = z.strictObject({ patientId: fhirId, id: fhirId, versionId: text });
