import { amendedNote, newNote } from './notes.ts';
import { correctedVitalSign, newVitalSign } from './vital-signs.ts';

/** What makes FHIR resources of what a clinician typed. */
export const composer = { newNote, amendedNote, newVitalSign, correctedVitalSign } as const;
export type Composer = typeof composer;
