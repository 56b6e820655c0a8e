import type { AllergyIntolerance, CodeableConcept } from 'fhir/r4';
import { concept, date, hl7, type Making, RXNORM, SNOMED, yearsAgo } from './basics.ts';

/**
 * Every kind of certainty about allergies, since a chart must keep them apart: present, unconfirmed, refuted, wrongly
 * entered, resolved, free text only, stated absence (of all, of drugs), and nothing recorded at all.
 */
export type AllergyPicture =
  | 'anaphylaxis'
  | 'coded'
  | 'unconfirmed'
  | 'refuted'
  | 'enteredInError'
  | 'resolved'
  | 'none-known'
  | 'no-drug-known'
  | 'freeText'
  | 'several'
  | 'nothing-recorded';

export const ALLERGY_PICTURES: readonly AllergyPicture[] = [
  'coded',
  'none-known',
  'nothing-recorded',
  'unconfirmed',
  'no-drug-known',
  'refuted',
  'freeText',
  'several',
  'resolved',
  'enteredInError',
];

type Clinical = 'active' | 'inactive' | 'resolved';
type Verification = 'confirmed' | 'unconfirmed' | 'refuted' | 'entered-in-error';

const clinical = (code: Clinical) => hl7('allergyintolerance-clinical', code, code[0]!.toUpperCase() + code.slice(1));
const verification = (code: Verification) => hl7('allergyintolerance-verification', code, code);

const PENICILLIN = concept(SNOMED, '91936005', 'Allergy to penicillin');
const SUBSTANCES: {
  code: CodeableConcept;
  category: 'medication' | 'food' | 'environment';
  reaction: CodeableConcept;
}[] = [
  {
    code: concept(RXNORM, '7980', 'Penicillin G'),
    category: 'medication',
    reaction: concept(SNOMED, '126485001', 'Urticaria'),
  },
  {
    code: concept(RXNORM, '10831', 'Sulfamethoxazole / Trimethoprim'),
    category: 'medication',
    reaction: concept(SNOMED, '271807003', 'Eruption of skin'),
  },
  {
    code: concept(SNOMED, '91935009', 'Allergy to peanut'),
    category: 'food',
    reaction: concept(SNOMED, '41291007', 'Angioedema'),
  },
  {
    code: concept(SNOMED, '300916003', 'Latex allergy'),
    category: 'environment',
    reaction: concept(SNOMED, '40275004', 'Contact dermatitis'),
  },
  {
    code: concept(RXNORM, '1191', 'Aspirin'),
    category: 'medication',
    reaction: concept(SNOMED, '56018004', 'Wheezing'),
  },
];

interface Shape {
  clinical?: Clinical;
  verification: Verification;
}

function record(making: Making, code: CodeableConcept, shape: Shape, more: Partial<AllergyIntolerance> = {}): void {
  making.add<AllergyIntolerance>({
    resourceType: 'AllergyIntolerance',
    id: making.newId(),
    // FHIR R4 ait-1 and ait-2: no clinical status on what was entered in error, one on everything else.
    ...(shape.clinical && { clinicalStatus: clinical(shape.clinical) }),
    verificationStatus: verification(shape.verification),
    code,
    patient: making.subject,
    recordedDate: date(yearsAgo(making, 10, 0.2)),
    recorder: making.clinician(),
    ...more,
  });
}

const ACTIVE: Shape = { clinical: 'active', verification: 'confirmed' };

function coded(making: Making, substance: (typeof SUBSTANCES)[number], shape: Shape): void {
  record(making, substance.code, shape, {
    type: 'allergy',
    category: [substance.category],
    criticality: making.random.pick(['low', 'high', 'unable-to-assess'] as const),
    reaction: [{ manifestation: [substance.reaction], severity: making.random.pick(['mild', 'moderate'] as const) }],
  });
}

export function allergies(making: Making, picture: AllergyPicture): void {
  const { random } = making;
  const substance = random.pick(SUBSTANCES);
  switch (picture) {
    case 'anaphylaxis':
      record(making, PENICILLIN, ACTIVE, {
        type: 'allergy',
        category: ['medication'],
        criticality: 'high',
        note: [{ text: 'Cardiac arrest after IV benzylpenicillin. Do NOT give any beta-lactam.' }],
        reaction: [
          {
            substance: concept(RXNORM, '7980', 'Penicillin G'),
            manifestation: [concept(SNOMED, '39579001', 'Anaphylaxis')],
            severity: 'severe',
            onset: date(yearsAgo(making, 12, 8)),
          },
        ],
      });
      break;
    case 'coded':
      coded(making, substance, ACTIVE);
      break;
    case 'several':
      for (const one of SUBSTANCES.filter((other) => other !== substance)) coded(making, one, ACTIVE);
      coded(making, substance, { clinical: 'inactive', verification: 'unconfirmed' });
      break;
    case 'unconfirmed':
      coded(making, substance, { clinical: 'active', verification: 'unconfirmed' });
      break;
    case 'refuted':
      coded(making, substance, { clinical: 'inactive', verification: 'refuted' });
      break;
    case 'enteredInError':
      coded(making, substance, { verification: 'entered-in-error' });
      break;
    case 'resolved':
      coded(making, substance, { clinical: 'resolved', verification: 'confirmed' });
      break;
    case 'none-known':
      record(making, concept(SNOMED, '716186003', 'No known allergy'), ACTIVE);
      break;
    case 'no-drug-known':
      record(making, concept(SNOMED, '409137002', 'No known drug allergy'), ACTIVE, {
        category: ['medication'],
      });
      break;
    case 'freeText':
      record(
        making,
        { text: 'Bad reaction to "the pink antibiotic syrup" as a child – mother reports' },
        {
          clinical: 'active',
          verification: 'unconfirmed',
        },
      );
      break;
    case 'nothing-recorded':
      return;
  }
}
