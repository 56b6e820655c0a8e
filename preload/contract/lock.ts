import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call, event } from './channel.ts';
import { fhirId, instant, nothing } from './fhir.ts';

/** Until when the profile opens without its server, by the workstation's clock; `isEnding`: soon. */
export const leaseStatus = z.strictObject({ until: instant, isEnding: z.boolean() });
export type LeaseStatus = z.infer<typeof leaseStatus>;

/**
 * `shaded`: another window is in front, and policy wants the page covered then. `unsupported`: policy wants the window
 * kept out of captures, and the OS can't.
 */
export const screenState = z.strictObject({
  shaded: z.boolean(),
  contentProtection: z.enum(['off', 'on', 'unsupported']),
  /** Policy lets what is shown be copied. */
  mayCopy: z.boolean(),
});
export type ScreenState = z.infer<typeof screenState>;

/** What main tells a page of an open profile about locking by itself. */
export const lock = {
  calls: {
    screen: call(nothing, screenState),
    /**
     * Something was copied, or selected, which on some desktops can be pasted as well; from the chart or the row of which
     * patient. What can't be recorded doesn't stay in the clipboard, nor does what policy doesn't let be copied.
     */
    copied: call(z.strictObject({ where: z.enum(['clipboard', 'selection']), patientId: fhirId.nullable() }), nothing, [
      ...auditErrors,
    ]),
    lease: call(nothing, leaseStatus.nullable()),
  },
  events: {
    screenChanged: event(screenState),
    leaseChanged: event(leaseStatus.nullable()),
    /** Milliseconds until Wardlight locks for want of a key or pointer; null: somebody is there again. */
    idleWarning: event(z.strictObject({ remainingMs: z.int().nonnegative().nullable() })),
  },
} as const;
