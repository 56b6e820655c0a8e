import * as z from 'zod';
import { event } from './channel.ts';

/** What main tells a page of an open profile about locking by itself. */
export const lock = {
  calls: {},
  events: {
    /** Milliseconds until Wardlight locks for want of a key or pointer; null: somebody is there again. */
    idleWarning: event(z.strictObject({ remainingMs: z.int().nonnegative().nullable() })),
  },
} as const;
