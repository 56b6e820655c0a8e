import { newAllergy, noKnownAllergies, refutedAllergy } from './allergies.ts';
import { newAnswers } from './answers.ts';
import { checkedIn } from './appointments.ts';
import { faultsIn } from './check.ts';
import { asCorrected } from './corrected.ts';
import { doneIn } from './deeds.ts';
import { givenIn } from './given.ts';
import { newImmunization } from './immunizations.ts';
import { newMedication, stoppedMedication } from './medications.ts';
import { addedNote, amendedNote, newNote, newSoapNote, signedNote } from './notes.ts';
import { changedProblem, newProblem } from './problems.ts';
import { provenanceOf } from './provenance.ts';
import { newSpecimen } from './specimens.ts';
import { changedTask, newTask } from './tasks.ts';
import { newVisit, numberIn, renumbered } from './visits.ts';
import { correctedVitalSign, newVitalSign } from './vital-signs.ts';
import { enteredInError } from './withdrawn.ts';
import { worded } from './worded.ts';

/** What makes FHIR resources of what a clinician typed. */
export const composer = {
  newNote,
  amendedNote,
  newSoapNote,
  signedNote,
  addedNote,
  newVitalSign,
  correctedVitalSign,
  newAllergy,
  noKnownAllergies,
  refutedAllergy,
  newProblem,
  changedProblem,
  newMedication,
  stoppedMedication,
  newTask,
  changedTask,
  newImmunization,
  newVisit,
  newSpecimen,
  renumbered,
  numberIn,
  checkedIn,
  newAnswers,
  enteredInError,
  asCorrected,
  givenIn,
  doneIn,
  provenanceOf,
  faultsIn,
  worded,
} as const;
export type Composer = typeof composer;
