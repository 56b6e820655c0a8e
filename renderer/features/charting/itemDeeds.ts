import type { Allergy, EncounterItem, Medication, ObservationItem, Problem } from '../../../preload/contract/chart.ts';
import type { RecordView } from '../../../preload/contract/timeline.ts';
import { shortName } from '../../parts/codeNames.ts';
import { t } from '../../words/t.ts';
import type { Deed, WritableItem } from './write.ts';

/*
 * What can be done to records as they are. Main decides; this only spares people a button that can't work.
 */

type Base = Pick<Allergy, 'id' | 'versionId' | 'unsent'>;

function item(
  type: WritableItem['type'],
  { id, versionId, unsent }: Base,
  title: string,
  deeds: readonly Deed[],
): WritableItem {
  return { type, id, versionId, unsent, title, deeds };
}

export function allergyItem(allergy: Allergy): WritableItem {
  const { verificationStatus: now, substance } = allergy;
  if (now === 'entered-in-error') return item('AllergyIntolerance', allergy, substance, []);
  const deeds: Deed[] = now === 'refuted' ? ['entered-in-error'] : ['refute', 'entered-in-error'];
  return item('AllergyIntolerance', allergy, substance, deeds);
}

/** By clinical status; one that is none of these counts as active. */
const PROBLEM_DEEDS: Readonly<Record<string, readonly Deed[]>> = {
  active: ['resolve', 'inactivate'],
  inactive: ['reactivate', 'resolve'],
  remission: ['reactivate', 'resolve'],
  resolved: ['reactivate'],
};

export function problemItem(problem: Problem): WritableItem {
  const { verificationStatus, clinicalStatus, text } = problem;
  if (verificationStatus === 'entered-in-error') return item('Condition', problem, text, []);
  const deeds =
    verificationStatus === 'refuted' ? [] : (PROBLEM_DEEDS[clinicalStatus] ?? PROBLEM_DEEDS['active'] ?? []);
  return item('Condition', problem, text, [...deeds, 'entered-in-error']);
}

/** A prescription is changed where it was made. */
export function medicationItem(medication: Medication): WritableItem | null {
  const { source, status, drug } = medication;
  if (source !== 'MedicationStatement') return null;
  const isTaken = ['active', 'intended', 'on-hold'].includes(status);
  if (status === 'entered-in-error') return item('MedicationStatement', medication, drug, []);
  return item('MedicationStatement', medication, drug, isTaken ? ['stop', 'entered-in-error'] : ['entered-in-error']);
}

/** Its number is corrected in a dialog of its own. */
export function vitalItem(vital: ObservationItem): WritableItem {
  const isOver = ['entered-in-error', 'cancelled'].includes(vital.status);
  const title = [shortName(vital), vital.value, vital.unit].filter(Boolean).join(' ');
  return item('Observation', vital, title, isOver ? [] : ['entered-in-error']);
}

/** By the type of record, where its state is not known: what can't be done as it is, main says. */
const RECORD_DEEDS: Readonly<Record<string, readonly Deed[]>> = {
  // A statement that there are none is on no card.
  AllergyIntolerance: ['refute', 'entered-in-error'],
  Task: ['accepted', 'in-progress', 'completed', 'on-hold', 'cancelled', 'rejected', 'failed', 'entered-in-error'],
  Appointment: ['arrived', 'checked-in', 'entered-in-error'],
  Immunization: ['entered-in-error'],
  QuestionnaireResponse: ['entered-in-error'],
  Encounter: ['entered-in-error'],
  Specimen: ['entered-in-error'],
};

/** A record of any type. One that is unsent is shown without the version that would be changed. */
export function recordItem(record: RecordView): WritableItem {
  const { type, id, title, shown } = record;
  const { versionId, unsent } = shown;
  const deeds = unsent === null ? (RECORD_DEEDS[type] ?? []) : [];
  return { type, id, title, versionId, unsent, deeds, ...(type === 'Specimen' && { labelled: type }) };
}

/** A visit that was registered here can be taken back here, and no other. */
export function visitItem(visit: EncounterItem): WritableItem {
  const { number, isOurs, status } = visit;
  const title = number === null ? visit.type : t('Visit {number}', { number });
  const deeds: Deed[] = isOurs && status !== 'entered-in-error' ? ['entered-in-error'] : [];
  return {
    ...item('Encounter', visit, title, deeds),
    ...(isOurs && number !== null && { labelled: 'Encounter' as const }),
  };
}
