import type { DocumentReference, Encounter } from 'fhir/r4';
import { concept, DAY, HOUR, hl7, instant, LOINC, type Making, reference, YEAR } from './basics.ts';
import type { Picture } from './pictures.ts';

/** Free-text notes as clinicians write them, held inline as text/plain. */
const KINDS = {
  progress: ['11506-3', 'Progress note'],
  discharge: ['18842-5', 'Discharge summary'],
  admission: ['34117-2', 'History and physical note'],
  nursing: ['34746-8', 'Nurse note'],
} as const;

function note(
  making: Making,
  kind: keyof typeof KINDS,
  time: number,
  text: string,
  encounter: Encounter | undefined,
): void {
  const [code, display] = KINDS[kind];
  const data = Buffer.from(text, 'utf8');
  making.add<DocumentReference>({
    resourceType: 'DocumentReference',
    id: making.newId(),
    status: 'current',
    docStatus: 'final',
    type: concept(LOINC, code, display),
    category: [hl7('us-core-documentreference-category', 'clinical-note', 'Clinical Note')],
    subject: making.subject,
    date: instant(time),
    author: [making.clinician()],
    description: display,
    content: [
      {
        attachment: {
          contentType: 'text/plain; charset=utf-8',
          language: 'en',
          data: data.toString('base64'),
          size: data.length,
          title: display,
          creation: instant(time),
        },
      },
    ],
    ...(encounter && { context: { encounter: [reference(encounter)] } }),
  });
}

const HISTORY = [
  'Lives alone in a first-floor flat, 14 steps, daughter nearby and visits most days.',
  'Retired. Independent with personal care, walks with a stick outdoors.',
  'Lives with partner and two children; non-smoker, alcohol occasional.',
  'Ex-smoker (30 pack-years, stopped 2011). Keen gardener.',
];
const FINDINGS = [
  'Chest: bibasal crackles, no wheeze. HS I + II + 0. Calves soft, non-tender.',
  'Abdomen soft, mild tenderness RIF, no guarding. Bowel sounds present.',
  'GCS 15/15. PEARL. Power 5/5 throughout. No focal neurology.',
  'Warm peripheries, CRT < 2 s, mucous membranes dry. JVP not raised.',
];
const PLANS = [
  'Repeat U&Es and CRP in the morning; strict fluid balance.',
  'Aim SpO₂ 94–98 % (88–92 % if CO₂ retainer). Wean O₂ as able.',
  'VTE prophylaxis prescribed. Physio and OT referrals sent.',
  'Discuss ceiling of care with patient and family this afternoon.',
  'Chase echo; daily weights; target negative 500 mL.',
];
const NURSING = [
  'Settled night. Repositioned 2-hourly, skin intact. Drank 450 mL. Pain score 2/10 at rest.',
  'Assisted with wash. Ate half of breakfast. Family updated by phone at 10:40.',
  'Anxious overnight, reassured. Cannula left forearm resited, old site clean.',
];

function admission({ random }: Making, picture: Picture): string {
  return `ADMISSION NOTE (synthetic)

Presenting complaint: ${picture.reason}.

History of presenting complaint:
Symptoms for ${random.int(2, 9)} days, worse over the last ${random.int(6, 36)} hours. Denies recent travel. No unwell contacts.

Past medical history:
${picture.problems.map((problem) => `- ${problem.display}${problem.resolved ? ' (resolved)' : ''}`).join('\n')}

Drug history: see medication chart. Allergies: see allergy list, checked with the patient.

Social history: ${random.pick(HISTORY)}

Examination:
${random.some(FINDINGS, 3).join('\n')}

Impression: ${picture.reason}.

Plan:
${random
  .some(PLANS, 4)
  .map((plan, i) => `${i + 1}. ${plan}`)
  .join('\n')}
`;
}

function progress({ random }: Making, picture: Picture, day: number): string {
  return `Ward round, day ${day}

${picture.reason}. ${random.pick(['Feels better today.', 'Tired but comfortable.', 'Poor night, now settled.'])}
O/E: ${random.pick(FINDINGS)}
Plan: ${random.some(PLANS, 2).join(' ')}
`;
}

function discharge(making: Making, picture: Picture): string {
  const course = Array.from({ length: 6 }, () => making.random.pick([...FINDINGS, ...PLANS, ...NURSING]));
  return `DISCHARGE SUMMARY (synthetic)

Diagnosis: ${picture.problems[0]?.display ?? picture.reason}

Course in hospital:
${course.join('\n')}

Follow-up: GP to repeat bloods in 2 weeks. Clinic in ${making.random.int(4, 12)} weeks.
Medication changes are listed in the medication section. Return at once if breathless, feverish or in pain.
`;
}

export function notes(
  making: Making,
  picture: Picture,
  stay: { encounter: Encounter; admitted: number } | undefined,
  past: readonly Encounter[],
): void {
  const { random, now } = making;
  for (const encounter of past.filter((e) => e.class.code === 'IMP').slice(0, 2)) {
    note(making, 'discharge', Date.parse(encounter.period?.end ?? ''), discharge(making, picture), encounter);
  }
  if (!stay) {
    if (making.ageYears > 1)
      note(making, 'progress', now - random.next() * YEAR, progress(making, picture, 1), undefined);
    return;
  }
  note(making, 'admission', stay.admitted + HOUR, admission(making, picture), stay.encounter);
  const days = Math.floor((now - stay.admitted) / DAY);
  for (let day = 1; day <= Math.min(days, 6); day += 1) {
    note(making, 'progress', stay.admitted + day * DAY, progress(making, picture, day), stay.encounter);
    if (day % 2 === 1)
      note(making, 'nursing', stay.admitted + day * DAY + 6 * HOUR, random.pick(NURSING), stay.encounter);
  }
}
