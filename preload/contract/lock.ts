import * as z from 'zod';
import { call, event } from './channel.ts';
import { instant, nothing } from './fhir.ts';

/** Until when the profile opens without its server, by the workstation's clock; `isEnding`: soon. */
export const leaseStatus = z.strictObject({ until: instant, isEnding: z.boolean() });
export type LeaseStatus = z.infer<typeof leaseStatus>;

/** What main tells a page of an open profile about locking by itself. */
export const lock = {
  calls: {
    lease: call(nothing, leaseStatus.nullable()),
  },
  events: {
    leaseChanged: event(leaseStatus.nullable()),
    /** Milliseconds until Wardlight locks for want of a key or pointer; null: somebody is there again. */
    idleWarning: event(z.strictObject({ remainingMs: z.int().nonnegative().nullable() })),
  },
} as const;
