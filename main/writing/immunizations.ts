import { LosslessNumber } from 'lossless-json';
import type { NewImmunization } from '../../preload/contract/clinical.ts';
import { phrase } from '../../preload/contract/placeholders.ts';
import { conceptOf, during, noted, patientOf, writerOf, written } from './change.ts';
import { coded, routeOf, siteOf } from './codes.ts';
import { instantOf, type JsonObject, type Writing, type Written } from './resource.ts';

const FUNCTION = 'http://terminology.hl7.org/CodeSystem/v2-0443';

/** A vaccine that was given, or was not and why (R4 immunization.html). */
export function newImmunization(given: NewImmunization, writing: Writing): Written {
  const { vaccine, occurrence, notDone, note, doseNumber } = given;
  const time = instantOf(writing);
  const resource = {
    resourceType: 'Immunization',
    id: writing.id,
    status: notDone === null ? 'completed' : 'not-done',
    ...(notDone !== null && { statusReason: { text: notDone } }),
    vaccineCode: conceptOf(vaccine),
    patient: patientOf(writing),
    ...during(writing),
    occurrenceDateTime: occurrence ?? time,
    recorded: time,
    primarySource: true,
    ...(notDone === null && administered(given, writing)),
    ...noted(note, writing),
    ...(doseNumber !== null && {
      protocolApplied: [{ doseNumberPositiveInt: new LosslessNumber(String(doseNumber)) }],
    }),
  };
  return written(resource, phrase(notDone === null ? 'new-vaccine' : 'new-vaccine-not-given', vaccine.text)).value;
}

/** What there is to say of a vaccine that was given only. */
function administered({ lot, expiry, site, route, dose }: NewImmunization, writing: Writing): JsonObject {
  const doseQuantity = dose && {
    value: new LosslessNumber(dose),
    unit: 'mL',
    system: 'http://unitsofmeasure.org',
    code: 'mL',
  };
  return {
    ...(lot && { lotNumber: lot }),
    ...(expiry && { expirationDate: expiry }),
    ...(site && { site: siteOf(site) }),
    ...(route && { route: routeOf(route) }),
    ...(doseQuantity && { doseQuantity }),
    performer: [{ function: coded(FUNCTION, 'AP', 'Administering Provider'), actor: writerOf(writing) }],
  };
}
