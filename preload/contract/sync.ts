import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call, event } from './channel.ts';
import { allergy, deletionsUnknown, medication, problem, sectionState } from './chart.ts';
import { fhirDateTime, fhirId, instant, nothing, text } from './fhir.ts';
import { personName } from './names.ts';
import { EXACT_MAX, exactDifference, saidItem, saidItems } from './said.ts';
import { shownValue, VALUES_SHOWN } from './timeline.ts';

export const syncErrors = [
  'offline',
  'server-unreachable',
  'server-certificate',
  'server-pin',
  'client-certificate',
  'proxy-refused',
  'server-refused',
  'server-error',
  'server-answer-invalid',
  /** The server's data went back in time, or is another's: nothing is fetched or sent until IT has looked. */
  'server-reset',
  /** The Group or List that policy names is not on the server: nobody is taken off the panel for it. */
  'panel-missing',
  'sign-in-needed',
  'disk-full',
  'store-failed',
] as const;
export type SyncError = (typeof syncErrors)[number];

/** Why a server was not accepted. `not-reset`: there is nothing to accept; `host-differs`: another name was typed. */
export const acceptErrors = ['not-reset', 'host-differs', ...auditErrors, 'disk-full', 'store-failed'] as const;
export type AcceptError = (typeof acceptErrors)[number];

/** In the order in which a chart becomes usable; `changes` is an incremental run, `sending` the outbox. */
export const syncPhase = z.enum(['sending', 'panel', 'safety', 'recent', 'rest', 'changes']);
export type SyncPhase = z.infer<typeof syncPhase>;

/**
 * Where an unsent change stands. `waiting`: goes with the next sync; `sending`: sent, the answer is not known yet;
 * `conflict`: the record was changed on the server too, a person decides; `parked`: the server rejected it.
 */
export const changeState = z.enum(['waiting', 'sending', 'conflict', 'parked']);
export type ChangeState = z.infer<typeof changeState>;

const count = z.int().nonnegative();

export const syncStatus = z.strictObject({
  activity: z.enum(['idle', 'running', 'cancelling']),
  /** What the last request said of the server; null before the first one. */
  online: z.boolean().nullable(),
  /** Server time of the last complete sync; null when none was ever completed. */
  asOf: instant.nullable(),
  /** True when everything in scope has been fetched once. */
  complete: z.boolean(),
  /**
   * True only when the last run ended whole, nothing waits, conflicts or is parked, and the server tells of every kind of
   * record what was deleted.
   */
  upToDate: z.boolean(),
  progress: z
    .strictObject({
      phase: syncPhase,
      /** What is being fetched or sent, in a clinician's words. */
      label: text,
      /** Requests of the phase: never more done than total. */
      done: count,
      total: count,
      /** Resources stored in this run. */
      resources: count,
      /** Milliseconds that the phase will still take, from its pace so far; null before there is a pace. */
      remainingMs: count.nullable(),
    })
    .nullable(),
  error: z.strictObject({ code: z.enum(syncErrors), retryAt: instant.nullable() }).nullable(),
  /**
   * Unsent changes by state; `sending` counts as waiting. `duplicates`: see `sync.duplicates`. `unchecked`: visits and
   * specimens among those that wait, of whose downtime numbers the server failed to say whether others have them.
   */
  changes: z.strictObject({ waiting: count, conflicts: count, parked: count, duplicates: count, unchecked: count }),
  /** Server time minus workstation time in milliseconds, where it is over the policy's limit; else null. */
  clockOffsetMs: z.int().nullable(),
  /** When the next run begins by itself. */
  nextRunAt: instant.nullable(),
});
export type SyncStatus = z.infer<typeof syncStatus>;

export const changeId = z.uuid();

/** One issue of an OperationOutcome (R4 operationoutcome.html). */
export const serverIssue = z.strictObject({
  /** Of R4 valueset-issue-type. */
  code: text,
  /** Place of the element that it is about, within the record: `reaction.severity`. */
  at: z.string().max(200).nullable(),
  /** The server's own words. */
  said: text.nullable(),
});
export type ServerIssue = z.infer<typeof serverIssue>;

