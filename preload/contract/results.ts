import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call } from './channel.ts';
import { deletionsUnknown, encrypted, flag, observation, sectionState, unsent, withheld } from './chart.ts';
import { fhirDateTime, fhirId, instant, pastMoment, text } from './fhir.ts';
import { writeErrors } from './notes.ts';

/** `interpretation`: as the laboratory or whoever measured it says; `range`: worked out from the reference range. */
const flagFrom = z.enum(['interpretation', 'range']).nullable();
export type FlagFrom = z.infer<typeof flagFrom>;

/** One line of the results view: the newest value of a code, and how many there are. */
export const resultGroup = z.strictObject({
  code: text,
  name: text,
  category: z.enum(['vital-signs', 'laboratory', 'other']),
  count: z.int().positive(),
  latest: observation,
  /** What the flag of the newest value comes from: whoever measured it, or its reference range. */
  flagFrom,
  /** How far it is from the value before, where both are of one unit: the difference, and that value with its time. */
  delta: z.strictObject({ change: text, before: text, time: fhirDateTime }).nullable(),
  /** What the newest value was before it was corrected, where this workstation had that. */
  was: text.nullable(),
  /** The report or panel that it was measured in. */
  panel: z.strictObject({ code: text, name: text }).nullable(),
});
export type ResultGroup = z.infer<typeof resultGroup>;

/** One value of a line. */
export interface TrendPoint {
  /** Milliseconds since 1970 of the effective time. */
  readonly time: number;
  readonly value: number;
  /** Value as written, with a comparator where there is one (`<0.5`, `4.50`). */
  readonly text: string;
  readonly flag: z.infer<typeof flag> | null;
  readonly flagFrom: FlagFrom;
  readonly status: string;
  /** The value as it was written, where it was converted into the line's unit. */
  readonly original: string | null;
  /** What it was before it was corrected, where this workstation had that. */
  readonly was: string | null;
}

const POINTS_MAX = 20_000;
const column = <Item extends z.ZodType>(item: Item) => z.array(item).max(POINTS_MAX);
/** Words of the few points that have them, by the place of the point. */
const sparse = column(z.tuple([z.int().nonnegative(), text]));

/** The points of a line as they cross to the page, column by column: a twentieth of them one by one. */
const packedPoints = z.strictObject({
  count: z.int().nonnegative().max(POINTS_MAX),
  /** Time of the first point. */
  from: z.number(),
  /** Milliseconds in which all steps are whole. */
  unit: z.int().positive(),
  /** How much later each point is than the one before (the first: 0), in units, to base 36, between spaces. */
  steps: z
    .string()
    .regex(/^[0-9a-z ]*$/)
    .max(12 * POINTS_MAX),
  /** Of each point, line by line. */
  text: z.string().max(4_001 * POINTS_MAX),
  /** Of those few points whose text is not just their number, by the place of the point. */
  value: column(z.tuple([z.int().nonnegative(), z.number()])),
  /** The place in `marks` of what points have in common with others, and of how many that follow one another. */
  mark: column(z.tuple([z.int().nonnegative(), z.int().positive()])),
  marks: column(z.strictObject({ flag: flag.nullable(), flagFrom, status: text })),
  original: sparse,
  was: sparse,
});
export type PackedPoints = z.infer<typeof packedPoints>;

/**
 * Values of one unit only: different units are never drawn on one line (design rule 10), unless one is exactly converted
 * into the other (decision 61).
 */
const trendSeries = z.strictObject({
  name: text,
  unit: text,
  range: z.strictObject({ low: z.number().nullable(), high: z.number().nullable() }),
  points: packedPoints,
});
export type TrendSeries = Omit<z.infer<typeof trendSeries>, 'points'> & { readonly points: readonly TrendPoint[] };

const trend = z.strictObject({
  code: text,
  name: text,
  series: z.array(trendSeries).max(50),
  /** Values that are there and masked, newest first: each is told of, and opened when somebody asks. */
  masked: z
    .array(
      z.strictObject({
        id: fhirId,
        /** As of a point; null where none is known. */
        time: z.number().nullable(),
        /** Of the parts of a reading that are masked; empty where it is the whole. */
        name: text,
        /** In the place of the value. */
        text,
        encrypted,
        status: text,
      }),
    )
    .max(20_000),
  /** Values that can't be drawn, for want of a number or a time, newest first. */
  worded: z
    .array(
      z.strictObject({
        id: fhirId,
        time: z.number().nullable(),
        text,
        flag: flag.nullable(),
        flagFrom,
        status: text,
      }),
    )
    .max(5_000),
  /** Values that were entered in error or withdrawn, newest first: told of, and never drawn. */
  withdrawn: z.array(z.strictObject({ id: fhirId, time: z.number().nullable(), text, status: text })).max(1_000),
  /** Values that are not drawn, by reason; the page says so. */
  omitted: z.strictObject({ enteredInError: z.int(), notNumeric: z.int(), noTime: z.int() }),
  /** There are older values that were left out for their number. */
  capped: z.boolean(),
  state: sectionState,
  asOf: instant.nullable(),
  deletionsUnknown,
  /** Of the patient's observations as a whole: a code must not tell whether there is something of it. */
  withheld,
});
export type PackedTrend = z.infer<typeof trend>;
export type Trend = Omit<PackedTrend, 'series'> & { readonly series: readonly TrendSeries[] };

