import type { DraftType } from '../../../preload/contract/drafts.ts';
import type { RecordKind } from './write.ts';

export type FormDraftType = Exclude<DraftType, 'DocumentReference' | 'Observation'>;

/** The form in which a draft of a type is gone on with. */
export const KIND_OF_DRAFT: Readonly<Record<FormDraftType, RecordKind | 'questionnaire'>> = {
  AllergyIntolerance: 'allergy',
  Condition: 'problem',
  MedicationStatement: 'medication',
  Immunization: 'immunization',
  Task: 'task',
  QuestionnaireResponse: 'questionnaire',
  Encounter: 'visit',
  Specimen: 'specimen',
};