/**
 * Why a change is parked: a code, what the server's OperationOutcome says issue by issue, and the same in lines, which are
 * all there is of problems of our own.
 */
export const changeProblem = z
  .strictObject({ code: text, lines: z.array(text).max(50), issues: z.array(serverIssue).max(50) })
  .nullable();

/** One unsent change. */
export const pendingChange = z.strictObject({
  id: changeId,
  patientId: fhirId,
  patient: personName,
  resourceType: text,
  resourceId: fhirId,
  /** What it is, in a clinician's words: `Progress note`, `Heart rate 82 /min`. */
  title: text,
  action: z.enum(['create', 'update', 'delete']),
  state: changeState,
  /** Workstation time at which the clinician made it. */
  changedAt: instant,
  attempts: count,
  /** The patient or the record may not be seen (any longer): names and words are left out, and it can be withdrawn only. */
  withheld: z.boolean(),
  problem: changeProblem,
});
export type PendingChange = z.infer<typeof pendingChange>;

/** One element on which base, mine and theirs don't all agree. Null: not there. */
export const conflictField = z.strictObject({
  /** Top-level element of the resource. */
  path: text,
  base: saidItems.nullable(),
  mine: saidItems.nullable(),
  theirs: saidItems.nullable(),
  /** Of a list to which both sides did something: with what either added and without what either took out. */
  both: saidItems.nullable(),
  /** Where something of it is encrypted, and opened when somebody asks (`sealed.revealConflict`). */
  encrypted: z.strictObject({ base: z.boolean(), mine: z.boolean(), theirs: z.boolean() }),
  changedBy: z.enum(['mine', 'theirs', 'both', 'same']),
  /** Where the versions differ, to the character: what they say may read alike. What is encrypted is told apart by nobody. */
  exact: z.strictObject({ all: z.array(exactDifference).max(EXACT_MAX), more: count }),
});
export type ConflictField = z.infer<typeof conflictField>;

const FIELDS_MAX = 200;

export const conflict = z.strictObject({
  change: pendingChange,
  /** Stands for the versions that are shown: a decision names those that it is about. */
  token: text,
  /** The server no longer has the record. */
  deletedOnServer: z.boolean(),
  /** Server time of their version. */
  theirsUpdated: instant.nullable(),
  fields: z.array(conflictField).max(FIELDS_MAX),
  /** Nothing of such a record is taken from either side without a person's word (design rule 4). */
  decideAll: z.boolean(),
});
export type Conflict = z.infer<typeof conflict>;

export const choice = z.enum(['mine', 'theirs', 'both']);
export type Choice = z.infer<typeof choice>;

/**
 * `merged` takes each listed path from one side, or of a list from both; a path that isn't listed keeps whoever changed it
 * alone, but where all has to be decided.
 */
const choices = z.record(z.string().max(200), choice).refine((all) => Object.keys(all).length <= FIELDS_MAX);
export const resolution = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mine') }),
  z.strictObject({ kind: z.literal('theirs') }),
  z.strictObject({ kind: z.literal('merged'), choices }),
]);
export type Resolution = z.infer<typeof resolution>;

/** A merged record as the chart shows such a one. */
export const mergedView = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('allergy'), allergy }),
  z.strictObject({ kind: z.literal('problem'), problem }),
  z.strictObject({ kind: z.literal('medication'), medication }),
  z.strictObject({
    kind: z.literal('entry'),
    title: text,
    details: z.array(saidItem).max(10),
    time: fhirDateTime.nullable(),
    status: text.nullable(),
    values: z.array(shownValue).max(VALUES_SHOWN),
  }),
]);
export type MergedView = z.infer<typeof mergedView>;

/**
 * A record of the server that may be the same visit or specimen as one that was registered here in a downtime.
 * `other-patient`: its number belongs to somebody else there, and one of the two is wrong.
 */
