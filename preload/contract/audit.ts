import * as z from 'zod';
import { call, event } from './channel.ts';
import { fhirId, instant, nothing, text } from './fhir.ts';
import { personName } from './names.ts';

/** Why an access was not recorded, and so was not done. `audit-degraded`: emergency access still opens charts. */
export const auditErrors = ['audit-unavailable', 'audit-degraded'] as const;
export type AuditError = (typeof auditErrors)[number];

/**
 * What is wrong with a log of accesses, as found at the start, by a verification, or by the verifier. `first` and `end`
 * of a finding say which entries.
 */
export const findingCodes = [
  /** Entries are not there between others. */
  'entry-missing',
  /** An entry is not the one that was hashed. */
  'entry-altered',
  /** An entry is at another place than it says: put in, moved or copied. */
  'entry-misplaced',
  /** An entry doesn't follow the one before it. */
  'chain-broken',
  /** A checkpoint is not there that was anchored. */
  'checkpoint-missing',
  /** A checkpoint can't be read, or isn't signed by the key of its log. */
  'checkpoint-signature',
  /** The entries are not those that a checkpoint was signed for. */
  'checkpoint-root',
  /** The log is shorter than a checkpoint or an anchor says: in the keychain, or on the server's Device. */
  'log-truncated',
  /** The log has another history than an anchor says. */
  'log-differs',
  /** The log that was here is gone. */
  'log-missing',
  /** Another log is in its place. */
  'log-replaced',
  /** The file can't be read. */
  'log-damaged',
  /** The keychain has another signing key than the one of this log, or the server knows a log that it doesn't follow. */
  'device-key-changed',
  /** An anchor is older than one that was written there. */
  'anchor-behind',
  'anchor-missing',
  /** What patients and agents are found by doesn't agree with the entries. */
  'index-altered',
  /** Hashes that proofs are made of don't agree with the entries. */
  'hashes-altered',
] as const;
export type FindingCode = (typeof findingCodes)[number];

const count = z.int().min(0);

/** Something that is wrong with a log. */
export const finding = z.strictObject({
  code: z.enum(findingCodes),
  /** Origin of the log that it is about. */
  log: z.string().max(200),
  /** Entries from `first` to before `end`; none where they are the same. */
  first: count,
  end: count,
});
export type Finding = z.infer<typeof finding>;

/** What is asked of the record of accesses, newest first. */
export const auditFilter = z.strictObject({
  patient: z.string().max(64).optional(),
  /** `Practitioner/<id>`. */
  agent: z.string().max(200).optional(),
  /** Instants in milliseconds: recorded from `from` to before `to`. */
  from: z.int().optional(),
  to: z.int().optional(),
  /** Codes of subtypes, such as `read` or `110122`. */
  actions: z.array(z.string().max(64)).max(50).optional(),
  except: z.array(z.string().max(64)).max(50).optional(),
  /** Only entries before this one: the last that was answered. */
  before: count.optional(),
  limit: z.int().min(1).max(1_000).default(100),
});
export type AuditFilter = z.input<typeof auditFilter>;

/** How the record of accesses stands. */
export const auditStatus = z.strictObject({
  /** Why it can't be written, as a code; charts then open by emergency access only. Null where it can. */
  degraded: z.string().max(100).nullable(),
  /** A verification of the whole of it, as far as it is. */
  verification: z.strictObject({ checked: count, size: count, done: z.boolean() }).nullable(),
});
export type AuditStatus = z.infer<typeof auditStatus>;

/** Rules by which alarms ring; `other`: one that this version doesn't know. */
export const alarmRules = [
  'many-charts',
  'outside-panel',
  'same-family-name',
  'own-record',
  'colleague',
  'confidential',
  'failed-unlocks',
  'unusual-hours',
  'unusual-workstation',
  'emergency-access',
  'bulk-output',
  'after-discharge',
  'policy-tampering',
  'clock-tampering',
  'log-finding',
  'other',
] as const;
export type AlarmRule = (typeof alarmRules)[number];

