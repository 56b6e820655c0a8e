import { describe, expect, it } from 'vitest';
import { refutedAllergy } from '../../../main/writing/allergies.ts';
import { checkedIn } from '../../../main/writing/appointments.ts';
import type { Base } from '../../../main/writing/change.ts';
import { stoppedMedication } from '../../../main/writing/medications.ts';
import { addedNote, amendedNote, signedNote } from '../../../main/writing/notes.ts';
import { changedProblem } from '../../../main/writing/problems.ts';
import type { Written } from '../../../main/writing/resource.ts';
import { changedTask } from '../../../main/writing/tasks.ts';
import { enteredInError } from '../../../main/writing/withdrawn.ts';
import type { CorrectableType } from '../../../preload/contract/clinical.ts';
import { checked, stored, writing } from './support.ts';

const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';
const status = (system: string, code: string) => ({ coding: [{ system: `${TERMINOLOGY}/${system}`, code }] });
const whom = { reference: 'Patient/p1' };

/** A valid record of each type, with something that no change may touch. */
const records = {
  AllergyIntolerance: {
    resourceType: 'AllergyIntolerance',
    clinicalStatus: status('allergyintolerance-clinical', 'active'),
    verificationStatus: status('allergyintolerance-verification', 'confirmed'),
    code: { text: 'Latex' },
    patient: whom,
    note: [{ text: 'From the referral' }],
  },
  Condition: {
    resourceType: 'Condition',
    clinicalStatus: status('condition-clinical', 'active'),
    verificationStatus: status('condition-ver-status', 'confirmed'),
    category: [status('condition-category', 'problem-list-item')],
    code: { text: 'Asthma' },
    subject: whom,
    onsetDateTime: '2019',
  },
  MedicationStatement: {
    resourceType: 'MedicationStatement',
    status: 'active',
    medicationCodeableConcept: { text: 'Ramipril' },
    subject: whom,
    effectiveDateTime: '2024-02',
  },
  Task: {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    description: 'Call the family',
    for: whom,
    authoredOn: '2026-03-12T16:00:00+01:00',
  },
  Immunization: {
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { text: 'MMR' },
    patient: whom,
    occurrenceDateTime: '2025-10-01',
  },
  Appointment: {
    resourceType: 'Appointment',
    status: 'booked',
    description: 'Clinic',
    participant: [
      { actor: whom, status: 'accepted' },
      { actor: { reference: 'Practitioner/x' }, status: 'accepted' },
    ],
    start: '2026-03-12T15:00:00Z',
    end: '2026-03-12T15:30:00Z',
  },
  Observation: {
    resourceType: 'Observation',
    status: 'final',
    category: [status('observation-category', 'vital-signs')],
    code: { text: 'Heart rate' },
    subject: whom,
    valueQuantity: { value: 82 },
  },
  DocumentReference: {
    resourceType: 'DocumentReference',
    status: 'current',
    docStatus: 'preliminary',
    description: 'Ward round',
    subject: whom,
    content: [{ attachment: { contentType: 'text/plain', data: 'eA==' } }],
  },
  QuestionnaireResponse: {
    resourceType: 'QuestionnaireResponse',
    questionnaire: 'https://hospital.example/fhir/Questionnaire/skin-risk|1.0',
    status: 'completed',
    subject: whom,
    item: [{ linkId: 'score', answer: [{ valueInteger: 12 }] }],
  },
  Encounter: {
    resourceType: 'Encounter',
    status: 'in-progress',
    class: { code: 'EMER' },
    subject: whom,
    participant: [{ individual: { reference: 'Practitioner/dr' } }],
  },
  Specimen: {
    resourceType: 'Specimen',
    status: 'available',
    subject: whom,
    collection: { collector: { reference: 'Practitioner/dr' } },
  },
} satisfies Record<CorrectableType, object>;

type Answer = { ok: true; value: Written } | { ok: false; error: { code: string } };
const reason = 'Was read off another chart';
const done = async (answer: Answer, base: Base) => {
  if (!answer.ok) throw new Error(answer.error.code);
  return checked(answer.value, base.resource);
};
const code = (answer: Answer) => (answer.ok ? 'ok' : answer.error.code);

const changes: Record<string, [CorrectableType, (base: Base, at?: typeof writing) => Answer, object]> = {
  refute: [
    'AllergyIntolerance',
    (base, at = writing) => refutedAllergy({ ...base, reason }, at),
    {
      verificationStatus: { coding: [{ code: 'refuted' }] },
      clinicalStatus: { coding: [{ code: 'inactive' }] },
      note: [{ text: 'From the referral' }, { text: reason, authorReference: { reference: 'Practitioner/dr' } }],
    },
  ],
  resolve: [
    'Condition',
    (base, at = writing) => changedProblem({ ...base, change: 'resolve', end: null, reason: null }, at),
    { clinicalStatus: { coding: [{ code: 'resolved' }] }, abatementDateTime: '2026-03-12', onsetDateTime: '2019' },
  ],
  stop: [
    'MedicationStatement',
    (base, at = writing) => stoppedMedication({ ...base, reason, end: '2026-03' }, at),
    { status: 'stopped', statusReason: [{ text: reason }], effectivePeriod: { start: '2024-02', end: '2026-03' } },
  ],
  // The workstation's clock is behind the one that the task was written by.
  task: [
    'Task',
    (base, at = writing) => changedTask({ ...base, status: 'completed', reason: null }, at),
    { status: 'completed', lastModified: '2026-03-12T16:00:00+01:00' },
  ],
  checkIn: [
    'Appointment',
    (base, at = writing) => checkedIn({ ...base, status: 'checked-in' }, at),
    { status: 'checked-in', participant: records.Appointment.participant },
  ],
  sign: [
    'DocumentReference',
    (base, at = writing) => signedNote(base, at),
    { docStatus: 'final', authenticator: { reference: 'Practitioner/dr' } },
  ],
};

