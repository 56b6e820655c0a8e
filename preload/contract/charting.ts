import * as z from 'zod';
import { call } from './channel.ts';
import {
  changed,
  coding,
  correctableType,
  NAME_MAX,
  newAllergy,
  newImmunization,
  newMedication,
  newProblem,
  newTask,
  partialDate,
  problemChange,
  soap,
  suggestKind,
  taskStatus,
  why,
} from './clinical.ts';
import { fhirId, text } from './fhir.ts';
import { formAnswers, formFailures } from './forms.ts';
import { NOTE_MAX, noteKind, writeErrors } from './notes.ts';

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

const patient = z.strictObject({ patientId: fhirId });
const written = z.strictObject({ id: fhirId });

/**
 * Writing in the chart. Each call is decided, recorded and durable when it answers; what it wrote is in the chart at
 * once, as not yet sent, can be withdrawn (`sync.withdraw`) until it is, and carries a Provenance.
 */
export const charting = {
  calls: {
    /** Refutes with it what states that no allergies are known; of a medicine, also that none to drugs are. */
    recordAllergy: call(patient.extend(newAllergy.shape), written, recordErrors),
    /**
     * The coded statement. `allergies-recorded`: there are active ones, whether or not they may be seen;
     * `allergies-unknown`: not all of them are on this workstation, so that nobody can say so here.
     */
    recordNoKnownAllergies: call(patient, written, [...recordErrors, 'allergies-recorded', 'allergies-unknown']),
    refuteAllergy: call(changed.extend({ reason: why }), written, changeErrors),
    recordProblem: call(patient.extend(newProblem.shape), written, recordErrors),
    changeProblem: call(changed.extend(problemChange.shape), written, changeErrors),
    recordMedication: call(patient.extend(newMedication.shape), written, recordErrors),
    /** `end`: the day on which it was last taken; null: today. */
    stopMedication: call(changed.extend({ reason: why, end: partialDate.nullable() }), written, changeErrors),
    recordTask: call(patient.extend(newTask.shape), written, recordErrors),
    changeTask: call(changed.extend({ status: taskStatus, reason: why.nullable() }), written, changeErrors),
    recordImmunization: call(patient.extend(newImmunization.shape), written, recordErrors),
    /**
     * A form (`forms.open`), filled in. `form-changed`: it would be recorded otherwise than it was shown, and is to be shown
     * anew; `form-incomplete`: something in it is wrong.
     */
    recordForm: call(
      patient.extend({ formId: fhirId, versionId: text, answers: formAnswers, digest: z.string().max(100) }),
      written,
      [...recordErrors, 'form-closed', 'form-changed', 'form-incomplete', ...formFailures],
    ),
    /** Of an Appointment. */
    checkIn: call(changed.extend({ status: z.enum(['arrived', 'checked-in']) }), written, changeErrors),
    /** A note in four sections, which `notes.read` tells as one text. `sign`: at once, else with `signNote`. */
    recordNote: call(patient.extend({ kind: noteKind, sections: soap, sign: z.boolean() }), written, recordErrors),
    /** From then on it is never edited: `notes.amend` refuses it, and `addNote` adds to it. */
    signNote: call(changed, written, changeErrors),
    /** A note of its own that is signed, and appends to another one. */
    addNote: call(patient.extend({ noteId: fhirId, body: z.string().trim().min(1).max(NOTE_MAX) }), written, [
      ...changeErrors,
    ]),
    /** `not-sent`: the server has never had it; it is withdrawn instead. */
    markEnteredInError: call(changed.extend({ type: correctableType, reason: why }), written, [
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
