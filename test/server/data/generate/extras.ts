import type {
  Appointment,
  CarePlan,
  Condition,
  Consent,
  Encounter,
  Flag,
  Goal,
  Immunization,
  Patient,
  Procedure,
  RelatedPerson,
  ServiceRequest,
} from 'fhir/r4';
import { concept, DAY, date, HOUR, hl7, instant, type Making, reference, SNOMED, YEAR, yearsAgo } from './basics.ts';

/** The rest of a record: what warns, what was done, what is planned, and who to call. */
function flag(making: Making, code: string, display: string, category: string, encounter: Encounter | undefined): void {
  making.add<Flag>({
    resourceType: 'Flag',
    id: making.newId(),
    status: 'active',
    category: [hl7('flag-category', category, category[0]!.toUpperCase() + category.slice(1))],
    code: concept(SNOMED, code, display),
    subject: making.subject,
    period: { start: date(making.now - making.random.int(0, 6) * DAY) },
    ...(encounter && { encounter: reference(encounter) }),
    author: making.clinician(),
  });
}

export function flags(making: Making, encounter: Encounter | undefined): void {
  if (!encounter) return;
  const { random, ageYears } = making;
  if (ageYears > 70) flag(making, '129839007', 'At risk for falls', 'safety', encounter);
  if (random.chance(0.15)) flag(making, '40174006', 'Isolation procedure: MRSA carrier', 'contact', encounter);
  const full = !(ageYears > 85 && random.chance(0.7));
  flag(
    making,
    full ? '304252001' : '304253006',
    full ? 'For resuscitation' : 'Not for resuscitation (DNACPR)',
    'clinical',
    encounter,
  );
}

/** Who isn't to be resuscitated has said so, in writing. */
export function directives(making: Making, encounter: Encounter | undefined): void {
  if (!encounter || making.ageYears <= 85) return;
  making.add<Consent>({
    resourceType: 'Consent',
    id: making.newId(),
    status: 'active',
    scope: { coding: [{ system: CONSENT_SCOPE, code: 'adr', display: 'Advanced Care Directive' }] },
    category: [hl7('consentcategorycodes', 'acd', 'Advance Directive')],
    patient: making.subject,
    dateTime: date(making.now - 90 * DAY),
    policyRule: { text: 'Advance directive' },
  });
}

const CONSENT_SCOPE = 'http://terminology.hl7.org/CodeSystem/consentscope';

const VACCINES = [
  ['140', 'Influenza, seasonal, injectable, preservative free'],
  ['213', 'SARS-COV-2 (COVID-19) vaccine, UNSPECIFIED'],
  ['33', 'pneumococcal polysaccharide PPV23'],
  ['115', 'Tdap'],
] as const;

export function immunizations(making: Making): void {
  const { random, ageYears } = making;
  const count = ageYears < 0.2 ? 1 : random.int(4, 8);
  for (let i = 0; i < count; i += 1) {
    const [code, display] =
      ageYears < 0.2 ? (['08', 'Hep B, adolescent or pediatric'] as const) : random.pick(VACCINES);
    const refused = random.chance(0.08);
    making.add<Immunization>({
      resourceType: 'Immunization',
      id: making.newId(),
      status: refused ? 'not-done' : 'completed',
      ...(refused && { statusReason: hl7('v3-ActReason', 'PATOBJ', 'patient objection') }),
      vaccineCode: concept('http://hl7.org/fhir/sid/cvx', code, display),
      patient: making.subject,
      occurrenceDateTime: date(yearsAgo(making, 8, 0.01)),
      primarySource: true,
    });
  }
}

const PROCEDURES = [
  ['399208008', 'Plain chest X-ray'],
  ['268400002', '12 lead electrocardiogram'],
  ['40701008', 'Echocardiography'],
  ['73761001', 'Colonoscopy'],
  ['80146002', 'Appendectomy'],
] as const;

export function procedures(making: Making, encounter: Encounter | undefined): void {
  const { random } = making;
  if (making.ageYears < 1) return;
  for (const [code, display] of random.some(PROCEDURES, random.int(2, 4))) {
    making.add<Procedure>({
      resourceType: 'Procedure',
      id: making.newId(),
      status: 'completed',
      code: concept(SNOMED, code, display),
      subject: making.subject,
      performedDateTime: instant(yearsAgo(making, 6, 0.02)),
      performer: [{ actor: making.clinician() }],
    });
  }
  if (!encounter) return;
  making.add<ServiceRequest>({
    resourceType: 'ServiceRequest',
    id: making.newId(),
    status: 'active',
    intent: 'order',
    priority: random.pick(['routine', 'urgent'] as const),
    code: concept(SNOMED, '40701008', 'Echocardiography'),
    subject: making.subject,
    encounter: reference(encounter),
    authoredOn: instant(making.now - random.int(2, 30) * HOUR),
    requester: making.clinician(),
  });
}

export function plans(making: Making, problems: readonly Condition[]): void {
  const { random, now } = making;
  const main = problems[0];
  if (!main || making.ageYears < 16) return;
  const goal = making.add<Goal>({
    resourceType: 'Goal',
    id: making.newId(),
    lifecycleStatus: 'active',
    description: {
      text: random.pick(['Walk to the shop unaided', 'Be home for the wedding on the 20th', 'HbA1c below 58 mmol/mol']),
    },
    subject: making.subject,
    startDate: date(now - 40 * DAY),
    addresses: [reference(main)],
  });
  making.add<CarePlan>({
    resourceType: 'CarePlan',
    id: making.newId(),
    status: 'active',
    intent: 'plan',
    title: `Plan for ${main.code?.text?.toLowerCase()}`,
    subject: making.subject,
    period: { start: date(now - 40 * DAY) },
    addresses: [reference(main)],
    goal: [reference(goal)],
    activity: [{ detail: { status: 'in-progress', description: 'Daily review by the ward team' } }],
  });
  if (!random.chance(0.5)) return;
  const start = now + random.int(5, 60) * DAY;
  making.add<Appointment>({
    resourceType: 'Appointment',
    id: making.newId(),
    status: 'booked',
    description: 'Outpatient follow-up',
    start: instant(start),
    end: instant(start + HOUR / 2),
    participant: [
      { actor: making.subject, status: 'accepted' },
      { actor: making.clinician(), status: 'accepted' },
    ],
  });
}

export function nextOfKin(making: Making, patient: Patient): void {
  const { random, ageYears } = making;
  const child = ageYears < 18;
  const family = patient.name?.[0]?.family ?? 'Unknown';
  const [given, gender] = random.pick([
    ['Sam', 'other'],
    ['Rosa', 'female'],
    ['David', 'male'],
  ] as const);
  making.add<RelatedPerson>({
    resourceType: 'RelatedPerson',
    id: making.newId(),
    active: true,
    patient: making.subject,
    relationship: [child ? hl7('v3-RoleCode', 'PRN', 'parent') : hl7('v2-0131', 'N', 'Next-of-Kin')],
    name: [{ text: `${given} ${family}`, family, given: [given] }],
    telecom: [{ system: 'phone', value: `+44 1632 960${random.int(100, 999)}` }],
    gender,
    ...(child && { birthDate: date(making.now - (ageYears + 28) * YEAR) }),
  });
}
