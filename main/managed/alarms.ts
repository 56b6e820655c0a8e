import * as z from 'zod';
import { endpoint } from './audit-delivery.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const duration = z.int().min(MINUTE_MS);
const count = z.int().min(1);
const factor = z.number().min(1);

/** A rule with what it goes by; `on: false` switches it off. */
function rule<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject({ on: z.boolean().default(true), ...shape });
}

/** `least` holds whatever the person usually does; `leastUnknown` where neither hers nor the role's habits are known. */
const habit = {
  windowMs: duration.default(HOUR_MS),
  /** Times what the person does on her busier days, and times the busiest of her role. */
  ownFactor: factor.default(2),
  roleFactor: factor.default(1.25),
};

/** When an alarm rings (docs/operations.md, "Alarms"). */
export const alarmsSchema = z.strictObject({
  /** FHIR references of who is told: `Practitioner/…`, `PractitionerRole/…`, `Organization/…`. */
  recipients: z
    .array(z.string().regex(/^(Practitioner|PractitionerRole|Organization)\/[A-Za-z0-9\-.]{1,64}$/))
    .default([]),
  /** A service of the organisation that is told of each alarm by a signed request; null for none. */
  webhook: z.strictObject({ url: endpoint }).nullable().default(null),
  /** Days whose events make up a person's and a role's habits. */
  historyDays: z.int().min(7).max(90).default(28),
  /** Days with work after which somebody's habits, or a workstation's, count as known. */
  knownAfterDays: z.int().min(2).default(8),
  /** What was told once is not told again for so long. */
  quietMs: duration.default(12 * HOUR_MS),
  /**
   * A patient whose care team works at the workstation, and has opened her chart there lately, is the ward's own: that
   * others who have her on their panel open it too is no reason to look at them for a name, a colleague or a public
   * figure. null: it is.
   */
  ward: z
    .strictObject({ team: z.int().min(1).default(1), windowMs: duration.default(7 * DAY_MS) })
    .nullable()
    .prefault({}),
  rules: z
    .strictObject({
      'many-charts': rule({ ...habit, least: count.default(20), leastUnknown: count.default(45) }).prefault({}),
      /** Patients who are neither on a care team of hers nor on her panel, tried or opened. */
      'outside-panel': rule({ windowMs: duration.default(DAY_MS), patients: count.default(4) }).prefault({}),
      'same-family-name': rule({}).prefault({}),
      'own-record': rule({}).prefault({}),
      colleague: rule({}).prefault({}),
      /**
       * Labels of the Patient resource (codes of HL7's, or `system|code`) at which whoever is not on the care team is
       * looked at; any label is enough where nothing relates the two. `unknown`: a level that HL7 doesn't know.
       */
      confidential: rule({ labels: z.array(z.string()).default(['V', 'unknown', 'CEL', 'VIP', 'EMP']) }).prefault({}),
      'failed-unlocks': rule({ windowMs: duration.default(15 * MINUTE_MS), attempts: count.default(5) }).prefault({}),
      'unusual-hours': rule({
        /** Charts that are opened at such an hour. */
        charts: count.default(3),
        /** Share of the days on which she, or her role, works at that hour, below which it is unusual. */
        share: z.number().min(0).max(1).default(0.03),
      }).prefault({}),
      'unusual-workstation': rule({ charts: count.default(5) }).prefault({}),
      'emergency-access': rule({}).prefault({}),
      'bulk-output': rule({ ...habit, least: count.default(12), leastUnknown: count.default(25) }).prefault({}),
      /** Charts of patients who left so long ago, in a day, beside what she usually does. */
      'after-discharge': rule({ afterMs: duration.default(30 * DAY_MS), ownFactor: factor.default(2) }).prefault({}),
      'policy-tampering': rule({}).prefault({}),
      'clock-tampering': rule({ leastMs: duration.default(5 * MINUTE_MS) }).prefault({}),
      'log-finding': rule({}).prefault({}),
    })
    .prefault({}),
});

export type AlarmPolicy = z.infer<typeof alarmsSchema>;
