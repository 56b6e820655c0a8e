import type { Encounter, Reference } from 'fhir/r4';
import { coding, concept, DAY, HOUR, hl7, instant, type Making, reference, SNOMED, YEAR } from './basics.ts';
import type { Hospital } from './hospital.ts';

const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

/** Visits before now: yearly check-ups, and sometimes a stay or a night in the emergency department. */
export function pastEncounters(making: Making, hospital: Hospital): Encounter[] {
  const { random, now } = making;
  const found: Encounter[] = [];
  for (let y = Math.min(6, making.ageYears * 0.9); y > 0.3; y -= 0.8 + random.next()) {
    const [code, display, hours] = random.pick([
      ['AMB', 'ambulatory', 0.5],
      ['AMB', 'ambulatory', 0.5],
      ['EMER', 'emergency', 9],
      ['IMP', 'inpatient encounter', 80],
    ] as const);
    const start = now - y * YEAR;
    found.push(
      making.add<Encounter>({
        resourceType: 'Encounter',
        id: making.newId(),
        status: 'finished',
        class: coding(ACT, code, display),
        type: [concept(SNOMED, '185349003', 'Encounter for check up')],
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
  place: Hospital['beds'][number],
  problems: readonly Reference[],
  reason: string,
): { encounter: Encounter; admitted: number } {
  const admitted = Math.max(
    making.born + HOUR,
    making.now - making.random.int(1, 9) * DAY - making.random.int(1, 20) * HOUR,
  );
  const start = instant(admitted);
  const encounter = making.add<Encounter>({
    resourceType: 'Encounter',
    id: making.newId(),
    status: 'in-progress',
    class: coding(ACT, 'IMP', 'inpatient encounter'),
    priority: hl7('v3-ActPriority', 'EM', 'emergency'),
    subject: making.subject,
    participant: [
      { type: [hl7('v3-ParticipationType', 'ATND', 'attender')], individual: making.clinician(), period: { start } },
    ],
    period: { start },
    reasonCode: [{ text: reason }],
    ...(problems[0] && { diagnosis: [{ condition: problems[0], rank: 1 }] }),
    location: [
      { location: reference(place.ward, place.ward.name), status: 'active', period: { start } },
      { location: reference(place.bed, `${place.ward.name}, ${place.bed.name}`), status: 'active', period: { start } },
    ],
    serviceProvider: reference(hospital.organization, hospital.organization.name),
  });
  return { encounter, admitted };
}