/** The parameters of NEWS2 (Royal College of Physicians 2017), in the order of its chart. */
export const warningInput = z.enum([
  'respiration',
  'oxygen-saturation',
  'supplemental-oxygen',
  'systolic',
  'pulse',
  'consciousness',
  'temperature',
]);
export type WarningInput = z.infer<typeof warningInput>;

/**
 * Why an input can't be taken. `missing`: none is recorded; `apart`: it is older than the set that the others are of;
 * `old`: the whole set is; `no-time`: its time is missing, or only a day; `ahead`: its time is yet to come; `encrypted`:
 * its value is, or is masked; `unit`: it can't be converted exactly; `code`: a code that isn't known here; `inexact`: it is
 * no plain number.
 */
export const inputProblem = z.enum([
  'missing',
  'apart',
  'old',
  'no-time',
  'ahead',
  'encrypted',
  'unit',
  'code',
  'inexact',
]);
export type InputProblem = z.infer<typeof inputProblem>;

const warningValue = z.strictObject({
  input: warningInput,
  problem: inputProblem.nullable(),
  /** As it is shown, in the unit of the chart; null where it is missing or encrypted. */
  value: text.nullable(),
  unit: text.nullable(),
  /** As it was written, where it was converted. */
  original: text.nullable(),
  time: fhirDateTime.nullable(),
  score: z.int().min(0).max(3).nullable(),
  unsent,
});
export type WarningValue = z.infer<typeof warningValue>;

/** NEWS2 of the newest set of observations, or why there is none. */
export const earlyWarning = z.strictObject({
  inputs: z.array(warningValue).length(warningInput.options.length),
  /** Of the oxygen saturation: 2 only where a coded record says so, at `scaleTime`. */
  scale: z.union([z.literal(1), z.literal(2)]),
  scaleTime: fhirDateTime.nullable(),
  /** Null where it isn't computed; an input then has a problem, or `notFor` says why. */
  total: z.int().min(0).max(20).nullable(),
  risk: z.enum(['low', 'low-medium', 'medium', 'high']).nullable(),
  notFor: z.enum(['under-16', 'age-unknown', 'pregnant']).nullable(),
  /** From then on the set is too old to be acted on. */
  validUntil: instant.nullable(),
  /** How far apart the inputs may be, and how old the newest of them. */
  setHours: z.int(),
  ageHours: z.int(),
  state: sectionState,
  asOf: instant.nullable(),
  deletionsUnknown,
  withheld,
});
export type EarlyWarning = z.infer<typeof earlyWarning>;

/** Most codes that are asked for at once. */
export const TRENDS_MAX = 60;

/** Vital signs that can be recorded, with their LOINC code and UCUM unit fixed in main. */
export const vitalKind = z.enum([
  'heart-rate',
  'respiratory-rate',
  'body-temperature',
  'oxygen-saturation',
  'oxygen-flow',
  'blood-pressure',
  'body-weight',
]);
export type VitalKind = z.infer<typeof vitalKind>;

/** A decimal as typed; its digits are kept (`37.0` stays `37.0`). */
export const decimal = z.string().regex(/^-?(0|[1-9]\d{0,8})(\.\d{1,6})?$/);

/** What was measured. `diastolic` belongs to a blood pressure, whose `value` is the systolic one; null elsewhere. */
const measured = { value: decimal, diastolic: decimal.nullable() };
export type Measured = z.infer<z.ZodObject<typeof measured>>;

const written = z.strictObject({ observationId: fhirId });

export const results = {
  calls: {
    /** Keeps a new vital sign, taken now, in the outbox; it is durable when this answers. */
    record: call(z.strictObject({ patientId: fhirId, kind: vitalKind, ...measured }), written, [
      'out-of-range',
      ...writeErrors,
    ]),
    /**
     * Corrects the number of a vital sign. `not-correctable`: it has none, or it is a laboratory's to correct; `stale`: it
     * is another version than the one shown.
     */
    correct: call(z.strictObject({ patientId: fhirId, observationId: fhirId, versionId: text, ...measured }), written, [
      'not-found',
      'not-correctable',
      'out-of-range',
      'stale',
      ...writeErrors,
    ]),
    list: call(
      z.strictObject({ patientId: fhirId, asOf: pastMoment.optional() }),
      z.strictObject({
        groups: z.array(resultGroup).max(2_000),
        state: sectionState,
        asOf: instant.nullable(),
        deletionsUnknown,
        withheld,
      }),
      ['not-found', ...auditErrors],
    ),
    trend: call(z.strictObject({ patientId: fhirId, code: text, asOf: pastMoment.optional() }), trend, [
      'not-found',
      ...auditErrors,
    ]),
    /** The same of several codes, as one read. */
    trends: call(
      z.strictObject({ patientId: fhirId, codes: z.array(text).min(1).max(TRENDS_MAX), asOf: pastMoment.optional() }),
      z.strictObject({ trends: z.array(trend).max(TRENDS_MAX) }),
      ['not-found', ...auditErrors],
    ),
    earlyWarning: call(z.strictObject({ patientId: fhirId }), earlyWarning, ['not-found', ...auditErrors]),
  },
  events: {},
} as const;
