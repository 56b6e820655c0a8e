import * as z from 'zod';
import { numbersSchema } from './numbers.ts';
import { setting } from './setting.ts';

/** What there is for a downtime (docs/operations.md, "Downtime binder" and "Downtime numbers"). */
export const downtimeSchema = z.strictObject({
  binder: setting(z.boolean().default(true), {
    text: 'Binders for a downtime are made, by themselves and on demand.',
    strictest: true,
  }),
  everyMinutes: setting(z.int().min(10).max(10_080).default(240), {
    text: 'Minutes after which the binder of the clinician’s list is made anew while Wardlight is unlocked.',
    strictest: 240,
  }),
  leastMinutes: setting(z.int().min(1).max(10_080).default(60), {
    text: 'A finished sync makes it anew too, unless the last one is younger than so many minutes.',
    strictest: 60,
  }),
  retentionHours: setting(z.number().min(1).max(720).default(72), {
    text: 'Hours after which a binder is deleted; the newest of the list stays until there is a newer one.',
    strictest: 24,
  }),
  patientsMax: setting(z.int().min(1).max(500).default(150), {
    text: 'Most patients in one binder; who is beyond is counted on its first page.',
    strictest: 150,
  }),
  paper: setting(z.enum(['A4', 'Letter']).default('A4'), {
    text: 'Size of the paper.',
    strictest: 'A4',
  }),
  gridStartHour: setting(z.int().min(0).max(23).default(6), {
    text: 'Hour with which the grid for signing off medicines begins.',
    strictest: 6,
  }),
  saveAs: setting(z.boolean().default(false), {
    text: 'A binder may be saved as a file that is not encrypted.',
    strictest: false,
  }),
  numbers: setting(numbersSchema.nullable().default(null), {
    text: 'Numbers of visits and specimens that were reserved for this workstation (operations.md, "Downtime numbers"). Not set: none.',
    strictest: null,
  }),
});

export type DowntimePolicy = z.infer<typeof downtimeSchema>;
