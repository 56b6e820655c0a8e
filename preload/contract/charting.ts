import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call } from './channel.ts';
import {
  changed,
  coding,
  correctableType,
  deed,
  NAME_MAX,
  newAllergy,
  newImmunization,
  newMedication,
  newProblem,
  newSpecimen,
  newTask,
  newVisit,
  partialDate,
  problemChange,
  soap,
  suggestKind,
  taskStatus,
  why,
} from './clinical.ts';
import { fhirId, instant, text } from './fhir.ts';
import { formAnswers, formFailures, formReading } from './forms.ts';
import { LANGUAGES } from './languages.ts';
import { NOTE_MAX, noteKind, writeErrors } from './notes.ts';
import { changeId, changeProblem } from './sync.ts';

/**
 * Of a new record. `invalid`: it is no valid FHIR R4; `detail` says where and why, in words without anything that was
 * typed, a line for each fault.
 */
export const recordErrors = [...writeErrors, 'invalid'] as const;

/**
 * Of a change. `stale`: it is another version than the one that was shown. `not-changeable`: in its state, or as a part
 * of it only is here, the record can't be changed so.
 */
export const changeErrors = [...recordErrors, 'not-found', 'stale', 'not-changeable'] as const;

/**
 * Of a record with a number that was reserved for this workstation. `not-in-downtime`: policy wants the EHR to give it as
 * long as the server is there; `numbers-off`: there are none of the kind; `numbers-unknown`: which were given can't be told;
 * `pool-empty`: all were. Of a number from paper: `number-wrong` is none of their form, or is mistyped by its check;
 * `number-not-reserved` was never given to paper; `number-used` has a record already.
 */
export const numberErrors = [
  'not-in-downtime',
  'numbers-off',
  'numbers-unknown',
  'pool-empty',
  'number-wrong',
  'number-not-reserved',
  'number-used',
] as const;
export type NumberError = (typeof numberErrors)[number];

/**
 * The rejected change in whose place this is sent: the old one is withdrawn and this is queued at once, under the same
 * identifiers and on the same base. Where it isn't there any more as it was shown, nothing is done: `not-parked` of a new
 * record, `stale` of a change.
 */
const corrects = changeId.optional();
const correctErrors = ['not-parked'] as const;

/** What was typed into a form that the server has rejected, or what was done to a record. */
const rejected = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('allergy'), given: newAllergy }),
  z.strictObject({ kind: z.literal('problem'), given: newProblem }),
  z.strictObject({ kind: z.literal('medication'), given: newMedication }),
  z.strictObject({ kind: z.literal('task'), given: newTask }),
  z.strictObject({ kind: z.literal('immunization'), given: newImmunization }),
  z.strictObject({ kind: z.literal('visit'), given: newVisit }),
  z.strictObject({ kind: z.literal('specimen'), given: newSpecimen }),
  z.strictObject({ kind: z.literal('deed'), deed, reason: why.nullable(), end: partialDate.nullable() }),
  z.strictObject({
    kind: z.literal('form'),
    formId: fhirId,
    formVersion: text,
    answers: formAnswers,
    openedAt: formReading,
  }),
]);
export type Rejected = z.infer<typeof rejected>;

/** A change that the server has rejected, as it can be corrected. */
const parkedRecord = z.strictObject({
  changeId,
  /** The version that was changed; empty of a new record. */
  versionId: text,
  title: text,
  changedAt: instant,
  problem: changeProblem,
  rejected,
});
export type ParkedRecord = z.infer<typeof parkedRecord>;

const patient = z.strictObject({ patientId: fhirId });
const written = z.strictObject({ id: fhirId });
/** With the number that it has now, and no other ever will. */
const numbered = written.extend({ number: z.string().max(64) });

/**
 * Writing in the chart. Each call is decided, recorded and durable when it answers; what it wrote is in the chart at
 * once, as not yet sent, can be withdrawn (`sync.withdraw`) until it is, and carries a Provenance.
 */
