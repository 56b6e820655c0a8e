import type { AccessLine, AlarmLine } from '../../../../../preload/contract/audit.ts';
import { AS_OF } from '../../support/fakeData.ts';

const doctor = { reference: 'Practitioner/dr-7', name: { family: 'Adeyemi', given: 'Tunde', prefix: 'Dr' } };
const nurse = { reference: 'Practitioner/n-2', name: null };

/** An access of a test's own; by a doctor, to a chart. */
export function fakeAccess(change: Partial<AccessLine> = {}): AccessLine {
  return {
    seq: 1,
    at: AS_OF,
    who: doctor,
    patient: { id: 'p1', name: null },
    action: 'read',
    view: 'chart.read',
    resourceType: null,
    outcome: 'done',
    purposes: ['TREAT'],
    emergency: false,
    reason: null,
    workstation: 'ward-7-pc',
    ...change,
  };
}

export function fakeAlarm(change: Partial<AlarmLine> = {}): AlarmLine {
  return {
    id: 'alarm-1',
    seq: 9,
    at: AS_OF,
    rule: 'outside-panel',
    measured: 4,
    threshold: 4,
    about: doctor,
    patient: { id: 'p1', name: { family: 'Okafor', given: 'Ada', prefix: '' } },
    workstation: 'ward-7-pc',
    evidence: 3,
    mark: null,
    sending: 'waiting',
    own: false,
    ...change,
  };
}

export const ACCESSES = [
  fakeAccess({ seq: 3, emergency: true, purposes: ['ETREAT'], reason: 'Found unconscious' }),
  fakeAccess({ seq: 2, who: nurse, outcome: 'refused' }),
  fakeAccess({ seq: 1, action: 'amend-of-a-newer-version', view: null }),
];
