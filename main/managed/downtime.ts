import * as z from 'zod';

/** Sheets on paper for a downtime (docs/operations.md, "Downtime binder"). */
export const downtimeSchema = z.strictObject({
  /** Binders are made, by themselves and on demand. */
  binder: z.boolean().default(true),
  /** Minutes after which the binder of the clinician's list is made anew while Wardlight is unlocked. */
  everyMinutes: z.int().min(10).max(10_080).default(240),
  /** A finished sync makes it anew too, unless the last one is younger than this. */
  leastMinutes: z.int().min(1).max(10_080).default(60),
  /** Hours after which a binder is deleted; the newest of the list stays until there is a newer one. */
  retentionHours: z.number().min(1).max(720).default(72),
  /** Most patients in one binder; who is beyond is counted on its first page. */
  patientsMax: z.int().min(1).max(500).default(150),
  paper: z.enum(['A4', 'Letter']).default('A4'),
  /** Hour with which the grid for signing off medicines begins. */
  gridStartHour: z.int().min(0).max(23).default(6),
  /** A binder may be saved as a file that is not encrypted. */
  saveAs: z.boolean().default(false),
});

export type DowntimePolicy = z.infer<typeof downtimeSchema>;
