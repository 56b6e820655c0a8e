import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call } from './channel.ts';
import { fhirId, text } from './fhir.ts';

/*
 * Forms of the organisation (FHIR Questionnaire, SDC). The page draws lines and hands over what is typed in them; what is
 * shown, worked out and wrong is for main to say, by the same rules by which the answers are checked when they are saved.
 */

/** Longest text of a question, and of an answer. */
export const FORM_TEXT_MAX = 4_000;
/** Most lines of a form, with those at which rows are added, and most answers. */
const LINES_MAX = 4_000;
const ANSWERS_MAX = 4_000;
const longText = z.string().max(FORM_TEXT_MAX);
const key = z.string().min(1).max(400);

/**
 * What stands in a form, by the key of its line: text as it was typed, `true` or `false`, the keys of what was chosen.
 * `unit:` before the key is the unit that was chosen, `other:` what was typed beside a list, `rows:` how often it is there.
 */
export const formAnswers = z.record(key, longText).refine((answers) => Object.keys(answers).length <= ANSWERS_MAX);
export type FormAnswers = z.infer<typeof formAnswers>;

/**
 * A reading of the workstation's clock with its offset: the one by which all of a form goes, from its opening to its record.
 * `now()` and `today()` tell it, and how far back is looked is counted from it.
 */
export const formReading = z.iso.datetime({ offset: true }).max(40);

/** Why a form can't be used as a whole. */
export const formFailures = [
  'form-malformed',
  'form-too-large',
  'form-not-understood',
  'form-cycle',
  'form-unsettled',
  'form-too-slow',
  'form-failed',
] as const;
export type FormFailure = (typeof formFailures)[number];

/** Why a question can't be answered here; it is shown with that. */
const cannot = z.enum(['attachment', 'list-elsewhere', 'calls-for-more']);
export type Cannot = z.infer<typeof cannot>;

/**
 * Why something that a form takes from the record isn't known here, which is never the same as there being none.
 * `not-permitted`: the records may not be seen, or not all of them; `not-synced`: not all of them are on this workstation;
 * `not-offline`: it can't be asked of a workstation; `not-usable`: it is there, and can't be given to the question;
 * `follows`: it would be worked out of something that isn't known.
 */
export const formUnknown = z.enum(['not-permitted', 'not-synced', 'not-offline', 'not-usable', 'follows']);
export type FormUnknown = z.infer<typeof formUnknown>;

export const formItem = z.strictObject({
  linkId: text,
  kind: z.enum([
    'group',
    'display',
    'boolean',
    'decimal',
    'integer',
    'date',
    'dateTime',
    'time',
    'string',
    'text',
    'url',
    'choice',
    'quantity',
    'reference',
  ]),
  /** With its number or letter. */
  text: longText,
  depth: z.int().nonnegative(),
  required: z.boolean(),
  /** `given`: it says what the form says; `calculated`: what follows from other answers. */
  locked: z.enum(['given', 'calculated']).nullable(),
  cannot: cannot.nullable(),
  options: z.array(z.strictObject({ key: text, words: longText })).max(1_000),
  /** More than one can be chosen; something else can be typed. */
  several: z.boolean(),
  other: z.boolean(),
  /** Words of the units; one: it is that. */
  units: z.array(text).max(100),
  longest: z.int().positive().max(FORM_TEXT_MAX),
  hint: text.nullable(),
});
export type FormItem = z.infer<typeof formItem>;

/** What is wrong with an answer; `limit` is what it had to keep to, or what the form says of it. */
export const formFault = z.strictObject({
  code: z.enum([
    'required',
    'too-few',
    'too-many',
    'no-number',
    'no-integer',
    'below',
    'above',
    'decimals',
    'too-short',
    'too-long',
    'pattern',
    'no-date',
    'no-time',
    'no-date-time',
    'no-address',
    'no-option',
    'other-unit',
    'exclusive',
    'constraint',
    'calculation',
  ]),
  limit: longText.nullable(),
});
export type FormFault = z.infer<typeof formFault>;

const formLine = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('item'),
    key,
    /** Its place among the items. */
    item: z.int().nonnegative(),
    /** Which of several, from 1. */
    row: z.int().positive().nullable(),
    /** What was worked out; null where it is typed. */
    value: longText.nullable(),
    /** Why what would stand here isn't known; null where it is, and once a person has given it. */
    unknown: formUnknown.nullable(),
    /** An answer that the form gives or works out, isn't known and has to be there: it is for the person to give. */
    open: z.boolean(),
    /** Whether it has to be answered follows from what isn't known: it is asked. */
    doubtful: z.boolean(),
    fault: formFault.nullable(),
    /** What the form warns of. */
    warning: longText.nullable(),
    /** What the form demands and could not be checked, as something isn't known. */
    unchecked: longText.nullable(),
  }),
  /** One more of an item, or one less. */
  z.strictObject({
    kind: z.literal('rows'),
    key,
    item: z.int().nonnegative(),
    count: z.int().positive(),
    more: z.boolean(),
    less: z.boolean(),
  }),
]);
export type FormLine = z.infer<typeof formLine>;

const formState = z.strictObject({
  /** Those that are asked as things stand, in their order. */
  lines: z.array(formLine).max(LINES_MAX),
  /** Faults that no one line has. */
  faults: z.array(formFault).max(100),
  /** What the form demands of all together and could not be checked, as something isn't known. */
  unchecked: z.array(longText).max(100),
  /** Of all that would be recorded: what is saved is what was shown. */
  digest: z.string().max(100),
});
export type FormState = z.infer<typeof formState>;

/** What was filled in beforehand; `at`: of when it is in the record; null for what the form itself says. */
const prefilled = z.strictObject({ key, at: text.nullable() });

const openForm = z.strictObject({
  id: fhirId,
  versionId: text,
  title: text,
  about: longText.nullable(),
  items: z.array(formItem).max(1_000),
  answers: formAnswers,
  prefilled: z.array(prefilled).max(LINES_MAX),
  openedAt: formReading,
  state: formState,
});
export type OpenForm = z.infer<typeof openForm>;

const listedForm = z.strictObject({ id: fhirId, title: text, about: text.nullable(), version: text.nullable() });
export type ListedForm = z.infer<typeof listedForm>;

const about = { patientId: fhirId, id: fhirId };

export const forms = {
  calls: {
    /** The forms that can be filled in; `state` says how much the list knows, `more` that there are others. */
    list: call(
      z.strictObject({ patientId: fhirId }),
      z.strictObject({
        items: z.array(listedForm).max(500),
        more: z.boolean(),
        state: z.enum(['complete', 'partial', 'not-permitted', 'not-fetched']),
      }),
      [...auditErrors],
    ),
    /**
     * A form for a patient, with what is known already filled in. Recorded as a look at her record. `openedAt`: of a draft
     * that is gone on with; null: it is begun now.
     */
    open: call(z.strictObject({ ...about, openedAt: formReading.nullable() }), openForm, [
      'not-found',
      ...auditErrors,
      ...formFailures,
    ]),
    /** The form with what is typed; `form-closed`: it isn't open any more. */
    evaluate: call(z.strictObject({ ...about, answers: formAnswers }), formState, [
      'not-permitted',
      'form-closed',
      ...formFailures,
    ]),
  },
  events: {},
} as const;
