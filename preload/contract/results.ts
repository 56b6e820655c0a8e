import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call } from './channel.ts';
import { deletionsUnknown, encrypted, flag, observation, sectionState, withheld } from './chart.ts';
import { fhirId, instant, pastMoment, text } from './fhir.ts';
import { writeErrors } from './notes.ts';

/** One line of the results view: the newest value of a code, and how many there are. */
export const resultGroup = z.strictObject({
  code: text,
  name: text,
  category: z.enum(['vital-signs', 'laboratory', 'other']),
  count: z.int().positive(),
  latest: observation,
});
export type ResultGroup = z.infer<typeof resultGroup>;

export const trendPoint = z.strictObject({
  id: fhirId,
  /** Milliseconds since 1970 of the effective time. */
  time: z.number(),
  value: z.number(),
  /** Value as written, with a comparator where there is one (`<0.5`, `4.50`). */
  text,
  flag: flag.nullable(),
  status: text,
});

/** Values of one unit only: different units are never drawn on one line (design rule 10). */
export const trendSeries = z.strictObject({
  name: text,
  unit: text,
  range: z.strictObject({ low: z.number().nullable(), high: z.number().nullable() }),
  points: z.array(trendPoint).max(20_000),
});
export type TrendSeries = z.infer<typeof trendSeries>;

export const trend = z.strictObject({
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
  /** Values that are not drawn, by reason; the page says so. */
  omitted: z.strictObject({ enteredInError: z.int(), notNumeric: z.int(), noTime: z.int() }),
  state: sectionState,
  asOf: instant.nullable(),
  deletionsUnknown,
  /** Of the patient's observations as a whole: a code must not tell whether there is something of it. */
  withheld,
});
export type Trend = z.infer<typeof trend>;

/** Vital signs that can be recorded, with their LOINC code and UCUM unit fixed in main. */
export const vitalKind = z.enum([
  'heart-rate',
  'respiratory-rate',
  'body-temperature',
  'oxygen-saturation',
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
  },
  events: {},
} as const;