export const duplicate = z.strictObject({
  id: z.uuid(),
  kind: z.enum(['other-patient', 'same-number', 'overlap', 'same-type']),
  patientId: fhirId,
  patient: personName,
  resourceType: z.enum(['Encounter', 'Specimen']),
  resourceId: fhirId,
  /** Of the one that was made here; empty as long as it isn't sent. */
  versionId: text,
  /** What was made here, in a clinician's words, and when, by the workstation's clock. */
  title: text,
  madeAt: instant,
  number: text,
  /** What the server has; null of another patient's. */
  other: z.strictObject({ id: fhirId, title: text, start: text.nullable(), end: text.nullable() }).nullable(),
  foundAt: instant,
  /** The patient or one of the records may not be seen (any longer). */
  withheld: z.boolean(),
});
export type Duplicate = z.infer<typeof duplicate>;

/** What the cache knows of one kind of record of one patient. */
export const knownSection = z.strictObject({
  resourceType: text,
  state: sectionState,
  asOf: instant.nullable(),
  count,
  /** The server doesn't tell what was deleted of it: what is here may have been deleted there. */
  deletionsUnknown,
});
export type KnownSection = z.infer<typeof knownSection>;

const changeCall = z.strictObject({ id: changeId });

export const sync = {
  calls: {
    status: call(nothing, syncStatus),
    start: call(nothing, nothing),
    /** Stops after the page that is under way; what was stored stays, and the next start goes on from there. */
    cancel: call(nothing, nothing),
    /** Every section of one patient: when it was last complete, and how much there is. */
    sections: call(z.strictObject({ patientId: fhirId }), z.strictObject({ items: z.array(knownSection).max(200) }), [
      'not-found',
      ...auditErrors,
    ]),
    /** Unsent changes, oldest first. */
    changes: call(nothing, z.strictObject({ items: z.array(pendingChange).max(1_000), total: count }), [
      ...auditErrors,
    ]),
    /** What others may have registered too, the oldest first. */
    duplicates: call(nothing, z.strictObject({ items: z.array(duplicate).max(500) }), [...auditErrors]),
    /** Both stay: a person has looked at them. Recorded. */
    keepBoth: call(z.strictObject({ id: z.uuid() }), nothing, ['not-found', ...auditErrors]),
    conflict: call(changeCall, conflict, ['not-found', ...auditErrors]),
    /** What choices would make of the conflict of a token. `not-found`: they can't be applied, or not any more. */
    preview: call(changeCall.extend({ token: text, choices }), mergedView, ['not-found', ...auditErrors]),
    /**
     * Decides the conflict of a token, offline too. `not-found`: it was decided or withdrawn meanwhile; `conflict-changed`:
     * another version of the record has come since, or it was edited; `patient-merged`: the patient's record was replaced by
     * another one, so that nothing of one's own goes into it any more; `invalid`: what the choices make is no valid R4, and
     * the detail says why, line by line.
     */
    resolve: call(changeCall.extend({ token: text, resolution }), nothing, [
      'not-found',
      'not-mergeable',
      'conflict-changed',
      'patient-merged',
      'invalid',
      ...auditErrors,
    ]),
    /** Sends a parked change again as it is, with the next run; `patient-merged`: as for a conflict. */
    retry: call(changeCall, nothing, ['not-found', 'patient-merged', ...auditErrors]),
    /**
     * For IT: takes a server that was reset for what it is now. `host` is its name and port, as typed by hand. Nothing is
     * deleted by it; the next sync fetches and compares everything before anything is sent.
     */
    acceptServer: call(z.strictObject({ host: z.string().max(300) }), nothing, acceptErrors),
    /** Withdraws an unsent change: the record is again what the server has. Recorded, and only on a person's word. */
    withdraw: call(changeCall, nothing, ['not-found', 'being-sent', ...auditErrors]),
  },
  events: {
    changed: event(syncStatus),
    /** The list of unsent changes is another one. */
    changesChanged: event(nothing),
  },
} as const;