const reference = z.string().max(200);

/** Somebody who did something: a FHIR reference, and the name where the workstation knows it and it may be told. */
export const reviewedPerson = z.strictObject({ reference, name: personName.nullable() });
export type ReviewedPerson = z.infer<typeof reviewedPerson>;

/** A patient, with her name only where her record of access may be looked at. */
export const reviewedPatient = z.strictObject({ id: fhirId, name: personName.nullable() });

/** One entry of the record of accesses, as a person reads it. */
export const accessLine = z.strictObject({
  seq: count,
  at: instant,
  /** Null where nobody was signed in, or the program did it by itself. */
  who: reviewedPerson.nullable(),
  patient: reviewedPatient.nullable(),
  /** What was done: a code of ours, else of a standard. */
  action: z.string().max(64),
  /** The view or call, such as `chart.read`; type of the record that it is about. */
  view: text.nullable(),
  resourceType: z.string().max(64).nullable(),
  outcome: z.enum(['done', 'refused', 'failed']),
  /** Purposes of use, HL7 v3. */
  purposes: z.array(z.string().max(64)).max(10),
  emergency: z.boolean(),
  /** In the clinician's own words. */
  reason: text.nullable(),
  workstation: text.nullable(),
});
export type AccessLine = z.infer<typeof accessLine>;

/** Why something that is to leave the workstation waits. These pass by themselves; the next ones wait for IT. */
export const passingFailures = [
  'target-unreachable',
  'target-busy',
  'target-failed',
  /** Its server's clinicians have all locked or signed out. */
  'not-signed-in',
  'keychain-closed',
  'cancelled',
] as const;
export const lastingFailures = [
  'access-denied',
  'credentials-missing',
  'target-missing',
  /** It names another address: nothing is sent on to one that IT hasn't named. */
  'target-moved',
  'target-full',
  /** The target takes it, and does not keep it from being altered. */
  'not-write-once',
  'target-certificate',
  'request-refused',
  /** What is to be delivered can't be read from the log. */
  'segment-unreadable',
] as const;
const leavingFailure = z.enum([...passingFailures, ...lastingFailures]);
export type LeavingFailure = z.infer<typeof leavingFailure>;

/** How what leaves the workstation for one place stands. */
const leaving = { problem: leavingFailure.nullable(), needsIt: z.boolean() };
/** The record itself. `delivered`: entries that the target has acknowledged; null before that is known. */
export const deliveryLine = z.strictObject({ target: z.string().max(32), delivered: count.nullable(), ...leaving });
export type DeliveryLine = z.infer<typeof deliveryLine>;

/** By which alarms are sent: a FHIR Communication to the server, a signed request to a service of the organisation. */
export const alarmChannels = ['communication', 'webhook'] as const;
export type AlarmChannel = (typeof alarmChannels)[number];
/** Alarms on their way; `waiting`: how many were not received yet; null before that is known. */
export const sendingLine = z.strictObject({ channel: z.enum(alarmChannels), waiting: count.nullable(), ...leaving });
export type SendingLine = z.infer<typeof sendingLine>;

/** Whether an alarm was told to those whom policy names. `here`: policy names nobody. */
export const alarmSending = z.enum(['here', 'waiting', 'received']);
export type AlarmSending = z.infer<typeof alarmSending>;

export const MARK_REASON_MIN = 4;
export const MARK_REASON_MAX = 1_000;

/** An alarm that has rung. */
export const alarmLine = z.strictObject({
  /** Of its AuditEvent. */
  id: fhirId,
  seq: count,
  at: instant,
  rule: z.enum(alarmRules),
  measured: z.number().nullable(),
  threshold: z.number().nullable(),
  about: reviewedPerson.nullable(),
  patient: reviewedPatient.nullable(),
  workstation: text.nullable(),
  /** Entries that it goes by. */
  evidence: count,
  /** A person has found nothing in it. */
  mark: z.strictObject({ at: instant, who: reviewedPerson.nullable(), reason: text }).nullable(),
  sending: alarmSending,
  /** It is about who asks, so that somebody else has to judge it. */
  own: z.boolean(),
});
export type AlarmLine = z.infer<typeof alarmLine>;

