import type { Encounter, Reference } from 'fhir/r4';
import { coding, concept, DAY, HOUR, hl7, instant, type Making, reference, SNOMED, YEAR } from './basics.ts';
import type { Bed, Hospital } from './hospital.ts';

const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const CHECK_UP = concept(SNOMED, '185349003', 'Encounter for check up');
const EMERGENCY = concept(SNOMED, '4525004', 'Emergency department patient visit');
const ADMISSION = concept(SNOMED, '32485007', 'Hospital admission');
const BED = hl7('location-physical-type', 'bd', 'Bed');
const EMERGENCY_HOURS = 4;

/** Visits before now: yearly check-ups, and sometimes a stay or a night in the emergency department. */
export function pastEncounters(making: Making, hospital: Hospital): Encounter[] {
  const { random, now } = making;
  const found: Encounter[] = [];
  for (let y = Math.min(6, making.ageYears * 0.9); y > 0.3; y -= 0.8 + random.next()) {
    const [code, display, hours, type] = random.pick([
      ['AMB', 'ambulatory', 0.5, CHECK_UP],
      ['AMB', 'ambulatory', 0.5, CHECK_UP],
      ['EMER', 'emergency', 9, EMERGENCY],
      ['IMP', 'inpatient encounter', 80, ADMISSION],
    ] as const);
    const start = now - y * YEAR;
    found.push(
      making.add<Encounter>({
        resourceType: 'Encounter',
        id: making.newId(),
        status: 'finished',
        class: coding(ACT, code, display),
        type: [type],
        subject: making.subject,
        participant: [{ individual: making.clinician() }],
        period: { start: instant(start), end: instant(start + hours * HOUR) },
        serviceProvider: reference(hospital.organization, hospital.organization.name),
      }),
    );
  }
  return found;
}

/** The stay that is going on, with its ward and bed. */
export function currentStay(
  making: Making,
  hospital: Hospital,
  place: Bed,
  problems: readonly Reference[],
  reason: string,
): { encounter: Encounter; admitted: number } {
  const admitted = Math.max(
    making.born + HOUR,
    making.now - making.random.int(1, 9) * DAY - making.random.int(1, 20) * HOUR,
  );
  const start = instant(admitted);
  // Through the emergency department to the bed: the stay before is over, and only the bed is where the patient is.
  const moved = instant(Math.min(admitted + EMERGENCY_HOURS * HOUR, making.now));
  const encounter = making.add<Encounter>({
    resourceType: 'Encounter',
    id: making.newId(),
    status: 'in-progress',
    class: coding(ACT, 'IMP', 'inpatient encounter'),
    type: [ADMISSION],
    priority: hl7('v3-ActPriority', 'EM', 'emergency'),
    subject: making.subject,
    participant: [
      { type: [hl7('v3-ParticipationType', 'ATND', 'attender')], individual: making.clinician(), period: { start } },
    ],
    period: { start },
    reasonCode: [{ text: reason }],
    ...(problems[0] && { diagnosis: [{ condition: problems[0], rank: 1 }] }),
    location: [
      { location: { display: 'Emergency department' }, status: 'completed', period: { start, end: moved } },
      {
        location: reference(place.bed, `${place.ward.name}, ${place.bed.name}`),
        status: 'active',
        physicalType: BED,
        period: { start: moved },
      },
    ],
    serviceProvider: reference(hospital.organization, hospital.organization.name),
  });
  return { encounter, admitted };
}
