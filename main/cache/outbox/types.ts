/**
 * Types of a patient's record that can be created: those whose `identifier` servers search by, so that a create that is
 * repeated is known again (R4, element and search parameter `identifier` of each); and Provenance, which is known by a tag.
 */
const creatable: ReadonlySet<string> = new Set([
  'AllergyIntolerance',
  'Appointment',
  'CarePlan',
  'CareTeam',
  'ClinicalImpression',
  'Communication',
  'CommunicationRequest',
  'Condition',
  'Consent',
  'DetectedIssue',
  'DeviceRequest',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'EpisodeOfCare',
  'FamilyMemberHistory',
  'Flag',
  'Goal',
  'Immunization',
  'List',
  'Media',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'NutritionOrder',
  'Observation',
  'Patient',
  'Procedure',
  'Provenance',
  'QuestionnaireResponse',
  'RelatedPerson',
  'RiskAssessment',
  'ServiceRequest',
  'Specimen',
  'Task',
]);

export function isCreatable(type: string): boolean {
  return creatable.has(type);
}

/** Types of which no two versions are ever merged without a person (design rule 4). */
export const alwaysDecided = ['AllergyIntolerance', 'Condition', 'MedicationRequest', 'MedicationStatement'] as const;
