import type { KnownSection } from '../../../preload/contract/sync.ts';
import { t } from '../../words/t.ts';

const WORDS: Readonly<Record<string, string>> = {
  AllergyIntolerance: t('Allergies'),
  Appointment: t('Appointments'),
  CarePlan: t('Care plans'),
  CareTeam: t('Care teams'),
  Condition: t('Problems'),
  Consent: t('Consents and directives'),
  Device: t('Devices'),
  DiagnosticReport: t('Reports'),
  DocumentReference: t('Notes and documents'),
  Encounter: t('Encounters'),
  FamilyMemberHistory: t('Family history'),
  Flag: t('Alerts'),
  Goal: t('Goals'),
  Immunization: t('Immunisations'),
  MedicationRequest: t('Prescriptions'),
  MedicationStatement: t('Medicines taken'),
  Observation: t('Results and vital signs'),
  Patient: t('Patient details'),
  Procedure: t('Procedures'),
  QuestionnaireResponse: t('Questionnaires'),
  ServiceRequest: t('Requests'),
  Specimen: t('Specimens'),
  Task: t('Tasks'),
};

/** A kind of record in a clinician's words; a kind that has none is named as FHIR names it. */
export function recordWords({ resourceType }: Pick<KnownSection, 'resourceType'>): string {
  return Object.hasOwn(WORDS, resourceType) ? (WORDS[resourceType] ?? resourceType) : resourceType;
}
