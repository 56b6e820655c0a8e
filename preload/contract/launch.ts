import * as z from 'zod';
import { call, event } from './channel.ts';
import { nothing, text } from './fhir.ts';
import { signInError } from './session.ts';

/** Why a link that is to launch Wardlight was not followed. Nothing was opened or asked for then. */
export const launchErrors = ['launch-invalid', 'launch-issuer-unknown'] as const;
export const launchError = z.enum(launchErrors);
export type LaunchError = z.infer<typeof launchError>;

/** A launch by an EHR (SMART App Launch 2, EHR launch), from the link to the sign-in. `host`: the hospital's system. */
export const launchState = z.discriminatedUnion('phase', [
  z.strictObject({ phase: z.literal('none') }),
  z.strictObject({ phase: z.literal('refused'), code: launchError, host: text.nullable() }),
  /** Nothing is done before a person has agreed. `openFor`: who has Wardlight open now. */
  z.strictObject({ phase: z.literal('asked'), host: text, server: text, openFor: text.nullable() }),
  z.strictObject({ phase: z.literal('signing-in'), host: text }),
  z.strictObject({ phase: z.literal('failed'), host: text, code: signInError }),
  /** Somebody else has signed in than has Wardlight open. */
  z.strictObject({ phase: z.literal('other-clinician'), host: text, openFor: text, display: text }),
]);
export type LaunchState = z.infer<typeof launchState>;

export const launch = {
  calls: {
    state: call(nothing, launchState),
    /** Goes on: signs in at the system that asks, or switches to the clinician who has signed in there. */
    accept: call(nothing, nothing),
    /** Gives it up, also while the browser is open. */
    dismiss: call(nothing, nothing),
  },
  events: { changed: event(launchState) },
} as const;
