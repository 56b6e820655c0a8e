import * as z from 'zod';
import { call, event } from './channel.ts';
import { nothing } from './fhir.ts';
import { LANGUAGES } from './languages.ts';

const key = z.string().max(200);

/**
 * What IT has to mend in the machine policy. `unknown-key`: no such setting. `malformed`: of another type or out of range;
 * its strictest value holds. The others are of the whole, which is not believed: what IT had set before holds on, and at
 * the start of the program everything falls to its strictest.
 */
export const policyProblem = z.strictObject({
  /** Empty where it is about the whole. */
  key,
  code: z.enum(['unknown-key', 'malformed', 'not-an-object', 'not-json', 'too-large', 'untrusted-file', 'unreadable']),
});
export type PolicyProblem = z.infer<typeof policyProblem>;

/** Where machine policy stands, by the operating system; `none` where IT has set nothing, `development`: not IT's. */
export const policySource = z.enum(['none', 'file', 'registry', 'preferences', 'development']);
export type PolicySource = z.infer<typeof policySource>;

export const managedState = z.strictObject({
  source: policySource,
  problems: z.array(policyProblem).max(200),
  /** What is there now can't be believed, and what IT had set before holds. */
  isEarlier: z.boolean(),
});
export type ManagedState = z.infer<typeof managedState>;

/** A setting as it holds: values as JSON, cut where they are long; `text` in the language of the page. */
const managedSetting = z.strictObject({
  key,
  text: z.string().max(500),
  value: z.string().max(400),
  standard: z.string().max(400),
  isManaged: z.boolean(),
});
export type ManagedSetting = z.infer<typeof managedSetting>;

/** What the organisation has decided for this workstation. Nothing of it can be changed in the page. */
export const managed = {
  calls: {
    state: call(nothing, managedState),
    settings: call(z.strictObject({ language: z.enum(LANGUAGES) }), z.array(managedSetting).max(500)),
  },
  events: { changed: event(managedState) },
} as const;