/**
 * Whether the server knows this log's key and how it stands. `not-offered`: it keeps no such thing, or not for this
 * client. `not-reached`, `log-unreadable`: it is tried again.
 */
export const enrolmentStates = ['unknown', 'enrolled', 'not-offered', 'not-reached', 'log-unreadable'] as const;
export type EnrolmentState = (typeof enrolmentStates)[number];

/** How far the record of accesses can be relied on. */
export const integrity = z.strictObject({
  origin: z.string().max(200),
  /** Entries. */
  size: count,
  /** The newest one that the log's own key has signed. */
  checkpoint: z.strictObject({ size: count, at: instant }).nullable(),
  enrolment: z.enum(enrolmentStates),
  /** What was found wrong, newest first; `at`: when that was recorded. */
  findings: z.array(finding.extend({ at: instant.nullable() })).max(100),
  status: auditStatus,
  /** Where the record is delivered, and alarms are sent: as policy names them. */
  delivery: z.array(deliveryLine).max(8),
  sending: z.array(sendingLine).max(alarmChannels.length),
});
export type Integrity = z.infer<typeof integrity>;

/** Most lines of one answer. */
export const REVIEW_PAGE = 100;

export const audit = {
  calls: {
    status: call(nothing, auditStatus),
    /** What is offered: to who may see neither, nothing tells that there is anything. `alarms`: how many are open. */
    offers: call(
      z.strictObject({ patientId: fhirId.nullable() }),
      z.strictObject({ alarms: count.nullable(), access: z.boolean() }),
    ),
    /** Alarms, newest first. `before`: the last that was answered. */
    alarms: call(
      z.strictObject({ before: count.nullable() }),
      z.strictObject({ items: z.array(alarmLine).max(REVIEW_PAGE), next: count.nullable() }),
      [...auditErrors],
    ),
    /** The entries that an alarm goes by, oldest first. */
    evidence: call(
      z.strictObject({ id: fhirId }),
      z.strictObject({ items: z.array(accessLine).max(REVIEW_PAGE), missing: count }),
      ['not-found', ...auditErrors],
    ),
    /** Marks an alarm as a false one. `own-alarm`: nobody judges what is about herself. */
    markFalse: call(
      z.strictObject({ id: fhirId, reason: z.string().trim().min(MARK_REASON_MIN).max(MARK_REASON_MAX) }),
      nothing,
      ['not-found', 'own-alarm', ...auditErrors],
    ),
    /** Who has seen a chart, newest first. `lists`: also that she stood in a list that was shown. */
    accesses: call(
      z.strictObject({
        patientId: fhirId,
        person: reference.nullable(),
        /** Instants in milliseconds, from `from` to before `to`. */
        from: z.int().nullable(),
        to: z.int().nullable(),
        lists: z.boolean(),
        before: count.nullable(),
      }),
      z.strictObject({
        patient: reviewedPatient,
        items: z.array(accessLine).max(REVIEW_PAGE),
        next: count.nullable(),
        /** Everybody who can be filtered by. */
        people: z.array(reviewedPerson).max(500),
      }),
      [...auditErrors],
    ),
    integrity: call(nothing, integrity, [...auditErrors]),
    /** Begins to verify the whole record; how far it is, is told by `changed`. */
    verify: call(nothing, nothing, [...auditErrors]),
    stopVerifying: call(nothing, nothing),
  },
  events: {
    changed: event(auditStatus),
    /** An alarm has rung or was marked; only told to who may see them. */
    alarmsChanged: event(z.strictObject({ open: count })),
  },
} as const;