export const charting = {
  calls: {
    /**
     * A rejected change of a record, to be corrected in the form in which it was written; recorded as a look at the record.
     * `not-correctable`: no form here says all that is in it; it can be sent again as it is, or withdrawn.
     */
    parked: call(patient.extend({ type: correctableType, id: fhirId }), parkedRecord, [
      'not-found',
      'not-correctable',
      ...auditErrors,
    ]),
    /** Refutes with it what states that no allergies are known; of a medicine, also that none to drugs are. */
    recordAllergy: call(patient.extend({ ...newAllergy.shape, corrects }), written, [
      ...recordErrors,
      ...correctErrors,
    ]),
    /**
     * The coded statement. `allergies-recorded`: there are active ones, whether or not they may be seen;
     * `allergies-unknown`: not all of them are on this workstation, so that nobody can say so here.
     */
    recordNoKnownAllergies: call(patient, written, [...recordErrors, 'allergies-recorded', 'allergies-unknown']),
    refuteAllergy: call(changed.extend({ reason: why, corrects }), written, [...changeErrors, ...correctErrors]),
    recordProblem: call(patient.extend({ ...newProblem.shape, corrects }), written, [
      ...recordErrors,
      ...correctErrors,
    ]),
    changeProblem: call(changed.extend({ ...problemChange.shape, corrects }), written, [...changeErrors]),
    recordMedication: call(patient.extend({ ...newMedication.shape, corrects }), written, [
      ...recordErrors,
      ...correctErrors,
    ]),
    /** `end`: the day on which it was last taken; null: today. */
    stopMedication: call(changed.extend({ reason: why, end: partialDate.nullable(), corrects }), written, [
      ...changeErrors,
    ]),
    recordTask: call(patient.extend({ ...newTask.shape, corrects }), written, [...recordErrors, ...correctErrors]),
    changeTask: call(changed.extend({ status: taskStatus, reason: why.nullable(), corrects }), written, [
      ...changeErrors,
    ]),
    recordImmunization: call(patient.extend({ ...newImmunization.shape, corrects }), written, [
      ...recordErrors,
      ...correctErrors,
    ]),
    /**
     * A form (`forms.open`), filled in. `form-changed`: it would be recorded otherwise than it was shown, and is to be shown
     * anew; `form-incomplete`: something in it is wrong.
     */
    recordForm: call(
      patient.extend({
        ...{ formId: fhirId, versionId: text, answers: formAnswers, digest: z.string().max(100), corrects },
      }),
      written,
      [...recordErrors, ...correctErrors, 'form-closed', 'form-changed', 'form-incomplete', ...formFailures],
    ),
    /**
     * A visit in progress with a visit number. It is as durable as the record when this answers. One that is corrected
     * keeps its number, and its times.
     */
    startVisit: call(patient.extend({ ...newVisit.shape, corrects }), numbered, [
      ...recordErrors,
      ...numberErrors,
      ...correctErrors,
    ]),
    /** `out-of-range`: collected in the future. */
    labelSpecimen: call(patient.extend({ ...newSpecimen.shape, corrects }), numbered, [
      ...recordErrors,
      ...numberErrors,
      ...correctErrors,
      'out-of-range',
    ]),
    /** Another number for a visit or specimen that was never sent, as its own is somebody else's. */
    renumber: call(changed.extend({ type: z.enum(['Encounter', 'Specimen']) }), numbered, [
      ...changeErrors,
      ...numberErrors,
    ]),
    /** Of an Appointment. */
    checkIn: call(changed.extend({ status: z.enum(['arrived', 'checked-in']), corrects }), written, [...changeErrors]),
    /**
     * A note in four sections, which `notes.read` tells as one text. `language`: of its headings.
     * `sign`: at once, else with `signNote`.
     */
    recordNote: call(
      patient.extend({ kind: noteKind, sections: soap, language: z.enum(LANGUAGES), sign: z.boolean() }),
      written,
      recordErrors,
    ),
    /** From then on it is never edited: `notes.amend` refuses it, and `addNote` adds to it. */
    signNote: call(changed, written, changeErrors),
    /** A note of its own that is signed, and appends to another one. */
    addNote: call(patient.extend({ noteId: fhirId, body: z.string().trim().min(1).max(NOTE_MAX) }), written, [
      ...changeErrors,
    ]),
    /** `not-sent`: the server has never had it; it is withdrawn instead. */
    markEnteredInError: call(changed.extend({ type: correctableType, reason: why, corrects }), written, [
      ...changeErrors,
      'not-sent',
    ]),
    /**
     * Codings that records of the clinician's patients have: those of which words begin with all words of the query, the
     * most used first. Nothing of whose records they are.
     */
    suggest: call(
      z.strictObject({ kind: suggestKind, query: z.string().trim().min(1).max(NAME_MAX) }),
      z.strictObject({ items: z.array(coding).max(20) }),
    ),
  },
  events: {},
} as const;
