import * as z from 'zod';
import { endpoint } from './audit-delivery.ts';
import { setting, UNCOMPILED } from './setting.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const duration = z
  .int()
  .min(MINUTE_MS)
  .max(366 * DAY_MS);
const count = z.int().min(1).max(1_000_000);
const factor = z.number().min(1).max(1_000_000);

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

const references = z
  .array(z.string().regex(/^(Practitioner|PractitionerRole|Organization)\/[A-Za-z0-9\-.]{1,64}$/))
  .max(50);

/** Names what rings, for IT; what a rule falls to is what it is by itself, which is on. */
function ringing<Shape extends z.ZodRawShape>(text: string, shape: Shape) {
  const own = rule(shape);
  return setting(own.prefault({} as z.input<typeof own>), { text, strictest: own.parse({}, UNCOMPILED) });
}

/** When an alarm rings (docs/operations.md, "Alarms"). */
export const alarmsSchema = z.strictObject({
  recipients: setting(references.default([]), {
    text: 'FHIR references of who is told of alarms: Practitioner, PractitionerRole or Organization.',
    strictest: [],
  }),
  webhook: setting(z.strictObject({ url: endpoint }).nullable().default(null), {
    text: 'A service of the organisation that is told of each alarm by a signed request.',
    strictest: null,
  }),
  historyDays: setting(z.int().min(7).max(90).default(28), {
    text: 'Days whose events make up the habits of a person and of a role.',
    strictest: 28,
  }),
  knownAfterDays: setting(z.int().min(2).max(90).default(8), {
    text: 'Days with work after which the habits of somebody, or of a workstation, count as known.',
    strictest: 8,
  }),
  quietMs: setting(duration.default(12 * HOUR_MS), {
    text: 'What was told once is not told again for so many milliseconds.',
    strictest: HOUR_MS,
  }),
  /**
   * A patient whose care team works at the workstation, and has opened her chart there lately, is the ward's own: that
   * others who have her on their panel open it too is no reason to look at them for a name, a colleague or a public
   * figure. null: it is.
   */
  ward: setting(
    z
      .strictObject({ team: z.int().min(1).default(1), windowMs: duration.default(7 * DAY_MS) })
      .nullable()
      .prefault({}),
    { text: 'When a patient counts as one of the ward that the workstation stands on.', strictest: null },
  ),
  rules: z
    .strictObject({
      'many-charts': ringing('Alarm: many more charts than usual.', {
        ...habit,
        least: count.default(20),
        leastUnknown: count.default(45),
      }),
      'outside-panel': ringing('Alarm: patients who are neither on a care team of hers nor on her panel.', {
        windowMs: duration.default(DAY_MS),
        patients: count.default(4),
      }),
      'same-family-name': ringing('Alarm: a patient with the same family name.', {}),
      'own-record': ringing('Alarm: somebody’s own record.', {}),
      colleague: ringing('Alarm: the record of a colleague.', {}),
      /**
       * Labels of the Patient resource (codes of HL7's, or `system|code`) at which whoever is not on the care team is
       * looked at; any label is enough where nothing relates the two. `unknown`: a level that HL7 doesn't know.
       */
      confidential: ringing('Alarm: a confidential record, by the labels of the Patient.', {
        labels: z.array(z.string()).default(['V', 'unknown', 'CEL', 'VIP', 'EMP']),
      }),
      'failed-unlocks': ringing('Alarm: wrong passphrases.', {
        windowMs: duration.default(15 * MINUTE_MS),
        attempts: count.default(5),
      }),
      'unusual-hours': ringing('Alarm: charts at hours at which neither she nor her role works.', {
        /** Charts that are opened at such an hour. */
        charts: count.default(3),
        /** Share of the days on which she, or her role, works at that hour, below which it is unusual. */
        share: z.number().min(0).max(1).default(0.03),
      }),
      'unusual-workstation': ringing('Alarm: charts at a workstation at which she never works.', {
        charts: count.default(5),
      }),
      'emergency-access': ringing('Alarm: emergency access.', {}),
      'bulk-output': ringing('Alarm: much more printed, exported or copied than usual.', {
        ...habit,
        least: count.default(12),
        leastUnknown: count.default(25),
      }),
      'after-discharge': ringing('Alarm: charts of patients who left long ago.', {
        afterMs: duration.default(30 * DAY_MS),
        ownFactor: factor.default(2),
      }),
      'policy-tampering': ringing('Alarm: access policies that can’t be taken.', {}),
      'clock-tampering': ringing('Alarm: a clock that was set.', { leastMs: duration.default(5 * MINUTE_MS) }),
      'log-finding': ringing('Alarm: a record of accesses that isn’t whole.', {}),
    })
    .prefault({}),
});

export type AlarmPolicy = z.infer<typeof alarmsSchema>;
