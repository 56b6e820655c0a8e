import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call } from './channel.ts';
import { deletionsUnknown, flag, sectionState, unsent, withheld } from './chart.ts';
import { fhirDateTime, fhirId, instant, pastMoment, text } from './fhir.ts';
import { richText } from './rich.ts';
import { saidItem, saidItems } from './said.ts';

/** What a clinician calls the things that a timeline shows, in the order of the filter. */
export const entryKind = z.enum([
  'encounter',
  'note',
  'result',
  'vital',
  'medication',
  'problem',
  'allergy',
  'immunisation',
  'procedure',
  'order',
  'document',
  'form',
  'alert',
  'plan',
  'appointment',
  'task',
  'history',
  'other',
]);
export type EntryKind = z.infer<typeof entryKind>;

/** Entries that one page holds. */
export const TIMELINE_PAGE = 100;
/** Values that an entry shows of the measurements that it holds together. */
export const VALUES_SHOWN = 8;

/** The place of an entry in its order: what follows it is asked for by it. */
const key = z.string().regex(/^-?\d{1,17}_\d{1,17}$/);
const resourceType = z.string().regex(/^[A-Z][A-Za-z]{1,63}$/);
const filter = z.strictObject({
  /** None for all. */
  kinds: z.array(entryKind).max(entryKind.options.length),
  /** Each word has to be in what the entry shows. */
  text: z.string().max(200),
  /**
   * Codes that the page has words for, and that count as one of the words: `element:code`, and `system|code` of what is
   * measured. Without it only what is written in the records counts.
   */
  coded: z
    .array(z.strictObject({ word: z.string().max(200), codes: z.array(z.string().max(100)).max(1_000) }))
    .max(20)
    .optional(),
  /** First moment, and the one after the last. What has no time is left out where one is given. */
  from: pastMoment.nullable(),
  to: pastMoment.nullable(),
  /** What was entered in error or cancelled too. */
  withdrawn: z.boolean(),
});
export type TimelineFilter = z.infer<typeof filter>;

export const shownValue = z.strictObject({
  code: text,
  name: text,
  value: text,
  unit: text.nullable(),
  flag: flag.nullable(),
  masked: z.boolean(),
});
export type ShownValue = z.infer<typeof shownValue>;

/** One record, or the measurements of one time together with their reports. */
export const timelineEntry = z.strictObject({
  key,
  kind: entryKind,
  type: resourceType,
  id: fhirId,
  title: text,
  /** What else it says, to be put beside each other. */
  details: z.array(saidItem).max(10),
  /** As it was recorded; null where it has no time. */
  time: fhirDateTime.nullable(),
  status: text.nullable(),
  /** Entered in error, or cancelled. */
  withdrawn: z.boolean(),
  /** Something in it is encrypted, and not told. */
  masked: z.boolean(),
  unsent,
  /** Records that it holds together, and how many of their values are out of range. */
  count: z.int().positive(),
  abnormal: z.int().nonnegative(),
  values: z.array(shownValue).max(VALUES_SHOWN),
});
export type TimelineEntry = z.infer<typeof timelineEntry>;

/** How a kind of entry stands (design rule 8). */
const kindKnowledge = z.strictObject({
  kind: entryKind,
  /** Without what was withdrawn. */
  count: z.int().nonnegative(),
  state: sectionState,
  asOf: instant.nullable(),
  deletionsUnknown,
  withheld,
});
export type KindKnowledge = z.infer<typeof kindKnowledge>;

export const timelineOutline = z.strictObject({
  /** Entries that the filter lets through. */
  total: z.int().nonnegative(),
  /** Last entries of the pages, but for the last page. */
  marks: z.array(key).max(2_000),
  /** Entries by month of the workstation's calendar, in their order; null for those without a time. */
  months: z
    .array(
      z.strictObject({
        month: z
          .string()
          .regex(/^\d{4,6}-\d{2}$/)
          .nullable(),
        count: z.int().positive(),
      }),
    )
    .max(20_000),
  /** Entries beyond what a timeline can hold. */
  omitted: z.int().nonnegative(),
  kinds: z.array(kindKnowledge).max(entryKind.options.length),
  asOf: instant.nullable(),
});
export type TimelineOutline = z.infer<typeof timelineOutline>;

/** A version of a record that this workstation has, or had. */
export const versionLine = z.strictObject({
  /** `current`, or a name of ours. */
  version: z.string().regex(/^(current|h\d{1,15})$/),
  versionId: text,
  lastUpdated: instant.nullable(),
  /** From when until when it was the current one here, by the server's clock. */
  knownFrom: instant.nullable(),
  knownUntil: instant.nullable(),
  ended: z.enum(['current', 'replaced', 'deleted', 'unavailable', 'local']),
  who: text.nullable(),
  unsent,
});
export type VersionLine = z.infer<typeof versionLine>;

export const recordField = z.strictObject({ path: z.string().max(100), said: saidItems });
export type RecordField = z.infer<typeof recordField>;

export const recordView = z.strictObject({
  kind: entryKind,
  type: resourceType,
  id: fhirId,
  title: text,
  shown: versionLine,
  fields: z.array(recordField).max(200),
  /** What the record says of itself to people (R4 narrative.html); null where it says nothing. */
  narrative: richText.nullable(),
  /** Elements beyond what is shown. */
  omitted: z.int().nonnegative(),
  /** Newest first. */
  versions: z.array(versionLine).max(500),
  /** Versions that may not be seen. */
  hidden: z.int().nonnegative(),
});
export type RecordView = z.infer<typeof recordView>;

/** What this workstation can tell of a patient's past. */
export const pastMoments = z.strictObject({
  /** Since when anything is known; null where nothing is. */
  since: instant.nullable(),
  /** When the last runs were finished, the newest first. */
  syncs: z.array(instant).max(50),
});
export type PastMoments = z.infer<typeof pastMoments>;

const ofPatient = { patientId: fhirId, asOf: pastMoment.optional() };
const errors = ['not-found', ...auditErrors] as const;

export const timeline = {
  calls: {
    /** How many entries there are, where their pages begin and which months they are of. */
    outline: call(z.strictObject({ ...ofPatient, filter }), timelineOutline, errors),
    /** Entries after one, the newest first; null for the first ones. */
    page: call(
      z.strictObject({ ...ofPatient, filter, after: key.nullable() }),
      z.strictObject({ items: z.array(timelineEntry).max(TIMELINE_PAGE) }),
      errors,
    ),
    /** What an entry holds together, one by one. */
    group: call(
      z.strictObject({ ...ofPatient, key }),
      z.strictObject({ items: z.array(timelineEntry).max(500), omitted: z.int().nonnegative() }),
      errors,
    ),
    /** A version of a record, element by element, and which others there are; null for the newest one. */
    record: call(
      z.strictObject({ ...ofPatient, type: resourceType, id: fhirId, version: versionLine.shape.version.nullable() }),
      recordView,
      errors,
    ),
    moments: call(z.strictObject({ patientId: fhirId }), pastMoments, errors),
  },
  events: {},
} as const;
