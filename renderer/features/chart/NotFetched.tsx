import { t } from '../../words/t.ts';
import css from './stored.module.css';

/** Kinds of a patient's records that no sync asks for (R4 compartmentdefinition-patient): of these nothing is here. */
export const NOT_FETCHED: readonly string[] = [
  ...['Account', 'AdverseEvent', 'AppointmentResponse', 'AuditEvent', 'Basic', 'BodyStructure', 'ChargeItem', 'Claim'],
  ...['ClaimResponse', 'ClinicalImpression', 'Communication', 'CommunicationRequest', 'Composition'],
  ...['Coverage', 'CoverageEligibilityRequest', 'CoverageEligibilityResponse', 'DetectedIssue', 'DeviceRequest'],
  ...['DeviceUseStatement', 'DocumentManifest', 'EnrollmentRequest', 'EpisodeOfCare', 'ExplanationOfBenefit', 'Group'],
  ...['ImagingStudy', 'ImmunizationEvaluation', 'ImmunizationRecommendation', 'Invoice', 'List', 'MeasureReport'],
  ...['Media', 'MedicationAdministration', 'MedicationDispense', 'MolecularSequence', 'NutritionOrder', 'Person'],
  ...['Provenance', 'RelatedPerson', 'RequestGroup', 'ResearchSubject', 'RiskAssessment', 'Schedule'],
  ...['SupplyDelivery', 'SupplyRequest', 'VisionPrescription'],
];

/** What a chart can't show, whatever the server has of it: nobody may take it for nothing being there (design rule 7). */
export function NotFetched() {
  return (
    <details className={css.others} data-testid="not-fetched">
      <summary>
        {t(
          'Wardlight does not fetch other kinds of records, such as doses given, imaging studies and messages. Look for them in the hospital’s own system.',
        )}
      </summary>
      <p lang="en">{NOT_FETCHED.join(', ')}</p>
    </details>
  );
}
