const named = { text: 'x', coding: null };
const reason = 'Was a mistake.';

/** A request of each call that writes in a chart; records are those of the ward, `<patient>-<type>`. */
export function chartingRequests(patientId: string): Record<string, Record<string, unknown>> {
  const shown = (type: string) => ({ patientId, id: `${patientId}-${type}`, versionId: '1' });
  return {
    'charting.parked': { patientId, type: 'AllergyIntolerance', id: `${patientId}-AllergyIntolerance` },
    'charting.recordAllergy': {
      ...{ patientId, substance: named, category: [], criticality: null, verification: 'confirmed' },
      ...{ onset: null, reactions: [], note: null },
    },
    'charting.recordNoKnownAllergies': { patientId },
    'charting.refuteAllergy': { ...shown('AllergyIntolerance'), reason },
    'charting.recordProblem': {
      ...{ patientId, problem: named, verification: 'confirmed', severity: null, onset: null, note: null },
    },
    'charting.changeProblem': { ...shown('Condition'), change: 'resolve', end: null, reason: null },
    'charting.recordMedication': {
      ...{ patientId, drug: named, status: 'active', dose: null, route: null, frequency: null, asNeeded: false },
      ...{ instruction: null, since: null, note: null },
    },
    'charting.stopMedication': { ...shown('MedicationStatement'), reason, end: null },
    'charting.recordTask': { patientId, title: 'x', owner: null, due: null, priority: 'routine', note: null },
    'charting.changeTask': { ...shown('Task'), status: 'completed', reason: null },
    'charting.recordImmunization': {
      ...{ patientId, vaccine: named, occurrence: null, notDone: null, lot: null, expiry: null, site: null },
      ...{ route: null, dose: null, doseNumber: null, note: null },
    },
    'charting.recordForm': { patientId, formId: 'f', versionId: '1', answers: {}, digest: '' },
    'charting.startVisit': { patientId, class: null, reason: 'Fall', number: { kind: 'next' } },
    'charting.labelSpecimen': { patientId, type: 'urine', text: null, collected: null, number: { kind: 'next' } },
    'charting.checkIn': { ...shown('Appointment'), status: 'arrived' },
    'charting.recordNote': {
      ...{ patientId, kind: 'progress', language: 'en', sign: true },
      sections: { subjective: 'x', objective: '', assessment: '', plan: '' },
    },
    'charting.signNote': shown('DocumentReference'),
    'charting.addNote': { patientId, noteId: `${patientId}-DocumentReference`, body: 'x' },
    'charting.markEnteredInError': { ...shown('Condition'), type: 'Condition', reason },
  };
}
