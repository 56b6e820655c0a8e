import { describe, expect, it } from 'vitest';
import { openCache } from './support.ts';

const NOW = '2026-03-01T10:00:00Z';
const me = 'Practitioner/me';
const SSN = 'urn:ssn';

const person = (resourceType: string, id: string, rest: object) => ({ resourceType, id, ...rest });
const named = (family: string, given: string, birthDate?: string) => ({
  name: [{ family, given: [given] }],
  ...(birthDate !== undefined && { birthDate }),
});
const stay = (id: string, patient: string, status: string, period: object) => ({
  resourceType: 'Encounter',
  id,
  status,
  class: { code: 'IMP' },
  subject: { reference: `Patient/${patient}` },
  period,
});

/** What is known of the patient `p`, among the resources. */
function tiesAmong(...resources: object[]) {
  const { read, write } = openCache();
  write.startRun({ tasks: [{ label: 'All', resourceType: 'Patient', url: 'Patient', patients: ['p'] }] });
  write.applyPage({ seq: 1, resources: resources.map((one) => JSON.stringify(one)), next: null, serverTime: NOW });
  const ask = () => read.standing({ patientId: 'p', practitioner: me, at: NOW }).ties;
  return { ties: ask(), ask, write };
}

const none = { discharged: null, sameFamilyName: false, ownRecord: false, colleague: false };

describe('what ties a patient and the clinician', () => {
  it('is nothing of a stranger, nor where neither is known', () => {
    const stranger = person('Patient', 'p', named('Ng', 'Ana', '1980-01-02'));
    expect(tiesAmong(stranger, person('Practitioner', 'me', named('Osei', 'Ama', '1980-01-02'))).ties).toEqual(none);
    expect(tiesAmong(stranger).ties).toEqual(none);
    expect(tiesAmong().ties).toEqual(none);
  });

  it.each([
    [
      'the same family name, however it is written',
      named('MÜLLER', 'Ana'),
      named('muller', 'Ben'),
      { sameFamilyName: true },
    ],
    [
      'the same person, by name and date of birth',
      named('Ng', 'Ana', '1980-01-02'),
      named('Ng', 'ana', '1980-01-02'),
      { sameFamilyName: true, ownRecord: true },
    ],
    [
      'the same person, by an identifier',
      { ...named('Ng', 'Ana'), identifier: [{ system: SSN, value: '1' }] },
      { ...named('Osei', 'Ama'), identifier: [{ system: SSN, value: '1' }] },
      { ownRecord: true },
    ],
    [
      'no more than the name where a date of birth is not whole',
      named('Ng', 'Ana', '1980'),
      named('Ng', 'Ana', '1980'),
      { sameFamilyName: true },
    ],
    [
      'nothing by a value of two systems',
      { ...named('Ng', 'Ana'), identifier: [{ system: SSN, value: '1' }] },
      { ...named('Osei', 'Ama'), identifier: [{ system: 'urn:other', value: '1' }] },
      {},
    ],
  ])('is %s', (_what, patient, own, expected) => {
    const { ties } = tiesAmong(person('Patient', 'p', patient), person('Practitioner', 'me', own));
    expect(ties).toEqual({ ...none, ...expected });
  });

  it('tells a colleague by name and date of birth or an identifier, and the clinician herself is none', () => {
    const patient = { ...named('Ng', 'Ana', '1980-01-02'), identifier: [{ system: SSN, value: '1' }] };
    const p = person('Patient', 'p', patient);
    const colleagueOf = (id: string, of: object) => tiesAmong(p, person('Practitioner', id, of)).ties.colleague;
    expect(colleagueOf('other', named('Ng', 'Ana', '1980-01-02'))).toBe(true);
    expect(colleagueOf('other', { ...named('Osei', 'A'), identifier: [{ system: SSN, value: '1' }] })).toBe(true);
    expect(colleagueOf('other', named('Ng', 'Ana', '1980-01-03'))).toBe(false);
    expect(colleagueOf('me', named('Ng', 'Ana', '1980-01-02'))).toBe(false);
  });

  it('is when the last encounter has ended, while none is in progress', () => {
    const p = person('Patient', 'p', {});
    const [early, late] = [
      { start: '2025-01-01T00:00:00Z', end: '2025-01-05T00:00:00Z' },
      { start: '2025-06-01T00:00:00Z', end: '2025-06-09T08:00:00Z' },
    ];
    const past = [stay('a', 'p', 'finished', early), stay('b', 'p', 'finished', late)];
    expect(tiesAmong(p, ...past).ties.discharged).toBe('2025-06-09T08:00:00.000Z');
    expect(tiesAmong(p, ...past, stay('c', 'p', 'in-progress', {})).ties.discharged).toBeNull();
    expect(tiesAmong(p, stay('d', 'p', 'cancelled', late)).ties.discharged).toBeNull();
  });

  it('is told anew as soon as something was written', () => {
    const { ask, write } = tiesAmong(
      person('Patient', 'p', named('Ng', 'Ana')),
      person('Practitioner', 'me', named('Osei', 'A')),
    );
    const married = JSON.stringify({ ...person('Practitioner', 'me', named('Ng', 'A')), meta: { versionId: '2' } });
    write.startRun({ tasks: [{ label: 'All', resourceType: 'Patient', url: 'Patient', patients: ['p'] }] });
    write.applyPage({ seq: 2, resources: [married], next: null, serverTime: '2026-03-01T11:00:00Z' });
    expect(ask().sameFamilyName).toBe(true);
  });
});
