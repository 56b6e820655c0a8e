import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call, event } from './channel.ts';
import { fhirId, instant, nothing, text } from './fhir.ts';
import { formAnswers, formReading } from './forms.ts';
import { personName } from './names.ts';
import { NOTE_MAX, noteKind } from './notes.ts';
import { vitalKind } from './results.ts';

/** Forms of the chart that have one draft each (preload/contract/charting.ts). */
const formType = z.enum([
  'AllergyIntolerance',
  'Condition',
  'MedicationStatement',
  'Task',
  'Immunization',
  'Encounter',
  'Specimen',
]);

/** What can be a draft: a note, a vital sign, a form of ours, or one of the organisation. */
const resourceType = z.enum(['DocumentReference', 'Observation', 'QuestionnaireResponse', ...formType.options]);
export type DraftType = z.infer<typeof resourceType>;

/** Which draft: of a record that is changed, or of a new one. */
const draftKey = z.strictObject({ patientId: fhirId, resourceType, resourceId: fhirId.nullable() });
export type DraftKey = z.infer<typeof draftKey>;

const about = {
  ...draftKey.shape,
  /** The version that was changed; empty for a new record, and for one that was never sent. */
  versionId: text,
  /** What it is, in a clinician's words. */
  title: text,
};

const note = { resourceType: z.literal('DocumentReference'), kind: noteKind, body: z.string().max(NOTE_MAX) };

/** Longest text that can be typed for a number. */
export const NUMBER_MAX = 20;
const typedNumber = z.string().max(NUMBER_MAX);

/** Number and unit as they stood in the form, a number or none yet. `diastolic` belongs to a blood pressure. */
const typedVital = z.strictObject({ value: typedNumber, diastolic: typedNumber.nullable(), unit: text });
export type TypedVital = z.infer<typeof typedVital>;

/** `kind` is null where a value is corrected: that one says what it is. */
const vital = { resourceType: z.literal('Observation'), kind: vitalKind.nullable(), body: typedVital };

/** Most fields of a form, and longest text of one. */
export const FIELDS_MAX = 120;
export const FIELD_MAX = 4_000;
/** The fields of a form as they stood in it, under names that are the form's own. */
const typedForm = z
  .record(z.string().max(60), z.string().max(FIELD_MAX))
  .refine((fields) => Object.keys(fields).length <= FIELDS_MAX);

const form = { resourceType: formType, kind: z.null(), body: typedForm };

/** Longest text by which a draft of an organisation's form is read. */
export const SAID_MAX = 20_000;
/** One of the organisation's forms, in the version that was shown, and what was typed as it reads. */
const filledForm = z.strictObject({
  formId: fhirId,
  formVersion: text,
  answers: formAnswers,
  said: z.string().max(SAID_MAX),
  /** Not there in drafts of before it was kept. */
  openedAt: formReading.optional(),
  /** What had been typed in another version of the form, as it read. */
  earlier: z.string().max(SAID_MAX).optional(),
});

const questionnaire = {
  resourceType: z.literal('QuestionnaireResponse'),
  kind: z.null(),
  body: filledForm,
};

/** Workstation time at which it was last typed in. */
const changedAt = instant;
const patient = personName;

const typed = z.discriminatedUnion('resourceType', [
  z.strictObject({ ...about, ...note }),
  z.strictObject({ ...about, ...vital }),
  z.strictObject({ ...about, ...form }),
  z.strictObject({ ...about, ...questionnaire }),
]);
/** What somebody has typed and not saved. It is no part of the record, and is never sent. */
export type DraftText = z.infer<typeof typed>;

export type Draft = DraftText & { readonly changedAt: string };

/** A note's text that is encrypted is no part of this: `open` gives it to who asks. */
const sealed = z.boolean();

export const draftItem = z.discriminatedUnion('resourceType', [
  z.strictObject({ ...about, ...note, changedAt, patient, sealed }),
  z.strictObject({ ...about, ...vital, changedAt, patient, sealed }),
  z.strictObject({ ...about, ...form, changedAt, patient, sealed }),
  z.strictObject({ ...about, ...questionnaire, changedAt, patient, sealed }),
]);
export type DraftItem = z.infer<typeof draftItem>;

/** A draft without what was typed. */
export const draftLine = z.strictObject({ ...about, changedAt, patient });
export type DraftLine = z.infer<typeof draftLine>;

const DRAFTS_MAX = 1_000;
const count = z.int().nonnegative();

export const drafts = {
  calls: {
    /** Keeps a draft in place of the one before; it is durable when this answers. */
    keep: call(typed, z.strictObject({ keptAt: instant }), [...auditErrors, 'disk-full', 'store-failed']),
    /** Gives a draft up, on a person's word. */
    drop: call(draftKey, nothing, [...auditErrors, 'disk-full', 'store-failed']),
    /**
     * Drafts of one type of record. `withheld`: those of records that may not be seen just now, or of which nothing
     * is known; they are kept.
     */
    ofPatient: call(
      z.strictObject({ patientId: fhirId, resourceType }),
      z.strictObject({ items: z.array(draftItem).max(DRAFTS_MAX), withheld: count }),
      [...auditErrors],
    ),
    /** The text of a note's draft that is encrypted, for who goes on with it; recorded before this answers. */
    open: call(draftKey, z.strictObject({ body: note.body }), ['not-found', ...auditErrors]),
    /** All of them. `hidden`: drafts for patients or of records that may not be seen just now; they are kept. */
    list: call(nothing, z.strictObject({ items: z.array(draftLine).max(DRAFTS_MAX), hidden: count }), [...auditErrors]),
    /** Everything that is typed has been handed over; answers `flush`. */
    flushed: call(nothing, nothing),
  },
  events: {
    /** Wardlight is about to lock or to close: whatever is typed and not kept is to be handed over now. */
    flush: event(nothing),
  },
} as const;
