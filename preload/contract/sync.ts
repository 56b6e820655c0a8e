import * as z from 'zod';
import { call, event } from './channel.ts';
import { instant, nothing, text } from './fhir.ts';

export const syncErrors = [
  'offline',
  'server-unreachable',
  'server-certificate',
  'server-refused',
  'server-error',
  'server-answer-invalid',
  'sign-in-needed',
  'disk-full',
  'store-failed',
] as const;
export type SyncError = (typeof syncErrors)[number];

export const syncStatus = z.strictObject({
  activity: z.enum(['idle', 'running', 'cancelling']),
  /** What the last request said of the server; null before the first one. */
  online: z.boolean().nullable(),
  /** Server time of the last complete sync; null when none was ever completed. */
  asOf: instant.nullable(),
  /** True when everything in scope has been fetched once. */
  complete: z.boolean(),
  progress: z
    .strictObject({
      /** What is being fetched, in a clinician's words. */
      label: text,
      /** Requests of the plan: never more done than total. */
      done: z.int().nonnegative(),
      total: z.int().nonnegative(),
      /** Resources stored in this run. */
      resources: z.int().nonnegative(),
    })
    .nullable(),
  error: z.strictObject({ code: z.enum(syncErrors), retryAt: instant.nullable() }).nullable(),
});
export type SyncStatus = z.infer<typeof syncStatus>;

export const sync = {
  calls: {
    status: call(nothing, syncStatus),
    start: call(nothing, nothing),
    /** Stops after the page that is under way; what was stored stays, and the next start goes on from there. */
    cancel: call(nothing, nothing),
  },
  events: { changed: event(syncStatus) },
} as const;
