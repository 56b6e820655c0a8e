import type { Condition, Encounter, MedicationRequest, MedicationStatement } from 'fhir/r4';
import {
  concept,
  DAY,
  date,
  decimal,
  hl7,
  instant,
  type Making,
  RXNORM,
  reference,
  SNOMED,
  UCUM,
  YEAR,
  yearsAgo,
} from './basics.ts';
import type { Drug, Picture } from './pictures.ts';

/** Problems and what is given for them. */
export function problems(making: Making, picture: Picture): Condition[] {
  const childhood = { code: '38907003', display: 'Varicella', since: 60, resolved: true as const };
  const listed = making.ageYears > 16 ? [...picture.problems, childhood] : picture.problems;
  const sensible = listed.filter((problem) => problem.code !== '77386006' || making.female);
  const found = sensible.map((problem) => {
    const onset = yearsAgo(making, problem.since, problem.since / 2);
    const status = problem.resolved ? 'resolved' : 'active';
    return making.add<Condition>({
      resourceType: 'Condition',
      id: making.newId(),
      clinicalStatus: hl7('condition-clinical', status, problem.resolved ? 'Resolved' : 'Active'),
      verificationStatus: hl7('condition-ver-status', 'confirmed', 'Confirmed'),
      category: [hl7('condition-category', 'problem-list-item', 'Problem List Item')],
      code: concept(SNOMED, problem.code, problem.display),
      subject: making.subject,
      onsetDateTime: date(onset),
      ...(problem.resolved && { abatementDateTime: date(Math.min(making.now, onset + 30 * DAY)) }),
      recordedDate: date(onset),
      recorder: making.clinician(),
    });
  });
  if (making.random.chance(0.15)) {
    making.add<Condition>({
      resourceType: 'Condition',
      id: making.newId(),
      verificationStatus: hl7('condition-ver-status', 'entered-in-error', 'Entered in Error'),
      category: [hl7('condition-category', 'problem-list-item', 'Problem List Item')],
      code: concept(SNOMED, '363346000', 'Malignant neoplastic disease'),
      subject: making.subject,
      recordedDate: date(yearsAgo(making, 3, 0.2)),
      note: [{ text: 'Wrong patient.' }],
    });
  }
  return found;
}

const ROUTES = {
  oral: concept(SNOMED, '26643006', 'Oral route'),
  subcutaneous: concept(SNOMED, '34206005', 'Subcutaneous route'),
  intravenous: concept(SNOMED, '47625008', 'Intravenous route'),
  inhaled: concept(SNOMED, '447694001', 'Respiratory tract route'),
};

function order(
  making: Making,
  drug: Drug,
  status: MedicationRequest['status'],
  authored: number,
  encounter: Encounter | undefined,
) {
  making.add<MedicationRequest>({
    resourceType: 'MedicationRequest',
    id: making.newId(),
    status,
    ...(status === 'on-hold' && { statusReason: { text: 'Held: acute kidney injury' } }),
    ...(status === 'stopped' && { statusReason: { text: 'Course finished' } }),
    intent: 'order',
    category: [
      hl7('medicationrequest-category', encounter ? 'inpatient' : 'community', encounter ? 'Inpatient' : 'Community'),
    ],
    medicationCodeableConcept: concept(RXNORM, drug.code, drug.display),
    subject: making.subject,
    ...(encounter && { encounter: reference(encounter) }),
    authoredOn: instant(authored),
    requester: making.clinician(),
    dosageInstruction: [
      {
        text: drug.text,
        timing: { repeat: { frequency: drug.perDay, period: 1, periodUnit: 'd' } },
        ...(drug.asNeeded && { asNeededBoolean: true }),
        route: ROUTES[drug.route],
        doseAndRate: [
          { doseQuantity: { value: decimal(drug.dose, 0), unit: drug.unit, system: UCUM, code: drug.unit } },
        ],
      },
    ],
  });
}

/** Someone with a reaction to penicillins gets no cephalosporin from this generator. */
const BETA_LACTAM = /ceftriaxone|penicillin/;

export function medications(
  making: Making,
  picture: Picture,
  stay: { encounter: Encounter; admitted: number } | undefined,
  noBetaLactam: boolean,
): void {
  const { random, now } = making;
  const drugs = picture.drugs.filter((drug) => !(noBetaLactam && BETA_LACTAM.test(drug.display)));
  for (const [i, drug] of drugs.entries()) {
    const acute = drug.route === 'intravenous' || drug.route === 'subcutaneous';
    const authored = acute && stay ? stay.admitted : yearsAgo(making, 3, 0.05);
    const status = i === 2 && random.chance(0.5) ? 'on-hold' : 'active';
    order(making, drug, status, authored, acute ? stay?.encounter : undefined);
    if (random.chance(0.4)) order(making, drug, 'stopped', yearsAgo(making, 5, 1), undefined);
  }
  if (making.ageYears > 18 && random.chance(0.4)) {
    making.add<MedicationStatement>({
      resourceType: 'MedicationStatement',
      id: making.newId(),
      status: 'active',
      medicationCodeableConcept: random.chance(0.5)
        ? { text: 'St John’s wort, from the market' }
        : concept(RXNORM, '310965', 'ibuprofen 200 MG Oral Tablet'),
      subject: making.subject,
      effectivePeriod: { start: date(now - random.int(1, 24) * (YEAR / 12)) },
      informationSource: making.subject,
      dosage: [{ text: 'Takes one or two when needed' }],
    });
  }
}