describe.each(Object.entries(changes))('%s', (_, [type, change, says]) => {
  const base = stored(records[type]);

  it('keeps all else, and is valid R4', async () => {
    const resource = await done(change(base), base);
    expect(resource).toMatchObject(says);
    expect(resource).toMatchObject({ resourceType: type, id: 'r1', meta: { versionId: '7' } });
  });

  it('refuses another version, another patient’s, a part of one, and what it was done to already', () => {
    expect(code(change({ ...base, versionId: '6' }))).toBe('stale');
    expect(code(change(base, { ...writing, patientId: 'p2' }))).toBe('not-found');
    const part = { versionId: '7', tag: [{ code: 'SUBSETTED' }] };
    expect(code(change(stored({ ...records[type], meta: part })))).toBe('not-changeable');
    const once = change(base);
    if (!once.ok) throw new Error(once.error.code);
    expect(code(change({ ...base, resource: once.value.body }))).toBe('not-changeable');
  });
});

describe('a problem', () => {
  it('that is active again has not ended', async () => {
    const resolved = { ...records.Condition, clinicalStatus: status('condition-clinical', 'resolved') };
    const base = stored({ ...resolved, abatementDateTime: '2024' });
    const back = await done(changedProblem({ ...base, change: 'reactivate', end: null, reason }, writing), base);
    expect(back).not.toHaveProperty('abatementDateTime');
    expect(back).toMatchObject({ clinicalStatus: { coding: [{ code: 'active' }] }, note: [{ text: reason }] });
  });
});

describe('a task', () => {
  it.each(['cancelled', 'rejected', 'failed', 'on-hold'] as const)('is not %s without a reason', (next) => {
    const base = stored(records.Task);
    expect(code(changedTask({ ...base, status: next, reason: null }, writing))).toBe('not-changeable');
    expect(code(changedTask({ ...base, status: next, reason }, writing))).toBe('ok');
  });
});

describe('a signed note', () => {
  const signed = stored({ ...records.DocumentReference, docStatus: 'final', authenticator: whom });
  it('is never edited', () => {
    expect(code(amendedNote({ ...signed, body: 'other' }, writing))).toBe('not-amendable');
    const unsent = { resource: JSON.stringify({ ...JSON.parse(signed.resource), meta: {} }), versionId: '' };
    expect(code(amendedNote({ ...unsent, body: 'other' }, writing))).toBe('not-amendable');
  });

  it('is added to by a signed note of its own', async () => {
    const added = await done(addedNote({ ...signed, body: 'Also: afebrile.' }, writing), { ...signed, resource: '{}' });
    expect(added).toMatchObject({
      id: writing.id,
      relatesTo: [{ code: 'appends', target: { reference: 'DocumentReference/r1' } }],
      authenticator: { reference: 'Practitioner/dr' },
      description: 'Addendum: Ward round',
    });
    expect(code(addedNote({ ...signed, body: 'x' }, { ...writing, patientId: 'p2' }))).toBe('not-found');
  });
});

describe('entered in error', () => {
  it.each(Object.entries(records) as [CorrectableType, object][])(
    '%s is marked so, and is valid R4',
    async (type, record) => {
      const base = stored(record);
      const marked = await done(enteredInError(type, { ...base, reason }, writing), base);
      expect(JSON.stringify(marked)).toContain('entered-in-error');
      expect(code(enteredInError(type, { ...base, resource: JSON.stringify(marked), reason }, writing))).toBe(
        'not-changeable',
      );
      expect(code(enteredInError(type, { ...base, versionId: '8', reason }, writing))).toBe('stale');
    },
  );

  it('is a problem that has ended as well', async () => {
    const base = stored({
      ...records.Condition,
      clinicalStatus: status('condition-clinical', 'resolved'),
      abatementDateTime: '2024',
    });
    await done(enteredInError('Condition', { ...base, reason }, writing), base);
  });

  it('is no result of a laboratory, and nothing that was never sent', () => {
    const lab = stored({ ...records.Observation, category: [status('observation-category', 'laboratory')] });
    expect(code(enteredInError('Observation', { ...lab, reason }, writing))).toBe('not-changeable');
    const unsent = { resource: JSON.stringify({ ...records.Task, id: 'r1' }), versionId: '' };
    expect(code(enteredInError('Task', { ...unsent, reason }, writing))).toBe('not-sent');
  });
});
