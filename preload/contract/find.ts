import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call } from './channel.ts';
import { sectionState, unsent, withheld } from './chart.ts';
import { fhirId, text } from './fhir.ts';
import { patientRow } from './patients.ts';
import { entryKind, timelineEntry } from './timeline.ts';

/** Records that one answer lists. */
export const FOUND_MAX = 50;
/** Fewer characters find too much. */
export const FIND_MIN = 2;

/** A piece of a record's text with what was looked for in it: from, to. Never HTML. */
export const snippet = z.strictObject({
  text: z.string().max(1_000),
  marks: z.array(z.tuple([z.int().nonnegative(), z.int().positive()])).max(200),
});
export type FoundSnippet = z.infer<typeof snippet>;

export const foundRecord = z.strictObject({
  patientId: fhirId,
  kind: entryKind,
  type: timelineEntry.shape.type,
  id: fhirId,
  title: text,
  time: timelineEntry.shape.time,
  /** Entered in error, or cancelled. */
  withdrawn: z.boolean(),
  unsent,
  /** The trend of a measured value; null for what has none. */
  trend: text.nullable(),
  snippet: snippet.nullable(),
});
export type FoundRecord = z.infer<typeof foundRecord>;

/** A kind of record of which not all that there is was searched. */
const gap = z.strictObject({ kind: entryKind, state: sectionState.exclude(['complete']) });

const found = {
  /** The newest first. */
  items: z.array(foundRecord).max(FOUND_MAX),
  total: z.int().nonnegative(),
  /** There are too many to be counted, or for the newest to be told from the others. */
  more: z.boolean(),
  gaps: z.array(gap).max(entryKind.options.length),
  withheld,
};

export const chartFound = z.strictObject(found);
export type ChartFound = z.infer<typeof chartFound>;

/** By what a patient is told from another. */
export const foundPatient = patientRow.pick({ id: true, name: true, birthDate: true, mrn: true });
export type FoundPatient = z.infer<typeof foundPatient>;

export const panelFound = z.strictObject({
  ...found,
  /** Whose the records are. */
  patients: z.array(foundPatient).max(FOUND_MAX),
  /** Patients who may be seen, and those of them of whom something was not fetched. */
  panel: z.int().nonnegative(),
  incomplete: z.int().nonnegative(),
});
export type PanelFound = z.infer<typeof panelFound>;

/** Words, each of which begins a word of what is found, and phrases in quotation marks. */
const asked = z.string().trim().min(FIND_MIN).max(200);

export const find = {
  calls: {
    /** Records of one patient by their text and by what they name. */
    inChart: call(z.strictObject({ patientId: fhirId, text: asked }), chartFound, ['not-found', ...auditErrors]),
    /** The same of all the clinician's patients. */
    inPanel: call(z.strictObject({ text: asked }), panelFound, [...auditErrors]),
  },
  events: {},
} as const;
