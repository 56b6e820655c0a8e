import type { KnownSection } from '../../../preload/contract/sync.ts';

const WORDS: Readonly<Record<string, string>> = {
  AllergyIntolerance: 'Allergies',
  Appointment: 'Appointments',
  CarePlan: 'Care plans',
  CareTeam: 'Care teams',
  Condition: 'Problems',
  Device: 'Devices',
  DiagnosticReport: 'Reports',
  DocumentReference: 'Notes and documents',
  Encounter: 'Encounters',
  FamilyMemberHistory: 'Family history',
  Flag: 'Alerts',
  Goal: 'Goals',
  Immunization: 'Immunisations',
  MedicationRequest: 'Prescriptions',
  MedicationStatement: 'Medicines taken',
  Observation: 'Results and vital signs',
  Patient: 'Patient details',
  Procedure: 'Procedures',
  QuestionnaireResponse: 'Questionnaires',
  ServiceRequest: 'Requests',
  Task: 'Tasks',
};

/** A kind of record in a clinician's words; a kind that has none is named as FHIR names it. */
export function recordWords({ resourceType }: Pick<KnownSection, 'resourceType'>): string {
  return Object.hasOwn(WORDS, resourceType) ? (WORDS[resourceType] ?? resourceType) : resourceType;
}
